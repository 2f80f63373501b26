using System.Buffers.Binary;
using static StreamLearn.Arrow.Tests.HostileMessages;

namespace StreamLearn.Arrow.Tests;

/// <summary>What files may not be, each rule by its own case; streams and files that end at every byte.</summary>
public sealed class HostileFileTests : IDisposable
{
    private static readonly ArrowBatch Small = HostileCorpus.Coloured(4, ArrowSamples.Entries(3));
    private static readonly byte[] Sound =
        SampleWriter.Written(Small.Schema, ArrowForm.File, false, Small, HostileCorpus.Coloured(5, ArrowSamples.Entries(5)));

    private static readonly byte[] Stream = SampleWriter.Written(Small.Schema, ArrowForm.Stream, true, Small, Small);
    private readonly string _path = Path.GetTempFileName();
    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_stream_that_ends_at_any_byte_is_refused_or_ends_between_two_messages()
    {
        var ends = new List<int>();
        for (var length = 0; length < Stream.Length; length++)
        {
            var reader = new ArrowStreamReader(new MemoryStream(Stream, 0, length));
            ReadOnlyMemory<byte> bytes = Stream.AsMemory(0, length);
            var (inMemory, refusals) = (new MessageReader(), 0);
            try
            {
                while (reader.Read() is not null) { }
                ends.Add(length);
            }
            catch (ArrowFormatException) { refusals++; }

            try
            {
                while (inMemory.Read(ref bytes) is not null) { }
            }
            catch (ArrowFormatException) { refusals++; }

            Assert.True(refusals is 0 or 2 || length == 0, $"{length}");
        }
        Assert.Equal(4, ends.Count);      // behind the schema, the dictionary and two batches
    }

    [Fact]
    public void A_file_that_ends_at_any_byte_is_refused()
    {
        for (var length = 0; length < Sound.Length; length++)
        {
            var refusal = Opening(Sound[..length]);
            Assert.Equal(
                length < 16 ? "expected an Arrow file, got other bytes"
                    : "expected the Arrow magic bytes at the end of the file, got other bytes: the file is cut short", refusal);
        }
        Assert.Null(Opening(Sound));
        Assert.Equal("expected an Arrow file, got other bytes", Opening([0, .. Sound[1..]]));
    }

    [Fact]
    public void A_footer_is_inside_the_file()
    {
        foreach (var length in (int[])[0, -1, int.MinValue, int.MaxValue, Sound.Length - 15])
        {
            var bytes = (byte[])Sound.Clone();
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(bytes.Length - 10), length);
            Assert.Equal($"expected a footer of 1 to {Sound.Length - 16} bytes, got {length}", Opening(bytes));
        }
    }

    [Fact]
    public void A_footer_is_as_long_as_the_limits_and_lists_as_many_messages()
    {
        Assert.Null(Opening(Sound, new() { MaxFileMessages = 2 }));
        Assert.Equal("expected at most 1 messages, got 2", Opening(Sound, new() { MaxFileMessages = 1 }));
        var footer = BinaryPrimitives.ReadInt32LittleEndian(Sound.AsSpan(Sound.Length - 10));
        var limits = new ArrowLimits { MaxFileMessages = 2, MaxMetadataBytes = footer - 49 };
        Assert.Equal($"expected a footer of 1 to {footer - 1} bytes, got {footer}", Opening(Sound, limits));
    }

    [Fact]
    public void Each_footer_that_is_wrong_is_refused_by_its_rule()
    {
        var schema = Small.Schema;
        Assert.Equal("expected a footer of version 4 or 5, got 3", Opening(Built(Footer(flat => flat.Int16(0, 2)))));
        Assert.Equal("expected a footer with a schema, got none", Opening(Built(Footer(flat => flat.Int16(0, Ipc.V5)))));
        Assert.Equal("expected a flat buffer, got an offset or length outside of it", Opening(Built([1])));
        (long Offset, int Metadata, long Body)[] wrong =
        [
            (-8, 64, 0), (0, 64, 0), (12, 64, 0), (8, 3, 0), (8, -1, 0), (8, 64, -1), (8, 64, long.MaxValue), (1 << 20, 64, 0),
            (long.MaxValue - 7, 64, 0), (8, 2_000_000, 0), (8, 64, 20_000_000), (8, 1000, 9000),
        ];
        foreach (var (offset, metadata, body) in wrong)
        {
            var most = ArrowLimits.Default.MaxMessageBytes;
            Assert.Equal(
                body > most ? $"expected messages of at most {most} bytes (MaxMessageBytes), got {body}"
                    : $"expected messages inside the file, got {metadata} + {body} bytes at {offset}",
                Opening(Built(Footer(schema, [], [(offset, metadata, body)]))));
        }
    }

    /// <summary>A file of some kilobytes is not read a million times.</summary>
    [Fact]
    public void Messages_that_repeat_or_overlap_are_refused()
    {
        var schema = Small.Schema;
        List<(long, int, long)> many = [.. Enumerable.Repeat((8L, 1024, 1024L), 5)];
        const string Refused = "expected messages of at most 8200 bytes, the size of the file, got more";
        Assert.Equal(Refused, Opening(Built(Footer(schema, [], many))));
        Assert.Equal(Refused, Opening(Built(Footer(schema, many, []))));
        Assert.Null(Opening(Built(Footer(schema, [], many[..4]))));
    }

    [Fact]
    public void A_message_is_what_the_footer_says()
    {
        var schema = Schema(new ArrowField("x", new(ArrowKind.Int32)));
        var batch = Batch(0, [(0, 0)], [(0, 0), (0, 0)], new byte[8]);
        var file = new ArrowSchema([new("x", new(ArrowKind.Int32))]);
        byte[] At(byte[] message, int metadata, long body) => Built(Footer(file, [], [(8, metadata, body)]), message);
        Assert.Equal("message 1 at byte 8: expected RecordBatch of 0 bytes, got Schema of 0", Reading(At(schema, schema.Length, 0)));
        var metadata = batch.Length - 8;
        Assert.Equal("message 1 at byte 8: expected RecordBatch of 0 bytes, got RecordBatch of 8", Reading(At(batch, metadata, 0)));
        Assert.Equal(
            $"message 1 at byte 8: expected {metadata - 8} bytes of metadata, got {metadata - 8}", Reading(At(batch, metadata - 8, 16)));
        Assert.Equal("message 1 at byte 8: expected 64 bytes of metadata, got 0", Reading(At(End, 64, 8)));
        Assert.Null(Reading(At(batch, metadata, 8)));
    }

    [Fact]
    public void A_dictionary_comes_once_in_a_file()
    {
        var field = new ArrowField("x", new(ArrowKind.Null)) { Dictionary = new(7) };
        var entries = Dictionary(7, false, 1, [(1, 1)], []);
        var file = Footer(new([field]), [(8, entries.Length, 0), (8 + entries.Length, entries.Length, 0)], []);
        Assert.Equal(
            $"message 2 at byte {8 + entries.Length}: expected dictionary 7 once in a file, got it twice",
            Opening(Built(file, Joined(entries, entries))));
    }

    [Fact]
    public void A_file_that_is_cut_while_it_is_open_is_refused()
    {
        using var reader = Opened(Sound);
        using (var file = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) { file.SetLength(500); }
        var refusal = Assert.Throws<ArrowFormatException>(() => reader.Read(1)).Message;
        Assert.EndsWith("expected a whole file, got its end: cut short", refusal, StringComparison.Ordinal);
    }

    private static byte[] Footer(
        ArrowSchema schema, List<(long Offset, int Metadata, long Body)> dictionaries, List<(long Offset, int Metadata, long Body)> batches)
    {
        var flat = new FlatBuilder();
        var (batchBlocks, dictionaryBlocks) = (Messages.Blocks(flat, batches), Messages.Blocks(flat, dictionaries));
        var fields = AnySchema.Write(flat, schema);
        flat.Begin();
        flat.Offset((int)Ipc.FooterField.Schema, fields);
        flat.Offset((int)Ipc.FooterField.Dictionaries, dictionaryBlocks);
        flat.Offset((int)Ipc.FooterField.RecordBatches, batchBlocks);
        flat.Int16((int)Ipc.FooterField.Version, Ipc.V5);
        return flat.Finish(flat.End());
    }

    private static byte[] Footer(Action<FlatBuilder> fields)
    {
        var flat = new FlatBuilder();
        flat.Begin();
        fields(flat);
        return flat.Finish(flat.End());
    }

    /// <summary>A file with a footer, and 8 KB of some messages before.</summary>
    private static byte[] Built(byte[] footer, byte[]? messages = null)
    {
        var bytes = new byte[8200];
        "ARROW1"u8.CopyTo(bytes);
        messages?.CopyTo(bytes, 8);
        return [.. bytes, .. footer, .. BitConverter.GetBytes(footer.Length), .. "ARROW1"u8];
    }

    private ArrowFileReader Opened(byte[] bytes, ArrowLimits? limits = null)
    {
        File.WriteAllBytes(_path, bytes);
        return new(_path, limits);
    }

    private string? Opening(byte[] bytes, ArrowLimits? limits = null)
    {
        try
        {
            Opened(bytes, limits).Dispose();
            return null;
        }
        catch (ArrowFormatException e) { return e.Message; }
    }

    private string? Reading(byte[] bytes)
    {
        using var reader = Opened(bytes);
        try
        {
            reader.Read(0);
            return null;
        }
        catch (ArrowFormatException e) { return e.Message; }
    }
}
