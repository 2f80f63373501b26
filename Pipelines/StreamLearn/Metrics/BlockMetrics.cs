using System.Globalization;
using System.Text;

namespace StreamLearn;

/// <summary>The counters of one block in one run. Written by the block's host, read by anybody.</summary>
public sealed class BlockMetrics
{
    private readonly Tally _counters;
    private readonly Tally _drops;
    private readonly Tally _dropRows;
    private readonly Tally _gauges;
    private long _itemsIn, _itemsOut, _rowsIn, _rowsOut, _errors, _busyTicks, _blockedTicks, _multiplyAdds, _controls;

    internal BlockMetrics(string block)
        : this(block, new(), new(), new(), new()) { }

    private BlockMetrics(string block, Tally counters, Tally drops, Tally dropRows, Tally gauges) =>
        (Block, _counters, _drops, _dropRows, _gauges) = (block, counters, drops, dropRows, gauges);

    /// <summary>The block's name.</summary>
    public string Block { get; }

    /// <summary>Data messages taken.</summary>
    public long ItemsIn => Interlocked.Read(ref _itemsIn);

    /// <summary>Messages emitted, on the main and the side output; a dead letter counts as dropped.</summary>
    public long ItemsOut => Interlocked.Read(ref _itemsOut);

    /// <summary>Control messages taken.</summary>
    public long Controls => Interlocked.Read(ref _controls);

    /// <summary>Sensor rows taken.</summary>
    public long RowsIn => Interlocked.Read(ref _rowsIn);

    /// <summary>Sensor rows emitted.</summary>
    public long RowsOut => Interlocked.Read(ref _rowsOut);

    /// <summary>Calls that threw.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Multiply-adds that the operator reported.</summary>
    public long MultiplyAdds => Interlocked.Read(ref _multiplyAdds);

    /// <summary>Time spent in calls: measured in the dataflow host, virtual in the simulation.</summary>
    public TimeSpan Busy => new(Interlocked.Read(ref _busyTicks));

    /// <summary>Time spent with outputs that found the next edge full.</summary>
    public TimeSpan Blocked => new(Interlocked.Read(ref _blockedTicks));

    /// <summary>Messages dropped, by reason: by the operator, and by the edges into this block.</summary>
    public IReadOnlyDictionary<string, long> Drops => _drops.Counts();

    /// <summary>Sensor rows dropped, by reason.</summary>
    public IReadOnlyDictionary<string, long> RowsDropped => _dropRows.Counts();

    /// <summary>Counters of the operator's own.</summary>
    public IReadOnlyDictionary<string, long> Counters => _counters.Counts();

    /// <summary>Values of the operator's own that go up and down.</summary>
    public IReadOnlyDictionary<string, double> Gauges => _gauges.Values();

    /// <summary>Reads a counter of the operator's own; 0 if it never counted.</summary>
    /// <param name="counter">Its name.</param>
    public long Counter(string counter) => _counters[counter];

    /// <summary>What came in and went out, what was dropped, with the reason, and what the operator counts and shows, in a line; what is 0
    /// is left out.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Block).Append(CultureInfo.InvariantCulture, $": {ItemsIn} in, {ItemsOut} out");
        if (RowsIn + RowsOut > 0) { text.Append(CultureInfo.InvariantCulture, $" ({RowsIn} rows in, {RowsOut} out)"); }
        var rows = RowsDropped;
        foreach (var (reason, count) in Drops.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $", {count} dropped {reason}");
            if (rows.TryGetValue(reason, out var lost)) { text.Append(CultureInfo.InvariantCulture, $" ({lost} rows)"); }
        }

        foreach (var (reason, lost) in rows.Where(r => !Drops.ContainsKey(r.Key)).OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $", {lost} rows dropped {reason}");
        }

        foreach (var (name, count) in Counters.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $", {count} {name}");
        }

        foreach (var (name, value) in Gauges.Where(g => g.Value != 0).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $", {value:0.###} {name}");
        }

        return Errors == 0 ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $", {Errors} errors").ToString();
    }

    /// <summary>Counters for blocks inside this one: what they drop and count is this one's, what they take and emit is not.</summary>
    internal BlockMetrics ForInner() => new(Block, _counters, _drops, _dropRows, _gauges);

    internal void Took(int rows)
    {
        Count(ref _itemsIn, 1);
        if (rows != 0) { Count(ref _rowsIn, rows); }
    }

    /// <summary>A message that was taken is taken again, after a restart.</summary>
    internal void TakesAgain(int rows)
    {
        if (ItemsIn == 0) { return; }       // the state says nothing of counts
        Count(ref _itemsIn, -1);
        if (rows != 0) { Count(ref _rowsIn, -rows); }
    }

    internal void Gave(int rows)
    {
        Count(ref _itemsOut, 1);
        if (rows != 0) { Count(ref _rowsOut, rows); }
    }

    internal void Controlled() => Count(ref _controls, 1);

    internal void Threw() => Count(ref _errors, 1);

    internal void Worked(long ticks, long multiplyAdds)
    {
        Count(ref _busyTicks, ticks);
        if (multiplyAdds != 0) { Count(ref _multiplyAdds, multiplyAdds); }
    }

    internal void Waited(long ticks) => Count(ref _blockedTicks, ticks);

    internal void Dropped(string reason, long items, long rows)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        if (items != 0) { _drops.Add(reason, items); }
        if (rows != 0) { _dropRows.Add(reason, rows); }
    }

    internal void Add(string counter, long amount) => _counters.Add(counter, amount);

    /// <summary>The values that stand.</summary>
    internal void StateOfGauges(ref StateStream s) => _gauges.State(ref s);

    /// <summary>All that was counted. What is read takes the place of what was counted meanwhile.</summary>
    internal void StateOfCounts(ref StateStream s)
    {
        Span<long> numbers = [_itemsIn, _itemsOut, _rowsIn, _rowsOut, _errors, _busyTicks, _blockedTicks, _multiplyAdds, _controls];
        s.Values(numbers);
        if (s.IsReading)
        {
            (_itemsIn, _itemsOut, _rowsIn, _rowsOut) = (numbers[0], numbers[1], numbers[2], numbers[3]);
            (_errors, _busyTicks, _blockedTicks, _multiplyAdds, _controls) = (numbers[4], numbers[5], numbers[6], numbers[7], numbers[8]);
            _counters.Clear();
            _drops.Clear();
            _dropRows.Clear();
        }

        _counters.State(ref s);
        _drops.State(ref s);
        _dropRows.State(ref s);
    }

    /// <summary>Counts and values, for a world that goes on at the same moment.</summary>
    internal void State(ref StateStream s)
    {
        StateOfCounts(ref s);
        if (s.IsReading) { _gauges.Clear(); }
        StateOfGauges(ref s);
    }

    internal void Set(string name, double value) => _gauges.Set(name, value);

    internal void Shift(string name, double by) => _gauges.Shift(name, by);

    /// <summary>Adds to a number that only the block's host writes, one call at a time: readers need a whole value, not an interlocked
    /// one.</summary>
    private static void Count(ref long number, long amount) => Volatile.Write(ref number, number + amount);
}
