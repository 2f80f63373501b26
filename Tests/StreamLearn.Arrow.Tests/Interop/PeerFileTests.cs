using System.Text.Json.Nodes;

namespace StreamLearn.Arrow.Tests;

/// <summary>What npm's apache-arrow 21.2.0 wrote, or the classes of Arrow's own FlatBuffers schemas, is read to the last value:
/// peer/make.mjs.</summary>
public sealed class PeerFileTests
{
    public static TheoryData<string> Streams => Names("*.arrows");

    public static TheoryData<string> Files => Names("*.arrow");

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_stream_of_another_implementation_is_read_piece_by_piece_and_in_place(string name)
    {
        var (expected, bytes) = (Golden.Expected(name), File.ReadAllBytes(Golden.Of(name)));

        Golden.AssertSame(expected, Golden.ReadFromStart(new MemoryStream(bytes)));
        Golden.AssertSame(expected, Golden.ReadInPlace(bytes));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_of_another_implementation_is_read_by_its_footer(string name) =>
        Golden.AssertSame(Golden.Expected(name), Golden.ReadByFooter(Golden.Of(name)));

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_of_another_implementation_is_read_from_its_start_where_its_schema_is_there(string name)
    {
        using var file = File.OpenRead(Golden.Of(name));
        if (name.EndsWith("@whole.arrow", StringComparison.Ordinal))
        {
            Golden.AssertSame(Golden.Expected(name), Golden.ReadFromStart(file));
        }
        else
        {
            // apache-arrow leaves out the schema that the format wants at the start, also where nothing follows
            var refused = Assert.Throws<ArrowFormatException>(() => Golden.ReadFromStart(file)).Message;
            Assert.StartsWith("message 1 at byte 8: expected a schema", refused, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Entries_that_are_told_twice_stay_twice()
    {
        using var file = File.OpenRead(Golden.Of("layouts.arrows"));
        var reader = new ArrowStreamReader(file);
        KeyValuePair<string, string>[] twice = [new("twice", "1"), new("twice", "2")];

        Assert.Equal(twice, (IEnumerable<KeyValuePair<string, string>>)reader.ReadSchema().Fields[0].Metadata);
        Assert.Equal(twice, (IEnumerable<KeyValuePair<string, string>>)reader.Read()!.Metadata);
    }

    /// <summary>The wrong length is what apache-arrow 21.2.0 writes: that after compression, where the format wants that before.</summary>
    [Theory]
    [InlineData("decimal", "column 'odd': the type Decimal is not read")]
    [InlineData("sparse union", "column 'odd': the type Union is not read")]
    [InlineData("dense union", "column 'odd': the type Union is not read")]
    [InlineData("map", "column 'odd': the type Map is not read")]
    [InlineData("interval year-month", "column 'odd': the type Interval is not read")]
    [InlineData("interval day-time", "column 'odd': the type Interval is not read")]
    [InlineData("interval month-day-nano", "column 'odd': the type Interval is not read")]
    [InlineData("binary view", "column 'odd': the type BinaryView is not read")]
    [InlineData("text view", "column 'odd': the type Utf8View is not read")]
    [InlineData("run ends", "column 'odd': the type RunEndEncoded is not read")]
    [InlineData("list view", "column 'odd': the type ListView is not read")]
    [InlineData("large list view", "column 'odd': the type LargeListView is not read")]
    [InlineData("within a list", "column 'odd': the type Utf8View is not read")]
    [InlineData("big endian", "expected little-endian data, got big-endian")]
    [InlineData("version 3", "expected metadata of version 4 or 5, got 3")]
    [InlineData("zstandard", "bodies compressed by Zstandard are not read, those by LZ4 are")]
    [InlineData("another way to compress", "expected each buffer compressed alone, got another way")]
    [InlineData("two schemas", "expected one schema, got a second")]
    [InlineData("no dictionary", "column 'odd': expected dictionary 0 before the batch, got none")]
    [InlineData("wrong length before compression", "LZ4: expected a block of at most")]
    public void What_is_not_read_is_refused_by_name(string name, string message)
    {
        var all = JsonNode.Parse(File.ReadAllText(Golden.Of("refused.json")))!;
        var bytes = Convert.FromBase64String(all[name]!.GetValue<string>());

        var inPlace = Assert.Throws<ArrowFormatException>(() => Golden.ReadInPlace(bytes)).Message;
        var fromStart = Assert.Throws<ArrowFormatException>(() => Golden.ReadFromStart(new MemoryStream(bytes))).Message;

        Assert.StartsWith(message, inPlace, StringComparison.Ordinal);
        Assert.EndsWith(inPlace, fromStart, StringComparison.Ordinal);
        Assert.Equal(all.AsObject().Count, typeof(PeerFileTests).GetMethod(nameof(What_is_not_read_is_refused_by_name))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).Length);
    }

    private static TheoryData<string> Names(string pattern) => [.. Directory.GetFiles(Golden.Folder, pattern)
        .Select(static p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];
}
