namespace StreamLearn.Fleets.Tests;

/// <summary>Says anything that a codec reads: each tick becomes an update or a presence, of which any part may be of anybody, of any time
/// and of any size. A careful one says only what could be true of a device.</summary>
internal sealed class Lie(IModel model, bool isCareful, OperatorContext context, IOutput<WeightDelta> updates, IOutput<Presence> presences)
    : Operator<Batch>, IControlledBy<Weights>, IStateful
{
    private static readonly string[] Names = ["device-0", "device-1", "device-2", "device-3", "liar", "aggregator", "all", "é/+#"];
    private readonly RandomStream _random = context.Random;
    private ModelVersion _newest;
    private long _sequence;
    public void Control(Weights message) => _newest = message.Id;

    /// <inheritdoc />
    public string StateFormat => "lie/1";

    /// <inheritdoc />
    public void State(ref StateStream s)
    {
        s.Value(ref _sequence);
        _newest = new(s.Value(_newest.Epoch), s.Value(_newest.Version));
    }

    public override void Process(Batch input)
    {
        input.Dispose();
        if (OneIn(4) && !isCareful) { presences.Emit(Say()); }
        else { updates.Emit(isCareful ? Careful(Update()) : Update()); }
    }

    private WeightDelta Careful(WeightDelta lie) => lie with
    {
        Device = "liar",
        Epoch = 1,
        Sequence = ++_sequence,
        BaseVersion = Math.Max(0, _newest.Version - _random.NextInt32(3)),
        BaseEpoch = _newest.Epoch,
        Held = _newest,
        SchemaHash = model.Plan.SchemaHash,
        Values = [.. Enumerable.Range(0, model.Plan.Values)
            .Select(i => lie.Values.ElementAtOrDefault(i)).Select(static v => float.IsFinite(v) ? v : 0)],
        Moments = lie.Moments is { } m && m.Channels == model.Plan.Input.Channels
            ? new(m.Count % (1L << 32), m.Mean, [.. m.M2.Select(Math.Abs)]) : null,
        Leaving = false,
    };

    private Presence Say() => new()
    {
        Device = Name(),
        Epoch = OneIn(2) ? 1 : Number(),
        Kind = (PresenceKind)_random.NextInt32(5),
        Held = OneIn(3) ? null : new(OneIn(2) ? _newest.Epoch : Number(), Near(_newest.Version) & long.MaxValue),
    };

    private WeightDelta Update()
    {
        var values = new float[OneIn(30) ? _random.NextInt32(100) : model.Plan.Values];
        var size = Math.Pow(10, _random.NextDouble(-6, 6));
        for (var i = 0; i < values.Length; i++) { values[i] = (float)(size * _random.NextGaussian()); }
        if (OneIn(20) && values.Length > 0) { values[_random.NextInt32(values.Length)] = OneIn(2) ? float.NaN : float.NegativeInfinity; }
        var steps = OneIn(2) ? 4 : Count();
        return new()
        {
            Device = Name(),
            Epoch = OneIn(8) ? Number() : 1,
            Sequence = OneIn(8) ? Number() : ++_sequence,
            BaseVersion = Near(_newest.Version),
            BaseEpoch = OneIn(8) ? Number() : _newest.Epoch,
            Held = OneIn(3) ? null : new(_newest.Epoch, Near(_newest.Version) & long.MaxValue),
            SchemaHash = OneIn(30) ? (ulong)Number() : model.Plan.SchemaHash,
            Values = [.. values],
            Samples = OneIn(2) ? 16 : Count(),
            Steps = steps,
            RolledBack = OneIn(20) ? _random.NextInt32(steps) : 0,
            Loss = OneIn(20) ? float.NaN : (float)Math.Pow(10, _random.NextDouble(-6, 6)),
            Moments = OneIn(3) ? Moments() : null,
            RoundTime = TimeSpan.FromTicks(OneIn(2) ? 0 : Number() & long.MaxValue),
            CreditWait = TimeSpan.FromTicks(OneIn(2) ? 0 : Number() & long.MaxValue),
            Leaving = OneIn(30),
            IsResent = OneIn(10),
        };
    }

    private ChannelMoments Moments()
    {
        var channels = OneIn(20) ? 1 + _random.NextInt32(9) : model.Plan.Input.Channels;
        ImmutableArray<double> Draw() =>
            [.. Enumerable.Range(0, channels).Select(_ => _random.NextGaussian() * Math.Pow(10, _random.NextDouble(-3, 8)))];
        return new((long)Math.Pow(2, _random.NextDouble(0, 50)), Draw(), Draw());
    }

    private string Name() => OneIn(5) ? Names[_random.NextInt32(Names.Length)] : "liar";
    private int Count() => OneIn(4) ? int.MaxValue : (int)Math.Pow(2, _random.NextDouble(0, 31));

    private long Near(long version) => _random.NextInt32(6) switch
    {
        0 => Number(),
        1 => version + _random.NextInt32(1_000_000),
        2 => version - _random.NextInt32(10),
        _ => version,
    };

    private long Number() => _random.NextInt32(5) switch
    {
        0 => long.MaxValue - _random.NextInt32(3),
        1 => _random.NextInt32(10),
        2 => context.Now.ToUnixTimeMilliseconds() + _random.NextInt32(200_000_000),
        3 => -_random.NextInt32(10),
        _ => (long)(_random.NextDouble() * long.MaxValue),
    };

    private bool OneIn(int n) => _random.NextInt32(n) == 0;
}
