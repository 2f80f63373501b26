namespace StreamLearn;

/// <summary>The services of an operator: time, random numbers, memory and counters.</summary>
public sealed class OperatorContext
{
    private readonly BlockMetrics _metrics;
    private readonly OperatorContext? _outer;
    private Dictionary<string, double>? _shares;      // shares of the outer block's gauges, by name
    private RandomStream? _random;
    private DateTimeOffset? _wakeAt;
    private bool _begun;

    internal OperatorContext(
        string pipeline, string block, long seed, BatchPool pool, BlockMetrics metrics, CancellationToken cancellation,
        OperatorContext? outer = null)
    {
        _outer = outer;
        (Pipeline, Block, Pool, Cancellation) = (pipeline, block, pool, cancellation);
        _metrics = metrics;
        _begun = outer is not null;
        (Started, Levels, LayerTimes) = (outer?.Started ?? default, outer?.Levels, outer?.LayerTimes);
        Seed = seed;
    }

    /// <summary>The pipeline's name; in a fleet, the device.</summary>
    public string Pipeline { get; }

    /// <summary>The block's name.</summary>
    public string Block { get; }

    /// <summary>The run's seed, for further named random streams.</summary>
    public long Seed { get; }

    /// <summary>The time of this call, constant during it. Up to eight consecutive short calls may share a clock reading.</summary>
    public DateTimeOffset Now { get; internal set; }

    /// <summary>The start time of the block or, inside <c>PerKey</c>, of the outer block. Replays use the recorded start.</summary>
    public DateTimeOffset Started { get; private set; }

    /// <summary>The block's random stream, named by seed, block and pipeline.</summary>
    public RandomStream Random => _random ??= new(Seed, Block, Pipeline);

    /// <summary>The batch pool.</summary>
    public BatchPool Pool { get; }

    /// <summary>The main output's columns, if known from the definition; otherwise null.</summary>
    public Schema? Columns { get; internal init; }

    /// <summary>Canceled when the run stops; long calls should poll it.</summary>
    public CancellationToken Cancellation { get; }

    internal TopicLevels? Levels { get; init; }

    internal LayerTimes? LayerTimes { get; init; }

    /// <summary>Unreadable checkpoints newer than the one resumed from, usually 0. A block that numbers its messages must skip the numbers
    /// that may have been used since.</summary>
    public long LostCheckpoints { get; internal init; }

    /// <summary>True if the restored state was saved at this very moment, as in a saved simulation. False after a restart with downtime. An
    /// operator can read it while <see cref="IStateful"/> restores.</summary>
    public bool ResumesInPlace { get; internal set; }

    internal ErrorPolicy Errors { get; set; } = ErrorPolicy.Fail;

    internal BlockMetrics ForInnerBlocks() => _metrics.ForInner();

    internal long ChargedMultiplyAdds { get; private set; }

    internal long TimedMultiplyAdds { get; private set; }

    internal double ChargedSeconds { get; private set; }

    /// <summary>Requests a wake-up; only the earliest request is kept.</summary>
    /// <param name="time">The time, on the clock of <see cref="Now"/>.</param>
    public void WakeAt(DateTimeOffset time)
    {
        if (_wakeAt is null || time < _wakeAt) { _wakeAt = time; }
    }

    /// <summary>Drops a message and counts it and its rows.</summary>
    /// <param name="item">The message, which is disposed if it has an owner.</param>
    /// <param name="reason">The reason, in lower-case hyphenated words, such as <c>warm-up</c>.</param>
    public void Drop(object item, string reason)
    {
        ArgumentNullException.ThrowIfNull(item);
        _metrics.Dropped(reason, 1, (item as ISized)?.Rows ?? 0);
        if (item is IDisposable owned) { owned.Dispose(); }
    }

    /// <summary>Counts dropped rows that are not in a message, such as rows of an open window.</summary>
    /// <param name="rows">Rows, 0 or more.</param>
    /// <param name="reason">The reason.</param>
    public void DropRows(long rows, string reason) => _metrics.Dropped(reason, 0, rows);

    /// <summary>Adds to a counter.</summary>
    /// <param name="counter">The name: plural nouns with hyphens, such as <c>rows-windowed</c>.</param>
    /// <param name="amount">The amount.</param>
    public void Record(string counter, long amount = 1) => _metrics.Add(counter, amount);

    /// <summary>Sets a gauge. Inside <c>PerKey</c> the block shows the sum over its keys.</summary>
    /// <param name="name">The name, such as <c>rows-held</c>.</param>
    /// <param name="value">The value.</param>
    public void Gauge(string name, double value)
    {
        if (_outer is null) { _metrics.Set(name, value); }
        else { Shift(name, value - (_shares?.GetValueOrDefault(name) ?? 0)); }
    }

    /// <summary>Returns the name of a topic level's code.</summary>
    /// <param name="level">The level's name.</param>
    /// <param name="code">The code, from 0.</param>
    /// <exception cref="ArgumentException">No subscription has the level, or no name has the code.</exception>
    public string LevelText(string level, int code) =>
        Levels?.Text(level, code) ?? throw new ArgumentException($"no subscription has a level '{level}'", nameof(level));

    /// <summary>Reports work: a metric in the dataflow host, virtual time in the simulation.</summary>
    /// <param name="multiplyAdds">Multiply-adds, 0 or more.</param>
    public void Charge(long multiplyAdds) => ChargedMultiplyAdds += multiplyAdds;

    /// <summary>Reports work of known duration: virtual time in the simulation, no effect in the dataflow host.</summary>
    /// <param name="time">The duration at speed 1, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public void Charge(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        ChargedSeconds += time.TotalSeconds;
    }

    /// <summary>Reports work in model layers [first, end). If the device's times of all these layers are known, the simulation uses them,
    /// otherwise the time of the multiply-adds. The multiply-adds always count.</summary>
    /// <param name="first">The first layer, from 0.</param>
    /// <param name="end">One past the last layer.</param>
    /// <param name="rows">Rows processed, 0 or more.</param>
    /// <param name="backward">True: backward; false: forward.</param>
    /// <param name="multiplyAdds">Multiply-adds in total, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such layers, or the number of rows is negative.</exception>
    public void ChargeLayers(int first, int end, int rows, bool backward, long multiplyAdds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfLessThan(end, first);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ChargedMultiplyAdds += multiplyAdds;
        if (LayerTimes is not { } times || end > times.Count) { return; }
        TimedMultiplyAdds += multiplyAdds;
        ChargedSeconds += rows * (backward ? times.BackwardSeconds(first, end) : times.ForwardSeconds(first, end));
    }

    internal void ChargeInner(OperatorContext inner)
    {
        ChargedMultiplyAdds += inner.ChargedMultiplyAdds;
        TimedMultiplyAdds += inner.TimedMultiplyAdds;
        ChargedSeconds += inner.ChargedSeconds;
    }

    /// <summary>Creates the context of one key's inner operator, with shared counters and a random stream of its own.</summary>
    internal OperatorContext ForInner(string block, string key)
    {
        var inner = new OperatorContext($"{Pipeline}/{key}", $"{Block}/{block}", Seed, Pool, _metrics, Cancellation, this);
        inner.Begin(Now);
        return inner;
    }

    /// <summary>Removes the share of a completed key from the outer gauges.</summary>
    internal void Withdraw()
    {
        foreach (var (name, share) in _shares ?? []) { _outer!.Shift(name, -share); }
        _shares = null;
    }

    internal DateTimeOffset? TakeWake()
    {
        if (_wakeAt is null) { return null; }
        var wake = _wakeAt;
        _wakeAt = null;
        return wake;
    }

    internal void Begin(DateTimeOffset now)
    {
        if (!_begun) { (_begun, Started) = (true, now); }
        (Now, ChargedMultiplyAdds, TimedMultiplyAdds, ChargedSeconds) = (now, 0, 0, 0);
    }

    internal void State(ref StateStream s, DateTimeOffset now)
    {
        var ago = s.Value((now - Started).Ticks);
        if (s.IsReading) { Started = Before(now, ago); }
        if (s.Value(_random is not null)) { Random.State(ref s); }
        if (_outer is null) { _metrics.StateOfGauges(ref s); }
        else if (s.IsWriting && _shares is null) { s.Value(0); }
        else
        {
            // the outer block, read before, already holds their sum
            s.Items(_shares ??= [], int.MaxValue, static (ref StateStream s, ref string name, ref double share) =>
            {
                name = s.Value(name ?? "");
                s.Value(ref share);
            });
        }
    }

    internal void ForgetDrawn() => _random = null;

    private static DateTimeOffset Before(DateTimeOffset now, long ticks) =>
        ticks >= 0 && ticks <= now.UtcTicks ? now.AddTicks(-ticks) : throw new StateException($"expected a time ago, got {ticks} ticks");

    private void Shift(string name, double by)
    {
        if (_outer is null)
        {
            _metrics.Shift(name, by);
            return;
        }

        (_shares ??= [])[name] = _shares.GetValueOrDefault(name) + by;
        _outer.Shift(name, by);
    }
}
