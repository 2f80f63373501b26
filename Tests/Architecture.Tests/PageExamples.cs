using System.Buffers;
using StreamLearn;
using StreamLearn.Formats;
using StreamLearn.Operators;

namespace Architecture.Tests;

/// <summary>C# of README.md and of the page of StreamLearn.Formats, so that it is compiled. <see cref="PageTests"/> holds both texts
/// together.</summary>
internal static class PageExamples
{
    /// <summary>README.md, ten lines.</summary>
    internal static async Task TenLinesAsync(
        Func<CancellationToken, IAsyncEnumerable<Batch>> ReadSensorAsync, Schema columns, CancellationToken cancellationToken)
    {
        var pipeline = Pipeline.Define("pump-7", p => p
            .FromSequence("rows", token => ReadSensorAsync(token), columns) // IAsyncEnumerable<Batch>, read as fast as the pipeline goes
            .Standardize()                                                  // learned from the stream; drops its first batches: warm-up
            .Window(samples: 128, hop: 64)
            .MeanDeviation()                                                // one row of features for each window
            .Buffer(16, OnFull.DropOldest)                                  // waiting is the default; a drop is counted with its reason
            .ForEach("answer", row => Console.WriteLine(row["x deviation"].Values<float>()[0])));

        Console.WriteLine(pipeline.Explain());                              // a pipeline is a value: print, compare and check it first
        Console.WriteLine(await pipeline.RunAsync(cancellationToken));      // what came, went and was dropped, with the reason
    }

    /// <summary>StreamLearn.Formats, the beginning.</summary>
    internal static Flow<Batch> Subscribed(PipelineBuilder p, ITransport server)
    {
        var format = new JsonFormat(new()
        {
            Columns =
            [
                JsonColumn.Channel("ax", "$.accel.x", Unit.StandardGravity),
                JsonColumn.Channel("ay", "$.accel.y", Unit.StandardGravity),
            ],
            Time = new("$.ts", TimeUnit.Milliseconds),
        });
        var rows = p.Subscribe(server, "plant/+/vibration", format);
        return rows;
    }

    /// <summary>StreamLearn.Formats, why a payload was refused.</summary>
    internal static void Refused(JsonFormat format, ReadOnlySequence<byte> bytes, BatchPool pool)
    {
        if (!format.TryDecode(bytes, pool, out var batch, out var refusal))
        {
            Console.WriteLine(refusal);                                // wrong type at byte 17, column 'ax'
            Console.WriteLine(format.Refused(RefusalReason.WrongType)); // so many until now
        }

        batch?.Dispose();
    }

    /// <summary>StreamLearn.Formats, a map that is proposed.</summary>
    internal static JsonFormat Proposed(ReadOnlyMemory<byte> payload)
    {
        JsonSuggestion.TryMake(payload, out var suggestion, out _);
        Console.Write(suggestion);
        // time int64 [ns] <- $.ts, milliseconds
        // accel_x float32 [1] <- $.accel.x
        // left out: $.dev, a string
        var format = new JsonFormat(suggestion!.Options);
        return format;
    }

    /// <summary>StreamLearn.Formats, raw numbers.</summary>
    internal static RawFormat Raw()
    {
        var format = new RawFormat(new()
        {
            Columns =
            [
                new(Field.Channel("ax", Unit.StandardGravity), Scale: 1 / 4096.0),
                new(Field.Channel("ay", Unit.StandardGravity), Scale: 1 / 4096.0),
            ],
            Number = RawNumber.Int16,
            SamplesPerSecond = 400,
            Stamp = TimeUnit.Microseconds,
        });
        return format;
    }
}
