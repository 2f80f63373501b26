using Apache.Arrow.Ipc;

namespace StreamLearn.Arrow.Tests;

/// <summary>Sound streams, files and messages to begin with, small ones mostly.</summary>
internal static class HostileCorpus
{
    internal static Schema Columns { get; } = new(
        Field.Time(), Field.Channel("ax", new("m/s2")), new("maybe", ColumnType.Float64, Unit.One, Nullable: true), Field.Label());

    internal static IReadOnlyList<(HostileForm Form, byte[] Bytes)> All { get; } = [.. Make()];

    internal static ArrowBatch Coloured(int rows, ArrowArray entries)
    {
        ImmutableArray<ArrowArray> columns = [ArrowSamples.Places("colour", rows, entries)];
        return SampleWriter.Batch(new([columns[0].Field]), columns);
    }

    private static IEnumerable<(HostileForm Form, byte[] Bytes)> Make()
    {
        var all = ArrowSamples.Of(9);
        for (var c = 0; c < all.Columns.Length; c += 2)
        {
            var columns = all.Columns.Skip(c).Take(3).ToImmutableArray();
            var batch = SampleWriter.Batch(new([.. columns.Select(static a => a.Field)]), columns);
            foreach (var form in (ArrowForm[])[ArrowForm.Stream, ArrowForm.File])
            {
                yield return (FormOf(form), SampleWriter.Written(batch.Schema, form, c % 4 == 0, batch, batch.Slice(1, 7)));
            }
        }
        foreach (var compresses in (bool[])[false, true])
        {
            yield return (HostileForm.Stream, SampleWriter.Written(all.Schema, ArrowForm.Stream, compresses, all));
            yield return (HostileForm.File, SampleWriter.Written(all.Schema, ArrowForm.File, compresses, all));
        }
        // dictionaries that grow or are replaced, types that are passed over, another way to compress: nothing here writes the first two
        foreach (var name in (string[])["dictionaries.arrows", "dictionaries@lz4.arrows"])
        {
            yield return (name.EndsWith('w') ? HostileForm.File : HostileForm.Stream, File.ReadAllBytes(Golden.Of(name)));
        }
        foreach (var name in Golden.LeftOut) { yield return (HostileForm.Stream, Golden.Odd(name)); }
        yield return (HostileForm.Stream, SampleWriter.Written(all.Schema, ArrowForm.Stream, CompressionCodecType.Zstd, all));

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
        var wide = SampleWriter.Batch(new([.. fitting.Select(static a => a.Field)]), fitting);
        yield return (HostileForm.Message, SampleWriter.Written(wide.Schema, ArrowForm.Stream, true, wide));
        var coloured = Coloured(5, ArrowSamples.Entries(4));
        yield return (HostileForm.Message, SampleWriter.Written(coloured.Schema, ArrowForm.Stream, false, coloured));
    }

    private static HostileForm FormOf(ArrowForm form) => form == ArrowForm.File ? HostileForm.File : HostileForm.Stream;
}
