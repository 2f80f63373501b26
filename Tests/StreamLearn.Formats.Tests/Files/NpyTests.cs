namespace StreamLearn.Formats.Tests;

public sealed class NpyTests : IDisposable
{
    private readonly FileFolder _folder = new();
    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_cut_at_any_byte_is_refused()
    {
        var whole = File.ReadAllBytes(Golden.Of("numpy-f4.npy"));
        Assert.Equal(4, FileFolder.Rows(p => p.FromNpy(_folder.Write("whole.npy", whole))).Count);
        for (var length = 0; length < whole.Length; length++)
        {
            var path = _folder.Write("cut.npy", whole[..length]);
            Assert.Throws<InvalidDataException>(() => Pipeline.Define("p", p => p.FromNpy(path).Discard()));
        }
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 1000), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 5000), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 0), }")]
    [InlineData("{'descr': '<f4', 'shape': (1,), }")]
    [InlineData("__import__('os')")]
    public void A_head_that_lies_is_refused(string head)
    {
        byte[] bytes = [0x93, .. "NUMPY"u8, 1, 0, (byte)head.Length, 0, .. Encoding.ASCII.GetBytes(head), 0, 0, 0, 0];
        var path = _folder.Write("a.npy", bytes);
        Assert.Throws<InvalidDataException>(() => Pipeline.Define("p", p => p.FromNpy(path).Discard()));
    }

    /// <summary>A dictionary has no order (NEP 1).</summary>
    [Fact]
    public void The_keys_of_a_head_may_stand_in_any_order()
    {
        const string Head = "{'shape': (2,), 'fortran_order': False, 'descr': '<i4'}";
        byte[] bytes = [0x93, .. "NUMPY"u8, 1, 0, (byte)Head.Length, 0, .. Encoding.ASCII.GetBytes(Head), 7, 0, 0, 0, 9, 0, 0, 0];
        Assert.Equal(["7", "9"], FileFolder.Rows(p => p.FromNpy(_folder.Write("a.npy", bytes))));
    }

    [Fact]
    public void Other_versions_and_other_files_are_refused()
    {
        foreach (var bytes in new byte[][] { [0x93, .. "NUMPY"u8, 4, 0, 1, 0, 0, 0, 0], [.. "a,b\n1,2\n34"u8], [] })
        {
            var path = _folder.Write("a.npy", bytes);
            Assert.Throws<InvalidDataException>(() => Pipeline.Define("p", p => p.FromNpy(path).Discard()));
        }
        Assert.Throws<InvalidDataException>(() => Pipeline.Define("p", p => p.FromNpy(_folder.Of("none.npy")).Discard()));
    }

    [Fact]
    public void Columns_have_the_names_and_units_that_are_given()
    {
        var path = Golden.Of("numpy-f4.npy");
        Field[] columns = [Field.Channel("x", Unit.StandardGravity), Field.Channel("y", Unit.One), Field.Channel("z", Unit.One)];
        using var probe = new SourceProbe<Batch>(p => p.FromNpy(path, new() { Columns = columns }));
        Assert.Equal(new Schema(columns), probe.Pipeline.Nodes[0].Schema);
        void Wrong(NpyOptions options) =>
            Assert.ThrowsAny<ArgumentException>(() => Pipeline.Define("p", p => p.FromNpy(path, options).Discard()));
        Wrong(new() { Columns = columns[..2] });
        Wrong(new() { Columns = [columns[0], columns[1], new("z", ColumnType.Int32, Unit.One)] });
        Wrong(new() { BatchRows = 0 });
        Wrong(new() { SamplesPerSecond = -1 });
    }

    [Theory, InlineData("<f4", 1), InlineData("<i4", 2)]
    public void Rows_become_columns_however_many_there_are(string type, int firstTime)
    {
        foreach (var columns in new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 17 })
        {
            foreach (var rows in new[] { 1, 3, 4, 5, 63, 130 })
            {
                var head = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}".PadRight(117) + "\n";
                var values = Enumerable.Range(0, rows * columns).SelectMany(v =>
                    type == "<f4" ? BitConverter.GetBytes((float)v) : BitConverter.GetBytes(v));
                var path = _folder.Write("a.npy", [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(head), .. values]);
                var read = FileFolder.Rows(p => p.FromNpy(path, new() { BatchRows = 64, SamplesPerSecond = firstTime == 1 ? 50 : null }));
                Assert.Equal(Enumerable.Range(0, rows).Select(r => string.Join('|', Enumerable.Range(r * columns, columns))),
                    read.Select(r => firstTime == 1 ? r[(r.IndexOf('|', StringComparison.Ordinal) + 1)..] : r));
            }
        }
    }

    [Fact]
    public void An_array_without_rows_gives_none()
    {
        var path = _folder.Of("a.npy");
        using (var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToNpy(path)))
        {
            probe.Send(Batches.OfChannels(probe.Pool, [], []));
            probe.Complete();
        }
        Assert.Empty(FileFolder.Rows(p => p.FromNpy(path)));
    }
}
