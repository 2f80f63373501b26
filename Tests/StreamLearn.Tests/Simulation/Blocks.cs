using System.Buffers.Binary;

namespace StreamLearn.Simulation.Tests;

internal sealed record Num(long Value, string Kind = "n") : ISized
{
    public long SizeBytes => 64;
    public int Rows => 1;
}

/// <summary>A control message: the newest of a key replaces the one that waits.</summary>
internal sealed record Steer(long Value, string ReplacementKey) : IReplaceable;

/// <summary>What an action of a test saw, and when.</summary>
internal sealed record Seen(TimeSpan At, long Value);

/// <summary>Numbers from 0 on, one each period from a first time on.</summary>
internal sealed class Counting(long count, TimeSpan first, TimeSpan period) : Source<Num>
{
    private static readonly DateTimeOffset Start = new WorldOptions().Start;
    private long _made;
    public override DateTimeOffset? NextAt => _made < count ? Start + first + (period * _made) : null;
    public override Num Next() => new(_made++);
}

/// <summary>Batches of one channel, so that a lost handle is found.</summary>
internal sealed class Pulses(long count, TimeSpan period, OperatorContext context) : Source<Batch>
{
    private static readonly Schema Columns = new([Field.Channel("c0", Unit.One)]);
    private static readonly DateTimeOffset Start = new WorldOptions().Start;
    private long _made;
    public override DateTimeOffset? NextAt => _made < count ? Start + (period * _made) : null;

    public override Batch Next()
    {
        var batch = context.Pool.Rent(Columns, 4);
        for (var row = 0; row < 4; row++) { batch.Channels[0].Writable<float>()[row] = (_made * 4) + row; }
        _made++;
        return batch;
    }
}

internal sealed record Outputs(int MaxOutputsPerCall) : IBlockOptions;

/// <summary>Calls a function of the test's for each message; passes on what it gives back.</summary>
internal sealed class Apply<TIn, TOut>(Func<TIn, OperatorContext, TOut?> function, OperatorContext context, IOutput<TOut> output)
    : Operator<TIn>
    where TIn : class
    where TOut : class
{
    public override void Process(TIn input) { if (function(input, context) is { } result) { output.Emit(result); } }
}

/// <summary>Holds messages and emits each after a delay, in order; the rest at the end. Without a delay it holds all until then.</summary>
internal sealed class Delayed(TimeSpan? delay, OperatorContext context, IOutput<Num> output) : Operator<Num>, IStateful
{
    private readonly Queue<(DateTimeOffset Due, Num Item)> _held = [];
    public string StateFormat => "delayed/1";

    public void State(ref StateStream s) => s.Items(_held, int.MaxValue,
        static (ref StateStream s, ref (DateTimeOffset Due, Num Item) held) =>
            held = (s.Time(held.Due)!.Value, new(s.Value(held.Item?.Value ?? 0))));

    public List<TimeSpan> Woken { get; } = [];

    public override void Process(Num input)
    {
        _held.Enqueue((context.Now + (delay ?? TimeSpan.Zero), input));
        if (delay is not null) { context.WakeAt(_held.Peek().Due); }
    }

    public override void WakeUp()
    {
        while (_held.TryPeek(out var next) && next.Due <= context.Now) { output.Emit(_held.Dequeue().Item); }
        if (_held.TryPeek(out var later)) { context.WakeAt(later.Due); }
    }

    public override void Complete() { while (_held.TryDequeue(out var held)) { output.Emit(held.Item); } }
}

/// <summary>Passes messages on, and asks for wake-ups as long as its input is open; says −1 at the end.</summary>
internal sealed class Ticking(TimeSpan period, long cost, bool emits, OperatorContext context, IOutput<Num> output) : Operator<Num>
{
    private bool _ticking;

    public override void Process(Num input)
    {
        output.Emit(input);
        if (!_ticking) { context.WakeAt(context.Now + period); }
        _ticking = true;
    }

    public override void WakeUp()
    {
        context.Charge(cost);
        if (emits) { output.Emit(new(-2)); }
        context.WakeAt(context.Now + period);
    }

    public override void Complete() => output.Emit(new(-1));
}

/// <summary>Adds up; emits a sum for each message and takes a new start by control.</summary>
internal sealed class Summing(OperatorContext context, IOutput<Num> output, long cost) : Operator<Num>, IControlledBy<Steer>, IStateful
{
    private long _sum;
    public string StateFormat => "summing/1";
    public void State(ref StateStream s) => s.Value(ref _sum);

    public override void Process(Num input)
    {
        context.Charge(cost);
        _sum = unchecked((_sum * 31) + input.Value + context.Random.NextInt32(7));
        output.Emit(new(_sum));
    }

    public void Control(Steer message)
    {
        context.Charge(cost);
        _sum ^= message.Value;
    }
}

/// <summary>Awaits an answer for each message.</summary>
internal sealed class Asking(IOutput<Num> output) : Operator<Num>, IControlledBy<Steer>
{
    private int _awaited;
    public override bool AwaitingReplies => _awaited > 0;

    public override void Process(Num input)
    {
        _awaited++;
        output.Emit(input);
    }

    public void Control(Steer message) => _awaited--;
}

/// <summary>Parts odd from even, and drops each tenth.</summary>
internal sealed class Parting(OperatorContext context, IOutput<Num> even, IOutput<Num> odd) : Operator<Num>
{
    private long _seen;

    public override void Process(Num input)
    {
        if (++_seen % 10 == 0) { context.Drop(input, "tenth"); }
        else { ((input.Value & 1) == 0 ? even : odd).Emit(input); }
    }
}

internal sealed class NumCodec : ICodec<Num>
{
    public static NumCodec Plain { get; } = new();

    /// <summary>Bytes of each message, at least 9.</summary>
    public int Bytes { get; init; } = 9;
    public string Name => "num/1";

    public void Encode(Num value, IBufferWriter<byte> buffer)
    {
        var span = buffer.GetSpan(Bytes)[..Bytes];
        span.Clear();
        span[0] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(span[1..], value.Value);
        buffer.Advance(Bytes);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Num value)
    {
        value = null!;
        if (bytes.Length < 9 || bytes.FirstSpan[0] != 1) { return false; }
        value = new(BinaryPrimitives.ReadInt64LittleEndian(bytes.FirstSpan[1..9]));
        return true;
    }
}

internal sealed class SteerCodec : ICodec<Steer>
{
    public static SteerCodec Plain { get; } = new();
    public string Name => "steer/1";

    public void Encode(Steer value, IBufferWriter<byte> buffer)
    {
        var span = buffer.GetSpan(9);
        span[0] = (byte)value.ReplacementKey[0];
        BinaryPrimitives.WriteInt64LittleEndian(span[1..], value.Value);
        buffer.Advance(9);
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Steer value)
    {
        value = bytes.Length == 9 ? new(BinaryPrimitives.ReadInt64LittleEndian(bytes.FirstSpan[1..]), ((char)bytes.FirstSpan[0])
            .ToString()) : null!;
        return bytes.Length == 9;
    }
}

/// <summary>Short wiring for the tests.</summary>
internal static class Wiring
{
    internal static TimeSpan Ms(double milliseconds) => TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond));

    internal static Flow<Num> Count(this PipelineBuilder p, long count, TimeSpan period, string name = "count", TimeSpan first = default) =>
        p.From(name, count, (long n, OperatorContext _) => new Counting(n, first, period));

    internal static Flow<Batch> Pulse(this PipelineBuilder p, long count, TimeSpan period, string name = "pulse") =>
        p.From(name, count, (long n, OperatorContext context) => new Pulses(n, period, context));

    internal static Flow<TOut> Map<TIn, TOut>(this Flow<TIn> flow, string name, Func<TIn, OperatorContext, TOut?> function)
        where TIn : class
        where TOut : class =>
        flow.Via(name, "", (string _, OperatorContext context, IOutput<TOut> output) => new Apply<TIn, TOut>(function, context, output));

    /// <summary>Each call costs a number of multiply-adds.</summary>
    internal static Flow<Num> Cost(this Flow<Num> flow, string name, long multiplyAdds) => flow.Map<Num, Num>(name, (item, context) =>
    {
        context.Charge(multiplyAdds);
        return item;
    });

    internal static Flow<Num> Delay(this Flow<Num> flow, string name, TimeSpan delay) =>
        flow.Via(name, new Outputs(1000), (Outputs _, OperatorContext context, IOutput<Num> output) => new Delayed(delay, context, output));

    internal static Flow<Num> HoldAll(this Flow<Num> flow, string name) =>
        flow.Via(name, new Outputs(1000), (Outputs _, OperatorContext context, IOutput<Num> output) => new Delayed(null, context, output));

    internal static Flow<Num> Tick(this Flow<Num> flow, string name, TimeSpan period, long cost, bool emits = false) =>
        flow.Via(name, "", (string _, OperatorContext context, IOutput<Num> output) => new Ticking(period, cost, emits, context, output));

    internal static Flow<Num> Sum(this Flow<Num> flow, string name, long cost = 0) =>
        flow.Via(name, cost, static (long cost, OperatorContext context, IOutput<Num> output) => new Summing(context, output, cost));

    internal static Fork<Num, Num> Part(this Flow<Num> flow, string name) =>
        flow.Via(name, "", static (string _, OperatorContext context, IOutput<Num> even, IOutput<Num> odd) =>
            new Parting(context, even, odd));

    /// <summary>Writes down what comes and when, and takes a time for it.</summary>
    internal static void Watch(this Flow<Num> flow, string name, List<Seen> seen, long cost = 0) =>
        flow.To(name, cost, (long cost, OperatorContext context) => new Watching(seen, cost, context));

    private sealed class Watching(List<Seen> seen, long cost, OperatorContext context) : Operator<Num>
    {
        public override void Process(Num input)
        {
            context.Charge(cost);
            seen.Add(new(context.Now - new WorldOptions().Start, input.Value));
        }
    }
}
