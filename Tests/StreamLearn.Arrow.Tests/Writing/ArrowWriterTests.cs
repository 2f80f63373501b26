using System.Collections.Immutable;

namespace StreamLearn.Arrow.Tests;

public sealed class ArrowWriterTests
{
    public static TheoryData<int, ArrowForm, bool> Forms =>
        new MatrixTheoryData<int, ArrowForm, bool>([0, 1, 7, 64, 1000], [ArrowForm.Stream, ArrowForm.File], [false, true]);

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_type_comes_back_with_its_values(int rows, ArrowForm form, bool compresses)
    {
        var batch = ArrowSamples.Of(rows);
        var bytes = Written(batch.Schema, form, compresses, batch, batch);

        var reader = new ArrowStreamReader(new MemoryStream(bytes));
        Assert.Equal(batch.Schema, reader.ReadSchema());
        for (var i = 0; i < 2; i++) { Assert.Equal(ArrowText.Rows(batch), ArrowText.Rows(reader.Read()!)); }
        Assert.Null(reader.Read());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_is_read_in_any_order(bool compresses)
    {
        var batch = ArrowSamples.Of(100);
        var bytes = Written(batch.Schema, ArrowForm.File, compresses, batch, batch.Slice(3, 60), batch.Slice(10, 1));
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes);
            Assert.True(ArrowFileReader.Is(path));
            using var file = new ArrowFileReader(path);

            Assert.Equal((3, batch.Schema), (file.Count, file.Schema));
            Assert.Equal(ArrowText.Rows(batch.Slice(10, 1)), ArrowText.Rows(file.Read(2)));
            Assert.Equal(ArrowText.Rows(batch), ArrowText.Rows(file.Read(0)));
            Assert.Equal(ArrowText.Rows(batch.Slice(3, 60)), ArrowText.Rows(file.Read(1)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Slices_have_their_values_and_no_others()
    {
        var batch = ArrowSamples.Of(50);
        var all = ArrowText.Rows(batch);
        for (var start = 0; start < 20; start++)
        {
            for (var rows = 0; rows < 20; rows++)
            {
                var slice = batch.Slice(start, rows);
                Assert.Equal(all.GetRange(start, rows), ArrowText.Rows(slice));
                var read = new ArrowStreamReader(new MemoryStream(Written(batch.Schema, ArrowForm.Stream, false, slice))).Read()!;
                Assert.Equal(all.GetRange(start, rows), ArrowText.Rows(read));
            }
        }
    }

    [Fact]
    public void More_entries_of_a_dictionary_go_as_more_and_others_replace_it()
    {
        var (few, more, others) = (Coloured(2, 3), Coloured(3, 5), Coloured(2, 1));
        var stream = Written(few.Schema, ArrowForm.Stream, false, few, more, more, others);

        var reader = new ArrowStreamReader(new MemoryStream(stream));
        foreach (var batch in (ArrowBatch[])[few, more, more, others])
        {
            Assert.Equal(ArrowText.Rows(batch), ArrowText.Rows(reader.Read()!));
        }

        Assert.Equal(
            "column 'colour': a file cannot replace a dictionary, write a stream",
            Assert.Throws<InvalidOperationException>(() => Written(few.Schema, ArrowForm.File, false, more, others)).Message);
        var file = new ArrowStreamReader(new MemoryStream(Written(few.Schema, ArrowForm.File, false, few, more)));
        file.Read();
        Assert.Equal(ArrowText.Rows(more), ArrowText.Rows(file.Read()!));
    }

    [Fact]
    public void What_a_batch_and_a_footer_say_beside_comes_back()
    {
        var batch = ArrowSamples.Of(3);
        batch.Metadata = [new("origin", "pump 7")];
        var read = new ArrowStreamReader(new MemoryStream(Written(batch.Schema, ArrowForm.Stream, false, batch))).Read()!;

        Assert.Equal(batch.Metadata, (IEnumerable<KeyValuePair<string, string>>)read.Metadata);
    }

    internal static byte[] Written(ArrowSchema schema, ArrowForm form, bool compresses, params ReadOnlySpan<ArrowBatch> batches)
    {
        using var stream = new MemoryStream();
        using (var writer = new ArrowWriter(stream, schema, new() { Form = form, Compresses = compresses }))
        {
            foreach (var batch in batches) { writer.Write(batch); }
        }

        return stream.ToArray();
    }

    /// <summary>A batch whose only column has a dictionary of so many entries; a single one is another.</summary>
    private static ArrowBatch Coloured(int rows, int entries)
    {
        var texts = entries == 1 ? ArrowSamples.Texts("colour", ArrowKind.Utf8, 1, static _ => "other", missing: false)
            : ArrowSamples.Entries(entries);
        ImmutableArray<ArrowArray> columns = [ArrowSamples.Places("colour", rows, texts)];
        return ArrowBatch.Of(new([columns[0].Field]), columns);
    }
}
