
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
    [InlineData("big endian", "expected little-endian data, got big-endian")]
    [InlineData("version 3", "expected metadata of version 4 or 5, got 3")]
    [InlineData("another way to compress", "expected each buffer compressed separately, got another method")]
    [InlineData("two schemas", "expected one schema, got a second")]
    [InlineData("no dictionary", "column 'odd': expected dictionary 0 before the batch, got none")]
    [InlineData("wrong length before compression", "LZ4: expected a block of at most")]
    public void What_is_not_read_is_refused_by_name(string name, string message)
    {
        var bytes = Golden.Odd(name);
        var inPlace = Assert.Throws<ArrowFormatException>(() => Golden.ReadInPlace(bytes)).Message;
        var fromStart = Assert.Throws<ArrowFormatException>(() => Golden.ReadFromStart(new MemoryStream(bytes))).Message;
        Assert.StartsWith(message, inPlace, StringComparison.Ordinal);
        Assert.EndsWith(inPlace, fromStart, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("decimal", "decimal")]
    [InlineData("sparse union", "sparse_union")]
    [InlineData("dense union", "dense_union")]
    [InlineData("map", "map<")]
    [InlineData("interval year-month", "interval")]
    [InlineData("interval day-time", "interval")]
    [InlineData("interval month-day-nano", "interval")]
    [InlineData("run ends", "run_end_encoded<")]
    [InlineData("list view", "list_view<")]
    [InlineData("large list view", "large_list_view<")]
    public void Columns_that_a_batch_cannot_hold_are_left_out_by_name(string name, string type)
    {
        using var batches = new ArrowBatches(new MemoryStream(Golden.Odd(name)));
        var read = batches.Read();
        Assert.Contains($"': {type}", Assert.Single(batches.LeftOut), StringComparison.Ordinal);
        Assert.DoesNotContain(batches.Schema.FieldsList, static f => f.Name == "odd");
        Assert.Equal(batches.Schema.FieldsList.Count, read?.ColumnCount ?? batches.Schema.FieldsList.Count);
    }

    [Theory, InlineData("binary view", "binary"), InlineData("text view", "utf8"), InlineData("within a list", "list<odd utf8>")]
    public void Views_are_read_as_texts_and_binaries(string name, string type)
    {
        using var batches = new ArrowBatches(new MemoryStream(Golden.Odd(name)));
        batches.Read();
        Assert.Empty(batches.LeftOut);
        Assert.Equal(type, Assert.Single(batches.Schema.FieldsList).TypeText());
    }

    private static TheoryData<string> Names(string pattern) => [.. Directory.GetFiles(Golden.Folder, pattern)
        .Select(static p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];
}
