using System.Text.Json.Nodes;

namespace StreamLearn.Arrow.Tests;

/// <summary>What our writers write for another implementation to read: bytes, and what is in them.</summary>
internal static class WrittenSamples
{
    private static readonly Schema Pipeline = new(
        Field.Time(), Field.Channel("ax", new("m/s2")), new("maybe", ColumnType.Float32, Unit.One, Nullable: true),
        new("wide", ColumnType.Float64, new("Cel"), Nullable: true), new("count", ColumnType.Int64, Unit.One), Field.Label());

    /// <summary>Batches of so many rows, in every form.</summary>
    internal static IEnumerable<WrittenSample> Of(int rows) =>
        [OfCodec(rows), OfSink(rows, ArrowForm.Stream), OfSink(rows, ArrowForm.File)];

    private static WrittenSample OfCodec(int rows)
    {
        using var batch = Batches.Random(new BatchPool(), Pipeline, rows, seed: 7);
        var buffer = new ArrayBufferWriter<byte>();
        ArrowCodec.Batches.Encode(batch, buffer);
        var views = View(batch);
        return new("codec", ArrowForm.Stream, views.Schema, [views], buffer.WrittenSpan.ToArray());
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
            return new("sink", form, views[0].Schema, [.. views], File.ReadAllBytes(path));
        }
        finally { File.Delete(path); }
    }

    /// <summary>What is in a batch, by the batch and not by a reader.</summary>
    private static ArrowBatch View(Batch batch)
    {
        var schema = BatchFields.Of(batch.Schema);
        return SampleWriter.Batch(schema, [.. schema.Fields.Select((field, c) => SampleWriter.Array(field, batch.Rows,
            field.Nullable ? batch.Columns[c].Validity.ToArray() : default, data: batch.Memory.Values(c).ToArray()))]);
    }
}

internal sealed record WrittenSample(string Name, ArrowForm Form, ArrowSchema Schema, ImmutableArray<ArrowBatch> Batches, byte[] Bytes)
{
    internal string FileName => $"{Name}{(Form == ArrowForm.File ? ".arrow" : ".arrows")}";

    /// <summary>What is in it, in the form of the JSON files.</summary>
    internal string Json()
    {
        var json = ArrowJson.Of(Schema, Batches.Select(ArrowJson.Of));
        json["footer"] = new JsonArray();
        return ArrowJson.Text(json) + "\n";
    }

    /// <summary>Writes it, and what is in it, into a folder.</summary>
    internal void WriteTo(string folder)
    {
        File.WriteAllBytes(Path.Join(folder, FileName), Bytes);
        File.WriteAllText(Path.Join(folder, $"{Name}.json"), Json());
    }
}
