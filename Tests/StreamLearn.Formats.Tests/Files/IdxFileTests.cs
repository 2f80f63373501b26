using System.IO.Compression;

namespace StreamLearn.Formats.Tests;

public sealed class IdxFileTests
{
    /// <summary>Two images of 2 × 3.</summary>
    private static readonly byte[] Images =
        [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255];

    [Fact]
    public void Dimensions_and_items_are_those_of_the_file()
    {
        var file = Read(Images);
        Assert.Equal([2, 2, 3], file.Dimensions.AsSpan());
        Assert.Equal((2, 6), (file.Count, file.ItemBytes));
        Assert.Equal([1, 2, 3, 4, 5, 6], file.Item(0).ToArray());
        Assert.Equal([250, 251, 252, 253, 254, 255], file.Item(1).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Item(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Item(-1));
    }

    [Fact]
    public void Labels_are_items_of_one_byte() => Assert.Equal([9], Read([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]).Item(1).ToArray());

    [Fact]
    public void A_compressed_file_gives_the_same()
    {
        var file = Read(Zipped(Images));
        Assert.Equal(Read(Images).Values.AsSpan(), file.Values.AsSpan());
        Assert.Equal([2, 2, 3], file.Dimensions.AsSpan());
    }

    [Fact]
    public void Many_values_are_read_in_pieces()
    {
        byte[] values = [.. Enumerable.Range(0, 3_000_001).Select(i => (byte)(i * 31))];
        var file = Read([0, 0, 8, 1, 0, 0x2D, 0xC6, 0xC1, .. values]);
        Assert.Equal(values, file.Values.AsSpan());
    }

    [Fact]
    public void A_file_that_is_cut_anywhere_or_goes_on_is_refused()
    {
        for (var length = 0; length < Images.Length; length++)
        {
            var cut = Images[..length];
            Assert.Contains("cut short", Assert.Throws<InvalidDataException>(() => Read(cut)).Message, StringComparison.Ordinal);
            Assert.Throws<InvalidDataException>(() => Read(Zipped(cut)));
        }
        var zipped = Zipped(Images);
        for (var length = 0; length < zipped.Length; length++)
        {
            var cut = zipped[..length];
            Assert.Throws<InvalidDataException>(() => Read(cut));
        }
        Refused([.. Images, 0], "got more");
        Refused(Zipped([.. Images, 0]), "got more");
    }

    [Fact]
    public void What_is_no_idx_file_of_bytes_is_refused()
    {
        Refused([0, 0, 0x0D, 3, .. Images[4..]], "got 0x00000D03");
        Refused([0, 1, 8, 3, .. Images[4..]], "expected an IDX file of unsigned bytes");
        Refused([0, 0, 8, 0, .. Images[4..]], "expected an IDX file of unsigned bytes");
        Refused([0, 0, 8, 9, .. Images[4..]], "expected an IDX file of unsigned bytes");
        Refused([0, 0, 8, 1, 0, 0, 0, 0], "got 0 as dimension 0");
        Refused([0, 0, 8, 2, 0, 1, 0, 0, 0, 1, 0, 0], "got 65536 as dimension 1");
        Refused([0x1f, 0x8b, 8, 3, .. Images[4..]], "the compressed data is damaged");
    }

    [Fact]
    public void A_dimension_alone_takes_no_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused([0, 0, 8, 1, 0x3F, 0, 0, 0, 1, 2, 3], "cut short");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
    }

    [Fact]
    public void A_bomb_is_refused_long_before_it_fills_the_memory()
    {
        var bomb = FileFolder.Zipped([0, 0, 8, 1, 0x08, 0, 0, 0, .. new byte[1 << 27]]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(bomb, "cannot be unpacked: expected at most 100 uncompressed bytes per compressed byte, got");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (2 * GzipText.Harmless) + (4 << 20));
    }

    [Fact]
    public void Few_values_may_be_packed_as_well_as_can_be() =>
        Assert.Equal(1 << 23, Read(FileFolder.Zipped([0, 0, 8, 1, 0, 0x80, 0, 0, .. new byte[1 << 23]])).Count);

    [Fact]
    public void A_file_is_opened_by_its_path_or_refused_by_it()
    {
        var path = Path.Combine(Path.GetTempPath(), $"idx-{Environment.ProcessId}.gz");
        try
        {
            File.WriteAllBytes(path, Zipped(Images));
            Assert.Equal(2, IdxFile.Open(path).Count);
        }
        finally { File.Delete(path); }
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => IdxFile.Open(path)).Message, StringComparison.Ordinal);
    }

    private static IdxFile Read(byte[] bytes) => IdxFile.Read(new MemoryStream(bytes), "digits");

    private static byte[] Zipped(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var zip = new GZipStream(stream, CompressionLevel.Fastest)) { zip.Write(bytes); }
        return stream.ToArray();
    }

    private static void Refused(byte[] bytes, string sentence)
    {
        var problem = Assert.Throws<InvalidDataException>(() => Read(bytes));
        Assert.StartsWith("digits", problem.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, problem.Message, StringComparison.Ordinal);
    }
}
