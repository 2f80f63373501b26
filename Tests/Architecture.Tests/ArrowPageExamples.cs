using System.Buffers;
using System.Runtime.InteropServices;
using StreamLearn;
using StreamLearn.Arrow;
using StreamLearn.Mqtt;
using StreamLearn.Operators;

namespace Architecture.Tests;

/// <summary>C# of the page of StreamLearn.Arrow, so that it is compiled.</summary>
internal static class ArrowPageExamples
{
    internal static void Read()
    {
        using var file = new ArrowFileReader("run.arrow");
        foreach (var field in file.Schema.Fields) { Console.WriteLine(field); }     // time timestamp[ns, UTC], x float32?

        for (var i = 0; i < file.Count; i++)
        {
            var batch = file.Read(i);               // valid until the next call
            var x = batch["x"];
            var values = x.Values<float>();         // a view, not a copy; Values<double>() if the column is float64
            for (var row = 0; row < batch.Rows; row++)
            {
                if (x.IsValid(row)) { Console.WriteLine($"{batch["time"].Integer(row)} {values[row]}"); }
            }
        }
    }

    internal static double? NumberOf(ArrowArray column, int row) => column.IsValid(row) ? column.Number(row) : null;

    internal static string? TextOf(ArrowArray column, int row) => !column.IsValid(row) ? null
        : column.Dictionary is { } texts ? texts.Text((int)column.Integer(row))     // the column holds indices into its dictionary
        : column.Text(row);

    internal static int ReadStream()
    {
        var reader = new ArrowStreamReader(Console.OpenStandardInput());
        try
        {
            while (reader.Read() is { } batch) { Console.WriteLine($"{batch.Rows} rows of {batch.Schema}"); }
        }
        catch (ArrowFormatException e)
        {
            Console.Error.WriteLine($"message {e.MessageNumber}, which begins at byte {e.Position}: {e.Message}");
            return 1;
        }

        return 0;
    }

    internal static void ReadBatches()
    {
        using var batches = new ArrowBatches("run.arrow");
        while (batches.Read() is { } batch) { Console.WriteLine($"{batch.Rows} rows of {batch.Schema}"); }
    }

    internal static void Write()
    {
        var schema = new ArrowSchema(
        [
            new("time", new(ArrowKind.Timestamp, ArrowTimeUnit.Nanosecond, "UTC"), Nullable: false),
            new("x", new(ArrowKind.Float32)) { Metadata = [new("unit", "m/s2")] },
        ]);
        long[] times = [1_704_067_200_000_000_000, 1_704_067_200_002_500_000];
        float[] values = [0.5f, 0];
        byte[] present = [0b01];                    // the second value is missing

        using var stream = File.Create("run.arrow");
        using var writer = new ArrowWriter(stream, schema, new() { Form = ArrowForm.File });
        writer.Write(ArrowBatch.Of(schema,
            ArrowArray.Of(schema.Fields[0], 2, data: MemoryMarshal.AsBytes(times.AsSpan()).ToArray()),
            ArrowArray.Of(schema.Fields[1], 2, present, data: MemoryMarshal.AsBytes(values.AsSpan()).ToArray())));
    }

    internal static async Task FilesAsync()
    {
        var pipeline = Pipeline.Define("features", p => p
            .FromArrow("run.arrow", new() { BatchRows = 256, Batches = new() { LeavesOut = true, Narrows = true } })
            .Window(samples: 128, hop: 64)
            .MeanDeviation()
            .ToArrow("features.arrow"));

        Console.WriteLine(await pipeline.RunAsync());
    }

    internal static string[] ClassesOf(string path)
    {
        using var file = new ArrowFileReader(path);
        var texts = file.Read(0)["label"].Dictionary!;
        return [.. Enumerable.Range(0, texts.Length).Select(texts.Text)];       // the code is the index
    }

    internal static async Task MessagesAsync()
    {
        await using var server = new MqttTransport(new() { Server = new("mqtt://broker"), ClientId = "line-2" });
        var columns = new Schema([Field.Time(), Field.Channel("x", Unit.StandardGravity)]);

        var pipeline = Pipeline.Define("line-2", p => p
            .Subscribe(server, "plant/+/vibration", ArrowCodec.Batches, schema: columns)
            .Publish(server, "plant/line-2/checked", ArrowCodec.Batches));
        await pipeline.RunAsync();
    }

    internal static string? WhyRefused(byte[] payload)
    {
        var columns = new Schema([Field.Channel("x", Unit.StandardGravity)]);
        var codec = ArrowCodec.BatchesOf(columns);
        var pool = new BatchPool();             // in a block of a pipeline: context.Pool
        if (codec.TryDecode(new ReadOnlySequence<byte>(payload), pool, out var batch, out var refusal))
        {
            Console.WriteLine($"{batch.Rows} rows");
            batch.Dispose();
        }

        return refusal;
    }
}
