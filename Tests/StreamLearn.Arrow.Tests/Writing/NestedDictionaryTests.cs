using System.Collections.Immutable;

namespace StreamLearn.Arrow.Tests;

public sealed class NestedDictionaryTests
{
    [Fact]
    public void Entries_whose_own_entries_are_replaced_are_written_anew()
    {
        var (first, other) = (Of("one", "two"), Of("three", "four"));
        var stream = ArrowWriterTests.Written(first.Schema, ArrowForm.Stream, false, first, other, first);

        var reader = new ArrowStreamReader(new MemoryStream(stream));
        foreach (var batch in (ArrowBatch[])[first, other, first])
        {
            Assert.Equal(ArrowText.Rows(batch), ArrowText.Rows(reader.Read()!));
        }

        Assert.Throws<InvalidOperationException>(() => ArrowWriterTests.Written(first.Schema, ArrowForm.File, false, first, other));
    }

    [Fact]
    public void Entries_whose_own_entries_become_more_stay()
    {
        var (few, more) = (Of("one", "two"), Of("one", "two", "three"));
        var (once, twice) = (ArrowWriterTests.Written(few.Schema, ArrowForm.File, false, few),
            ArrowWriterTests.Written(few.Schema, ArrowForm.File, false, few, more));

        var reader = new ArrowStreamReader(new MemoryStream(twice));
        Assert.Equal(ArrowText.Rows(few), ArrowText.Rows(reader.Read()!));
        Assert.Equal(ArrowText.Rows(more), ArrowText.Rows(reader.Read()!));
        Assert.True(once.Length < twice.Length);
    }

    [Fact]
    public void Fewer_entries_that_are_known_are_not_written_again()
    {
        var (few, more) = (Of("one", "two"), Of("one", "two", "three"));
        var file = ArrowWriterTests.Written(few.Schema, ArrowForm.File, false, more, few, more);

        var reader = new ArrowStreamReader(new MemoryStream(file));
        foreach (var batch in (ArrowBatch[])[more, few, more])
        {
            Assert.Equal(ArrowText.Rows(batch), ArrowText.Rows(reader.Read()!));
        }
    }

    [Fact]
    public void Columns_that_share_a_dictionary_have_the_same_entries_or_the_first_ones()
    {
        ArrowBatch Two(ArrowArray first, ArrowArray then)
        {
            ImmutableArray<ArrowArray> columns = [ArrowSamples.Places("a", 5, first), ArrowSamples.Places("b", 5, then)];
            return ArrowBatch.Of(new([columns[0].Field, columns[1].Field]), columns);
        }

        var other = ArrowSamples.Texts("colour", ArrowKind.Utf8, 3, static i => $"other {i}", missing: false);
        foreach (var (first, then) in ((int, int)[])[(4, 2), (2, 4), (3, 3)])
        {
            var batch = Two(ArrowSamples.Entries(first), ArrowSamples.Entries(then));
            var stream = ArrowWriterTests.Written(batch.Schema, ArrowForm.Stream, false, batch);
            Assert.Equal(ArrowText.Rows(batch), ArrowText.Rows(new ArrowStreamReader(new MemoryStream(stream)).Read()!));
        }

        var mixed = Two(ArrowSamples.Entries(4), other);
        Assert.Equal("column 'b': others of the batch have other entries in dictionary 7", Assert.Throws<InvalidOperationException>(
            () => ArrowWriterTests.Written(mixed.Schema, ArrowForm.Stream, false, mixed)).Message);
    }

    /// <summary>A column with places of structs, each with the place of a text.</summary>
    private static ArrowBatch Of(params string[] texts)
    {
        var entries = ArrowSamples.Texts("text", ArrowKind.Utf8, texts.Length, i => texts[i], missing: false);
        var inner = ArrowSamples.Places("text", 2, entries);
        var structs = ArrowArray.Of(new("", new(ArrowKind.Struct)) { Children = [inner.Field] }, 2, children: [inner]);
        var field = structs.Field with { Name = "outer", Dictionary = new(8, ArrowKind.Int8) };
        ImmutableArray<ArrowArray> columns = [ArrowArray.Of(field, 3, data: new byte[] { 1, 0, 1 }, dictionary: structs)];
        return ArrowBatch.Of(new([field]), columns);
    }
}
