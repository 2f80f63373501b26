using System.Buffers;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using StreamLearn;
using StreamLearn.Arrow;
using StreamLearn.Mqtt;
using StreamLearn.Operators;
using Field = StreamLearn.Field;
using Schema = StreamLearn.Schema;

namespace Architecture.Tests;

/// <summary>C# of the page of StreamLearn.Arrow, so that it is compiled.</summary>
internal static class ArrowPageExamples
{
    internal static void Read()
    {
        using var batches = new ArrowBatches("run.arrow");
        foreach (var field in batches.Schema.FieldsList) { Console.WriteLine($"{field.Name} {field.TypeText()}"); }
        foreach (var column in batches.LeftOut) { Console.WriteLine($"left out {column}"); }       // 'price': decimal128(10, 2)

        while (batches.Read() is { } batch)
        {
            var (time, x) = ((TimestampArray)batch.Column("time"), (FloatArray)batch.Column("x"));
            for (var row = 0; row < batch.Length; row++)
            {
                if (x.IsValid(row)) { Console.WriteLine($"{time.Values[row]} {x.Values[row]}"); }
            }
        }
    }

    internal static int ReadStream()
    {
        try
        {
            using var batches = new ArrowBatches(Console.OpenStandardInput());
            while (batches.Read() is { } batch) { Console.WriteLine($"{batch.Length} rows of {batch.ColumnCount} columns"); }
        }
        catch (ArrowFormatException e)
        {
            Console.Error.WriteLine(e.Message);     // stream: message 3 at byte 544: what was expected, and what was found
            return 1;
        }

        return 0;
    }

    internal static void Write()
    {
        var schema = new Apache.Arrow.Schema(
        [
            new("time", new TimestampType(TimeUnit.Nanosecond, "UTC"), nullable: false),
            new("x", FloatType.Default, nullable: true, [new("unit", "m/s2")]),
        ], metadata: null);
        long[] times = [1_704_067_200_000_000_000, 1_704_067_200_002_500_000];

        using var stream = File.Create("run.arrow");
        using var writer = new ArrowFileWriter(stream, schema);
        writer.WriteRecordBatch(new(schema,
        [
            new TimestampArray((TimestampType)schema.FieldsList[0].DataType, new(MemoryMarshal.AsBytes(times.AsSpan()).ToArray()),
                ArrowBuffer.Empty, length: 2, nullCount: 0, offset: 0),
            new FloatArray.Builder().Append(0.5f).AppendNull().Build(),
        ], length: 2));
        writer.WriteEnd();
    }

    internal static async Task FilesAsync()
    {
        var pipeline = Pipeline.Define("features", p => p
            .FromArrow("run.arrow", new() { Narrows = true }, batchRows: 256)
            .Window(samples: 128, hop: 64)
            .MeanDeviation()
            .ToArrow("features.arrow"));

        Console.WriteLine(await pipeline.RunAsync());
    }

    internal static string[] ClassesOf(string path)
    {
        using var batches = new ArrowBatches(path);
        return [.. (IReadOnlyList<string>)((DictionaryArray)batches.Read()!.Column("label")).Dictionary];      // the code is the index
    }

    internal static async Task MessagesAsync()
    {
        await using var server = new MqttTransport(new() { Server = new("mqtt://broker"), ClientId = "line-2" });
        var columns = new Schema([Field.Time(), new("x", ColumnType.Float32, new Unit("g"), Nullable: true)]);

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
