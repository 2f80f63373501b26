namespace StreamLearn;

/// <summary>All that an operator gets from its host: time, randomness, memory, and a place for what it counts.</summary>
public sealed class OperatorContext
{
    private readonly BlockMetrics _metrics;
    private readonly OperatorContext? _outer;
    private Dictionary<string, double>? _shares;      // of the outer block's values, by name
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

    /// <summary>The seed of the run, for further named streams.</summary>
    public long Seed { get; }

    /// <summary>The time of this call; it does not move while the call runs. Up to eight calls of a few microseconds that follow one
    /// another may share a reading.</summary>
    public DateTimeOffset Now { get; internal set; }

    /// <summary>When the block began; inside <c>PerKey</c>, when the outer block did. A replayed run began when the recorded one
    /// did.</summary>
    public DateTimeOffset Started { get; private set; }

    /// <summary>The block's own stream of random numbers, named by seed, block and pipeline.</summary>
    public RandomStream Random => _random ??= new(Seed, Block, Pipeline);

    /// <summary>Where batches are rented.</summary>
    public BatchPool Pool { get; }

    /// <summary>The columns of batches on the main output, as the definition knows them beforehand; null if it does not.</summary>
    public Schema? Columns { get; internal init; }

    /// <summary>Set when the run stops; long calls look at it between slices.</summary>
    public CancellationToken Cancellation { get; }

    internal TopicLevels? Levels { get; init; }

    /// <summary>The seconds that the device takes for the layers of its model; null: the host does not know them.</summary>
    internal LayerTimes? LayerTimes { get; init; }

    /// <summary>Checkpoints newer than the one that the run resumes from which cannot be read, so that what the block sent since is not
    /// known: a block that numbers what it sends passes over as many numbers as may have been given. 0 for almost all runs.</summary>
    public long LostCheckpoints { get; internal init; }

    /// <summary>True if a state that is restored was saved at this very moment, as in a virtual world that was saved: no time has passed,
    /// and nobody has noticed. False after a restart, where the block may have been missed. An <see cref="IStateful"/> may ask while it
    /// reads.</summary>
    public bool ResumesInPlace { get; internal set; }

    /// <summary>The error policy of the block; one that runs others holds them to it.</summary>
    internal ErrorPolicy Errors { get; set; } = ErrorPolicy.Fail;

    /// <summary>Counters for the blocks that this one runs.</summary>
    internal BlockMetrics ForInnerBlocks() => _metrics.ForInner();

    internal long ChargedMultiplyAdds { get; private set; }

    /// <summary>Of the charged multiply-adds, those whose time is in <see cref="ChargedSeconds"/>.</summary>
    internal long TimedMultiplyAdds { get; private set; }

    internal double ChargedSeconds { get; private set; }

    /// <summary>Asks for a wake-up. One is kept; the earliest wins.</summary>
    /// <param name="time">When, on the clock of <see cref="Now"/>.</param>
    public void WakeAt(DateTimeOffset time)
    {
        if (_wakeAt is null || time < _wakeAt) { _wakeAt = time; }
    }

    /// <summary>Ends a message here and counts it, and its rows, under a reason.</summary>
    /// <param name="item">The message; disposed if it is owned.</param>
    /// <param name="reason">Why, in lower-case words joined by hyphens, such as <c>warm-up</c>.</param>
    public void Drop(object item, string reason)
    {
        ArgumentNullException.ThrowIfNull(item);
        _metrics.Dropped(reason, 1, (item as ISized)?.Rows ?? 0);
        if (item is IDisposable owned) { owned.Dispose(); }
    }

    /// <summary>Counts rows that end here without a message of their own, such as the rest of an open window.</summary>
    /// <param name="rows">Rows, 0 or more.</param>
    /// <param name="reason">Why.</param>
    public void DropRows(long rows, string reason) => _metrics.Dropped(reason, 0, rows);

    /// <summary>Adds to a counter of this block.</summary>
    /// <param name="counter">Its name, plural nouns joined by hyphens, such as <c>rows-windowed</c>.</param>
    /// <param name="amount">How much.</param>
    public void Record(string counter, long amount = 1) => _metrics.Add(counter, amount);

    /// <summary>Sets a value of this block that goes up and down. Inside <c>PerKey</c> the block shows the sum over its keys.</summary>
    /// <param name="name">Its name, such as <c>rows-held</c>.</param>
    /// <param name="value">The value now.</param>
    public void Gauge(string name, double value)
    {
        if (_outer is null) { _metrics.Set(name, value); }
        else { Shift(name, value - (_shares?.GetValueOrDefault(name) ?? 0)); }
    }

    /// <summary>The text of a named topic level, for a code that stands in the level's column.</summary>
    /// <param name="level">The level's name.</param>
    /// <param name="code">The code, from 0.</param>
    /// <exception cref="ArgumentException">No subscription of the pipeline has the level, or no text has the code.</exception>
    public string LevelText(string level, int code) =>
        Levels?.Text(level, code) ?? throw new ArgumentException($"no subscription has a level '{level}'", nameof(level));

    /// <summary>Reports work done: a metric in the dataflow host, virtual time in the simulation.</summary>
    /// <param name="multiplyAdds">Multiply-adds, 0 or more.</param>
    public void Charge(long multiplyAdds) => ChargedMultiplyAdds += multiplyAdds;

    /// <summary>Reports work whose time is known: virtual time in the simulation. The dataflow host measures the call and adds
    /// nothing.</summary>
    /// <param name="time">How long it takes at speed 1, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public void Charge(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        ChargedSeconds += time.TotalSeconds;
    }

    /// <summary>Reports work of layers [first, end) of a model. Where the device has measured times of all of them, the work takes
    /// these; otherwise it takes the time of its multiply-adds, which are counted in any case.</summary>
    /// <param name="first">The first layer, from 0.</param>
    /// <param name="end">The layer after the last one.</param>
    /// <param name="rows">Rows that went through them, 0 or more.</param>
    /// <param name="backward">True: backward; false: forward.</param>
    /// <param name="multiplyAdds">Multiply-adds of all rows in these layers, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no such layers, or the rows are negative.</exception>
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

    /// <summary>Reports the work of an operator that runs inside this one.</summary>
    internal void ChargeInner(OperatorContext inner)
    {
        ChargedMultiplyAdds += inner.ChargedMultiplyAdds;
        TimedMultiplyAdds += inner.TimedMultiplyAdds;
        ChargedSeconds += inner.ChargedSeconds;
    }

    /// <summary>The context of an operator that runs inside another one, for one key: the same counters, a random stream of its
    /// own.</summary>
    internal OperatorContext ForInner(string block, string key)
    {
        var inner = new OperatorContext($"{Pipeline}/{key}", $"{Block}/{block}", Seed, Pool, _metrics, Cancellation, this);
        inner.Begin(Now);
        return inner;
    }

    /// <summary>Takes the share of this inner operator out of the outer block's values: its key is gone.</summary>
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

    /// <summary>What is the host's of an operator: how long ago it began, how far its random numbers have come, and what its values
    /// show.</summary>
    internal void State(ref StateStream s, DateTimeOffset now)
    {
        var ago = s.Value((now - Started).Ticks);
        if (s.IsReading) { Started = Before(now, ago); }
        if (s.Value(_random is not null)) { Random.State(ref s); }
        if (_outer is null) { _metrics.StateOfGauges(ref s); }
        else if (s.IsWriting && _shares is null) { s.Value(0); }
        else
        {
            // what the shares add up to is the outer block's, which is read before
            s.Items(_shares ??= [], int.MaxValue, static (ref StateStream s, ref string name, ref double share) =>
            {
                name = s.Value(name ?? "");
                s.Value(ref share);
            });
        }
    }

    /// <summary>Begins the random numbers anew, for a block that is made anew.</summary>
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
