using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using StreamLearn.Testing;

namespace StreamLearn.Arrow.Tests;

/// <summary>What our writers write for another implementation to read: bytes, and what is in them.</summary>
internal static class WrittenSamples
{
    private static readonly Schema Pipeline = new(
        Field.Time(), Field.Channel("ax", new("m/s2")), new("maybe", ColumnType.Float32, Unit.One, Nullable: true),
        new("wide", ColumnType.Float64, new("Cel"), Nullable: true), new("count", ColumnType.Int64, Unit.One), Field.Label());

    /// <summary>The files that are committed: few rows, and more where they are compressed.</summary>
    internal static IEnumerable<WrittenSample> Committed() =>
    [
        .. Of(9).Where(static s => !s.Compresses && s.Name != "slices"
            && (s.Form == ArrowForm.File || s.Name is "codec" or "dictionary")),
        .. Packed(ArrowSamples.Of(80)),
    ];

    /// <summary>Batches of so many rows, in every form.</summary>
    internal static IEnumerable<WrittenSample> Of(int rows)
    {
        var types = ArrowSamples.Of(rows);
        types.Metadata = [new("origin", "pump 7"), new("ü", "")];
        var (other, half) = (OtherTypes.Of(rows), (rows + 1) / 2);
        var (few, more, others) = (Coloured(5, 3), Coloured(9, 6), Coloured(4, 1));
        return
        [
            .. Forms("types", types, types.Slice(rows - half, half), types.Slice(1, 0), types.Slice(rows - 1, 1)),
            .. Forms("other-types", other, other.Slice(rows / 3, half)),
            .. Forms("slices", [.. Enumerable.Range(0, Math.Min(rows, 12)).Select(i => types.Slice(i, rows - i - (i % 2)))]),
            new("no-batches", ArrowForm.Stream, false, types.Schema, []),
            new("no-batches", ArrowForm.File, false, types.Schema, []),
            new("no-columns", ArrowForm.File, false, new([]), [ArrowBatch.Of(new([]))]),
            .. Forms("more-entries", few, more, more),
            new("dictionary", ArrowForm.Stream, false, few.Schema, [few, more, more, others, few, more]),
            new("dictionary", ArrowForm.Stream, true, few.Schema, [few, more, more, others, few, more]),
            OfCodec(rows),
            OfSink(rows, ArrowForm.Stream),
            OfSink(rows, ArrowForm.File),
        ];
    }

    private static IEnumerable<WrittenSample> Packed(ArrowBatch all)
    {
        ImmutableArray<ArrowArray> columns =
            [.. ((string[])["bool", "int16", "int64", "utf8", "list", "struct", "dictionary"]).Select(name => all[name])];
        var batch = ArrowBatch.Of(new([.. columns.Select(static c => c.Field)]), columns);
        return Forms("packed", batch, batch.Slice(7, 60)).Where(static s => s.Compresses);
    }

    private static IEnumerable<WrittenSample> Forms(string name, params ImmutableArray<ArrowBatch> batches) =>
        from form in (ArrowForm[])[ArrowForm.Stream, ArrowForm.File]
        from compresses in (bool[])[false, true]
        select new WrittenSample(name, form, compresses, batches[0].Schema, batches);

    private static WrittenSample OfCodec(int rows)
    {
        using var batch = Batches.Random(new BatchPool(), Pipeline, rows, seed: 7);
        var buffer = new ArrayBufferWriter<byte>();
        ArrowCodec.Batches.Encode(batch, buffer);
        var views = View(batch);
        return new("codec", ArrowForm.Stream, false, views.Schema, [views]) { Ready = buffer.WrittenSpan.ToArray() };
    }

    private static WrittenSample OfSink(int rows, ArrowForm form)
    {
        var path = Path.GetTempFileName();
        try
        {
            var views = new List<ArrowBatch>();
            using (var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToArrow(path, form)))
            {
                for (var i = 0; i < 3; i++)
                {
                    var batch = Batches.Random(probe.Pool, Pipeline, rows + i, seed: 10 + i);
                    views.Add(View(batch));
                    probe.Send(batch);
                }

                probe.Complete();
            }

            return new("sink", form, false, views[0].Schema, [.. views]) { Ready = File.ReadAllBytes(path) };
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What is in a batch, by the batch and not by a reader.</summary>
    private static ArrowBatch View(Batch batch)
    {
        var schema = ArrowColumns.Of(batch.Schema);
        return ArrowBatch.Of(schema, [.. schema.Fields.Select((field, c) => ArrowArray.Of(field, batch.Rows,
            field.Nullable ? batch.Columns[c].Validity.ToArray() : default, data: batch.Memory.Values(c).ToArray()))]);
    }

    private static ArrowBatch Coloured(int rows, int entries)
    {
        var texts = entries == 1 ? ArrowSamples.Texts("colour", ArrowKind.Utf8, 1, static _ => "other", missing: false)
            : ArrowSamples.Texts("colour", ArrowKind.Utf8, entries, static i => $"größer {i}", missing: entries > 5);
        ImmutableArray<ArrowArray> columns = [ArrowSamples.Places("colour", rows, texts), ArrowSamples.Places("again", rows, texts)];
        return ArrowBatch.Of(new([.. columns.Select(static c => c.Field)]), columns);
    }
}

/// <summary>A file.</summary>
internal sealed record WrittenSample(
    string Name, ArrowForm Form, bool Compresses, ArrowSchema Schema, ImmutableArray<ArrowBatch> Batches)
{
    private static readonly KeyValuePair<string, string>[] Footer = [new("written by", "StreamLearn.Arrow"), new("ü", "")];

    /// <summary>The bytes where another writer made them.</summary>
    internal byte[]? Ready { get; init; }

    internal string FileName => $"{Name}{(Compresses ? "@lz4" : "")}{(Form == ArrowForm.File ? ".arrow" : ".arrows")}";

    internal byte[] Bytes()
    {
        if (Ready is not null) { return Ready; }
        using var stream = new MemoryStream();
        using (var writer = new ArrowWriter(stream, Schema, new() { Form = Form, Compresses = Compresses, FooterMetadata = [.. Footer] }))
        {
            foreach (var batch in Batches) { writer.Write(batch); }
        }

        return stream.ToArray();
    }

    /// <summary>What is in it, in the form of the JSON files.</summary>
    internal string Json()
    {
        var json = ArrowJson.Of(Schema, Batches.Select(ArrowJson.Of));
        json["footer"] = new JsonArray([.. (Ready is null ? Footer : []).Select(static p => new JsonArray(p.Key, p.Value))]);
        return ArrowJson.Text(json) + "\n";
    }

    /// <summary>Writes it, and what is in it, into a folder.</summary>
    internal void WriteTo(string folder)
    {
        File.WriteAllBytes(Path.Join(folder, FileName), Bytes());
        File.WriteAllText(Path.Join(folder, $"{Name}.json"), Json());
    }
}
