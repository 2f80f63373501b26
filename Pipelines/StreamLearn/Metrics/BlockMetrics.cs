using System.Globalization;
using System.Text;

namespace StreamLearn;

/// <summary>The counters of one block in one run. The host writes them; reads are thread-safe.</summary>
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

    /// <summary>Data messages received.</summary>
    public long ItemsIn => Interlocked.Read(ref _itemsIn);

    /// <summary>Messages emitted on main and side outputs; dead letters count as dropped.</summary>
    public long ItemsOut => Interlocked.Read(ref _itemsOut);

    /// <summary>Control messages received.</summary>
    public long Controls => Interlocked.Read(ref _controls);

    /// <summary>Sensor rows received.</summary>
    public long RowsIn => Interlocked.Read(ref _rowsIn);

    /// <summary>Sensor rows emitted.</summary>
    public long RowsOut => Interlocked.Read(ref _rowsOut);

    /// <summary>Calls that threw an exception.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Multiply-adds that the operator reported.</summary>
    public long MultiplyAdds => Interlocked.Read(ref _multiplyAdds);

    /// <summary>Time in calls: measured in the dataflow host, virtual in the simulation.</summary>
    public TimeSpan Busy => new(Interlocked.Read(ref _busyTicks));

    /// <summary>Time during which outputs waited for a full edge.</summary>
    public TimeSpan Blocked => new(Interlocked.Read(ref _blockedTicks));

    /// <summary>Dropped messages by reason, by the operator and the edges into it.</summary>
    public IReadOnlyDictionary<string, long> Drops => _drops.Counts();

    /// <summary>Sensor rows dropped, by reason.</summary>
    public IReadOnlyDictionary<string, long> RowsDropped => _dropRows.Counts();

    /// <summary>The operator's own counters.</summary>
    public IReadOnlyDictionary<string, long> Counters => _counters.Counts();

    /// <summary>The operator's own gauges.</summary>
    public IReadOnlyDictionary<string, double> Gauges => _gauges.Values();

    /// <summary>Returns a counter of the operator; 0 if never counted.</summary>
    public long Counter(string counter) => _counters[counter];

    /// <summary>Prints input, output, drops with reasons, counters and gauges in one line. Omits zeros.</summary>
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

    /// <summary>Creates counters for inner blocks. They share drops, counters and gauges, but not messages in and out.</summary>
    internal BlockMetrics ForInner() => new(Block, _counters, _drops, _dropRows, _gauges);

    internal void Took(int rows)
    {
        Count(ref _itemsIn, 1);
        if (rows != 0) { Count(ref _rowsIn, rows); }
    }

    internal void TakesAgain(int rows)
    {
        if (ItemsIn == 0) { return; }       // the state contains no counts
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

    internal void StateOfGauges(ref StateStream s) => _gauges.State(ref s);

    /// <summary>Restored counts replace those made in the meantime.</summary>
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

    /// <summary>For a simulation that resumes at the same moment.</summary>
    internal void State(ref StateStream s)
    {
        StateOfCounts(ref s);
        if (s.IsReading) { _gauges.Clear(); }
        StateOfGauges(ref s);
    }

    internal void Set(string name, double value) => _gauges.Set(name, value);

    internal void Shift(string name, double by) => _gauges.Shift(name, by);

    /// <summary>There is a single writer, so readers need an untorn value, not an interlocked add.</summary>
    private static void Count(ref long number, long amount) => Volatile.Write(ref number, number + amount);
}
