using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using StreamLearn.Operators;

namespace FleetProcess;

/// <summary>The program of docs/guides/checkpoints.md that is interrupted and goes on.</summary>
internal static class MeterExamples
{
    internal static async Task<int> RunAsync(string[] args)
    {
        var (recording, folder) = (args[0], args[1]);
        var interrupted = new TaskCompletionSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;                                            // not at once: the state is saved first
            interrupted.TrySetResult();
        };

        var pipeline = Pipeline.Define("meter", p => p
            .From("recording", recording, static (string file, OperatorContext context) => new Recording(file, context))
            .Scan("total", new Reading(0, 0), static (total, next) => new(next.Number, total.Liters + next.Liters), new ReadingCodec())
            .ForEach("print", static total => Console.WriteLine($"{total.Number}: {total.Liters} l")));

        await using var run = pipeline.Start(new RunOptions
        {
            Checkpoints = new(folder),
            StartFrom = Checkpoint.Newest(folder) is { HasEnded: false } newest ? newest : null,
        });
        if (await Task.WhenAny(run.Completion, interrupted.Task) == run.Completion)
        {
            await run.Completion;                                       // throws if a block failed
            Console.WriteLine("the recording has ended");
            return 0;
        }

        var saved = await run.StopAsync();
        Console.WriteLine($"saved as checkpoint {saved.Number}: the same command goes on");
        return 130;
    }

    internal static Pipeline Passing() => Pipeline.Define("passing", p =>
    {
        p.SaveWith(new ReadingCodec());
        p.Input<Reading>("readings").Output("out");
    });
}

/// <summary>A line of the recording, and the sum of the lines before it.</summary>
internal sealed record Reading(int Number, double Liters);

internal sealed class Recording(string file, OperatorContext context) : Source<Reading>, ISeekable
{
    private readonly string[] _lines = File.ReadAllLines(file);
    private int _next;

    public override DateTimeOffset? NextAt => _next < _lines.Length ? context.Started + (_next * TimeSpan.FromMilliseconds(20)) : null;

    public override Reading Next() => new(_next + 1, double.Parse(_lines[_next++], CultureInfo.InvariantCulture));

    public void Seek(long messages)
    {
        if (messages > _lines.Length) { throw new StateException($"expected {messages} lines or more in {file}, got {_lines.Length}"); }
        _next = (int)messages;                                          // the number of messages made so far
    }
}

internal sealed class ReadingCodec : ICodec<Reading>
{
    private const int Bytes = sizeof(int) + sizeof(double);

    public string Name => "reading/1";

    public void Encode(Reading value, IBufferWriter<byte> buffer)
    {
        var bytes = buffer.GetSpan(Bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value.Number);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes[sizeof(int)..], value.Liters);
        buffer.Advance(Bytes);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Reading value)
    {
        value = null;
        if (bytes.Length != Bytes) { return false; }
        Span<byte> all = stackalloc byte[Bytes];
        bytes.CopyTo(all);
        value = new(BinaryPrimitives.ReadInt32LittleEndian(all), BinaryPrimitives.ReadDoubleLittleEndian(all[sizeof(int)..]));
        return true;
    }
}

/// <summary>Options that name the codec of what their block emits, field by field.</summary>
internal sealed record ReadingOptions : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs =>
    [
        MessageCodec.Of("reading/1", static (ref StateStream s, ref Reading reading) =>
            reading = new(s.Value(reading?.Number ?? 0), s.Value(reading?.Liters ?? 0))),
    ];
}
