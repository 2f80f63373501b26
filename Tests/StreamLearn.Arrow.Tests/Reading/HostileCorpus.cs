using System.Buffers;
using System.Collections.Immutable;
using StreamLearn.Testing;

namespace StreamLearn.Arrow.Tests;

/// <summary>Sound streams, files and messages to begin with, small ones mostly.</summary>
internal static class HostileCorpus
{
    /// <summary>Columns of a pipeline.</summary>
    internal static Schema Columns { get; } = new(
        Field.Time(), Field.Channel("ax", new("m/s2")), new("maybe", ColumnType.Float64, Unit.One, Nullable: true), Field.Label());

    internal static IReadOnlyList<(HostileForm Form, byte[] Bytes)> All { get; } = [.. Make()];

    /// <summary>A batch with a column of a dictionary.</summary>
    internal static ArrowBatch Coloured(int rows, ArrowArray entries)
    {
        ImmutableArray<ArrowArray> columns = [ArrowSamples.Places("colour", rows, entries)];
        return ArrowBatch.Of(new([columns[0].Field]), columns);
    }

    /// <summary>A batch with a column whose dictionary is of structs that have places in another one.</summary>
    internal static ArrowBatch Nested(int rows, int outer, ArrowArray inner)
    {
        var within = ArrowArray.Of(new("inner", inner.Field.Type) { Dictionary = new(8, ArrowKind.UInt16) }, outer,
            data: Enumerable.Range(0, outer).SelectMany(i => BitConverter.GetBytes((ushort)(i % inner.Length))).ToArray(),
            dictionary: inner);
        var entries = ArrowArray.Of(new("entries", new(ArrowKind.Struct)) { Children = [within.Field] }, outer, children: [within]);
        var places = ArrowArray.Of(
            new("nested", new(ArrowKind.Struct)) { Dictionary = new(9, ArrowKind.Int16), Children = [within.Field] }, rows,
            data: Enumerable.Range(0, rows).SelectMany(i => BitConverter.GetBytes((short)(i % outer))).ToArray(), dictionary: entries);
        return ArrowBatch.Of(new([places.Field]), places);
    }

    private static IEnumerable<(HostileForm Form, byte[] Bytes)> Make()
    {
        var all = ArrowSamples.Of(9);
        for (var c = 0; c < all.Columns.Length; c += 2)
        {
            var columns = all.Columns.Skip(c).Take(3).ToImmutableArray();
            var batch = ArrowBatch.Of(new([.. columns.Select(static a => a.Field)]), columns);
            foreach (var form in (ArrowForm[])[ArrowForm.Stream, ArrowForm.File])
            {
                yield return (FormOf(form), ArrowWriterTests.Written(batch.Schema, form, c % 4 == 0, batch, batch.Slice(1, 7)));
            }
        }

        foreach (var compresses in (bool[])[false, true])
        {
            yield return (HostileForm.Stream, ArrowWriterTests.Written(all.Schema, ArrowForm.Stream, compresses, all));
            yield return (HostileForm.File, ArrowWriterTests.Written(all.Schema, ArrowForm.File, compresses, all));
            foreach (var batches in Dictionaries())
            {
                yield return (HostileForm.Stream, ArrowWriterTests.Written(batches[0].Schema, ArrowForm.Stream, compresses, batches));
                var growing = batches.AsSpan(..^1);
                yield return (HostileForm.File, ArrowWriterTests.Written(batches[0].Schema, ArrowForm.File, compresses, growing));
            }
        }

        foreach (var form in (HostileForm[])[HostileForm.Message, HostileForm.Alone])
        {
            var codec = form == HostileForm.Message ? ArrowCodec.Batches : ArrowCodec.BatchesOf(Columns);
            foreach (var rows in (int[])[0, 1, 21])
            {
                var buffer = new ArrayBufferWriter<byte>();
                using var batch = Batches.Random(new(), Columns, rows, seed: rows);
                codec.Encode(batch, buffer);
                yield return (form, buffer.WrittenSpan.ToArray());
            }
        }

        var fitting = all.Columns.Where(static a => a.Field.Type.Kind != ArrowKind.UInt64).ToImmutableArray();
        var wide = ArrowBatch.Of(new([.. fitting.Select(static a => a.Field)]), fitting);
        yield return (HostileForm.Message, ArrowWriterTests.Written(wide.Schema, ArrowForm.Stream, true, wide));
        var coloured = Coloured(5, ArrowSamples.Entries(4));
        yield return (HostileForm.Message, ArrowWriterTests.Written(coloured.Schema, ArrowForm.Stream, false, coloured));
    }

    /// <summary>Batches whose dictionaries grow; in the last they are replaced.</summary>
    private static IEnumerable<ArrowBatch[]> Dictionaries()
    {
        var (two, five) = (ArrowSamples.Entries(2), ArrowSamples.Entries(5));
        var other = ArrowSamples.Texts("colour", ArrowKind.Utf8, 1, static _ => "other", missing: false);
        yield return [Coloured(3, two), Coloured(5, five), Coloured(9, five), Coloured(3, other)];
        yield return [Nested(3, 2, two), Nested(4, 3, five), Nested(9, 5, five), Nested(3, 1, other)];
    }

    private static HostileForm FormOf(ArrowForm form) => form == ArrowForm.File ? HostileForm.File : HostileForm.Stream;
}
