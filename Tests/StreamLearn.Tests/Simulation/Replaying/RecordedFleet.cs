using System.Collections.Concurrent;

namespace StreamLearn.Simulation.Tests;

/// <summary>The pipelines of the replay tests.</summary>
internal static class RecordedFleet
{
    /// <summary>An edge and three sensors: branches, merges, every edge policy, control that is replaced, wake-ups, errors that are
    /// retried, skipped and set aside.</summary>
    internal static List<Pipeline> Of(ITransport air, Observations observed, long count = 150) =>
    [
        Pipeline.Define("edge", p =>
        {
            var updates = p.Subscribe(air, "up/+", NumCodec.Plain, new() { Capacity = 4 });
            var mixed = updates.Mix("mix", 1000);
            static Steer Model(Num n) => new(n.Value, (n.Value & 1) == 0 ? "a" : "b");
            mixed.Map<Num, Steer>("model", (n, _) => Model(n)).Publish(air, "model", SteerCodec.Plain, retain: true);
            p.Count(1, TimeSpan.Zero).Map<Num, Steer>("first", (n, _) => Model(n))
                .Publish(air, "first-model", SteerCodec.Plain, retain: true);
            mixed.Buffer(2, OnFull.DropNewest).ForEach("end", n =>
            {
                Thread.SpinWait(400);
                observed.Add("edge", n.Value);
            });
        }),
        .. Enumerable.Range(0, 3).Select(i => Pipeline.Define($"sensor-{i}", p =>
        {
            var (even, odd) = p.Count(count, TimeSpan.Zero).Merge(p.Count(count / 2, TimeSpan.Zero, "more")).Part("part");
            var risky = even.Via("risky", "", static (string _, OperatorContext context, IOutput<Num> output) => new Risky(context, output))
                .OnError(i switch { 0 => ErrorPolicy.Skip, 1 => ErrorPolicy.DeadLetter, _ => ErrorPolicy.Retry(1, ErrorPolicy.Skip) });
            if (i == 1)
            {
                p.DeadLetters.Map<DeadLetter, Num>("letters", (l, _) => (Num)l.Item).ForEach("dead", n => observed.Add("dead", n.Value));
            }
            var bounded = i == 0 ? risky.Coalesce((a, b) => new(a.Value ^ (b.Value * 7))) : risky.Buffer(2, OnFull.DropOldest);
            var models = p.Subscribe(air, "first-model", SteerCodec.Plain).Merge(p.Subscribe(air, "model", SteerCodec.Plain));
            var mixed = bounded.Mix("mix", 10, waits: true).ControlledBy(models);
            var late = odd.Coalesce((a, b) => new((a.Value * 31) + b.Value)).Delay("late", Ms(0.02)).Mix("mix-late", 1);
            mixed.Merge(late).Publish(air, $"up/{i}", NumCodec.Plain);
            mixed.Merge(mixed, late).Buffer(1, OnFull.KeepLatest).ForEach("end", n => observed.Add($"sensor-{i}", n.Value));
            p.Pulse(count / 3, TimeSpan.Zero).Buffer(1, i == 0 ? OnFull.DropOldest : OnFull.DropNewest)
                .Map<Batch, Batch>("writes", (b, context) =>
            {
                Thread.SpinWait(200);
                var writable = b.ToWritable();
                writable.Channels[0].Writable<float>()[0] += (float)context.Random.NextDouble();
                return writable;
            }).ForEach("rows", b => observed.Add($"rows-{i}", BitConverter.SingleToInt32Bits(b.Channels[0].Values<float>()[0])));
        })),
    ];
}

/// <summary>What sinks saw; each sink has one thread at a time.</summary>
internal sealed class Observations
{
    public ConcurrentDictionary<string, List<long>> Values { get; } = new();
    public void Add(string sink, long value) => Values.GetOrAdd(sink, _ => []).Add(value);
}

/// <summary>A transport in process that keeps what each publisher sent.</summary>
internal sealed class Tap : ITransport
{
    private readonly InProcessTransport _inner = new("air");
    public ConcurrentDictionary<string, List<byte[]>> Sent { get; } = new();
    public string Name => "air";

    public ValueTask PublishAsync(Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        var sent = Sent.GetOrAdd(options.Origin.Source, _ => []);
        Assert.Equal(sent.Count, options.Origin.Sequence);
        sent.Add(payload.ToArray());
        return _inner.PublishAsync(topic, payload, options, cancellationToken);
    }

    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken) =>
        _inner.SubscribeAsync(filter, options, cancellationToken);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}

/// <summary>A state that depends on every message, control message, draw, time and order; it may wait for its first control
/// message.</summary>
internal sealed class Mixing(long cost, bool waits, OperatorContext context, IOutput<Num> output) : Operator<Num>, IControlledBy<Steer>
{
    private ulong _state = (ulong)context.Now.Ticks;
    private bool _waits = waits;
    public override bool Ready => !_waits;

    public override void Process(Num input)
    {
        Thread.SpinWait((int)(_state % 8) * 40);      // a few microseconds, so that the edges before it fill
        Stir((ulong)input.Value);
        context.Charge(cost + (long)(_state % 3));
        output.Emit(new((long)_state));
    }

    public void Control(Steer message)
    {
        _waits = false;
        Stir((ulong)message.Value ^ 0xC0);
    }

    public override void Complete()
    {
        Stir(1);
        output.Emit(new((long)_state));
    }

    private void Stir(ulong value) =>
        _state = System.Numerics.BitOperations.RotateLeft(
            (_state ^ value ^ (ulong)context.Now.Ticks ^ context.Random.NextUInt64()) * 0x9E3779B97F4A7C15UL, 23);
}

/// <summary>Emits and may throw then, so that what it emitted is taken back.</summary>
internal sealed class Risky(OperatorContext context, IOutput<Num> output) : Operator<Num>
{
    public override void Process(Num input)
    {
        output.Emit(input);
        if (context.Random.NextInt32(4) == 0) { throw new InvalidOperationException("dice"); }
    }
}

internal static class MixingExtensions
{
    internal static Flow<Num> Mix(this Flow<Num> flow, string name, long cost, bool waits = false) =>
        flow.Via(name, (cost, waits), static ((long Cost, bool Waits) o, OperatorContext context, IOutput<Num> output) =>
            new Mixing(o.Cost, o.Waits, context, output));
}
