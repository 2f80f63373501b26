using System.Globalization;

namespace StreamLearn;

internal sealed record PerKeyOptions : IBlockOptions
{
    public required string Column { get; init; }

    /// <summary>Keys kept; at least 1, default 256. The least recently seen is completed and counted <c>keys-evicted</c>.</summary>
    public int MaxKeys { get; init; } = 256;

    /// <summary>A key that was not seen for this long is completed and counted <c>keys-evicted</c>. Above 0, default 10 minutes.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(10);

    public int MaxOutputsPerCall { get; init; } = 1024;

    internal Pipeline? Inner { get; init; }

    public string State => $"operators of up to {MaxKeys} keys";

    public long StateBytes(Schema? input) => MaxKeys * (Inner?.Nodes.Sum(n => (n.Options as IBlockOptions)?.StateBytes(input) ?? 0) ?? 0);

    public Schema Output(Schema input)
    {
        var key = input.IndexOf(Column);
        if (key < 0 || input.Fields[key].Type is not (ColumnType.Int32 or ColumnType.Int64))
        {
            throw new SchemaException($"expected an int32 or int64 column '{Column}', got {input}");
        }

        foreach (var node in Inner?.Nodes ?? [])
        {
            if (node.Options is IBlockOptions options) { input = options.Output(input); }
        }

        return input;
    }

    public override string ToString() => $"up to {MaxKeys} keys, idle {Idle}: {Inner}";
}

/// <summary>Keyed flows.</summary>
public static partial class FlowExtensions
{
    /// <summary>Runs one instance of the inner operators for each value of a key column.</summary>
    /// <typeparam name="TOut">The inner operators' output.</typeparam>
    /// <param name="flow">Batches; rows of several keys are split in row order.</param>
    /// <param name="column">The int32 or int64 key column.</param>
    /// <param name="build">Adds the inner blocks: only operators, with waiting edges and one output. Messages taken by an inner
    /// <c>ForEach</c> or <c>Discard</c> end there. Control inputs act within their key.</param>
    /// <param name="maxKeys">Keys kept, at least 1; the least recently seen is completed.</param>
    /// <param name="idle">Completes a key unseen for this long; default 10 minutes.</param>
    /// <remarks> Shape: a batch of n keys becomes n batches. State: the inner operators' state per key. Emits: the inner outputs, per call
    /// up to the capacity of the edge after the block; the rest follows in later calls. Queued rows are state: their message is
    /// acknowledged with the call that took it. Cost: no copy for one key, otherwise one copy of the rows; O(rows) for any number of keys.
    /// Errors: inner operators without a policy use this block's; only one key's rows fail. A key whose inner operator is closed until a
    /// wake-up completes after it; a new key waits for its place. Drops: <c>no-key</c> rows without a key; <c>empty</c>; drops of inner
    /// operators. Counts: <c>keys-evicted</c>. Source: keyed streams as in MillWheel, Akidau et al. (2013). </remarks>
    /// <exception cref="ArgumentException">An option is out of range, an inner block is not an operator, or an inner edge drops or
    /// merges.</exception>
    public static Flow<TOut> PerKey<TOut>(
        this Flow<Batch> flow, string column, Func<Flow<Batch>, Flow<TOut>> build, int maxKeys = 256, TimeSpan? idle = null)
        where TOut : class
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(build);
        ArgumentException.ThrowIfNullOrEmpty(column);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxKeys, 1);
        var life = idle ?? TimeSpan.FromMinutes(10);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(life, TimeSpan.Zero, nameof(idle));
        var inner = Pipeline.Define("per-key", p => build(p.Input<Batch>("key")).Output("out"));
        if (inner.Nodes.FirstOrDefault(n => n.Kind is not NodeKind.Operator && n.Name is not ("key" or "out")) is { } other)
        {
            throw new ArgumentException($"only operators are allowed inside PerKey, got {other.Kind} '{other.Name}'", nameof(build));
        }

        if (inner.Edges.FirstOrDefault(static e => e.IsSecond) is { } second)
        {
            throw new ArgumentException(
                $"'{inner.Nodes[second.To].Name}' joins two flows, and PerKey has one: join before it", nameof(build));
        }

        if (inner.Edges.FirstOrDefault(static e => e is { IsControl: false, Options.OnFull: not OnFull.Wait }) is { } edge)
        {
            throw new ArgumentException(
                $"edges inside PerKey always wait, but the one after '{inner.Nodes[edge.From].Name}' has {edge.Options.OnFull}: inner "
                    + "blocks are called one after the other. Set the policy on the flow after PerKey", nameof(build));
        }

        var options = new PerKeyOptions { Column = column, MaxKeys = maxKeys, Idle = life, Inner = inner };
        return flow.Via($"per-key {column}", options,
            static (PerKeyOptions options, OperatorContext context, IOutput<TOut> output) => new PerKey<TOut>(options, context, output));
    }
}

/// <summary>Splits batches by key.</summary>
/// <remarks>Outputs beyond a call's bound are emitted by later calls before more input is read.</remarks>
internal sealed partial class PerKey<TOut> : Operator<Batch>, IStateful, IDisposable
    where TOut : class
{
    private readonly PerKeyOptions _options;
    private readonly OperatorContext _context;
    private readonly KeyOutlet _outlet;
    private readonly KeyOutlet _letters;
    private readonly KeyPlan _plan;
    private readonly KeyedRows _rows = new();
    private readonly Dictionary<long, KeyInstance> _instances = [];
    private readonly LinkedList<KeyInstance> _bySeen = [];        // the key not seen for the longest time first
    private readonly PriorityQueue<KeyInstance, (DateTimeOffset Time, long Key)> _wakes = new();
    private readonly Queue<KeyInstance> _stalled = [];      // instances whose outputs wait for space until the next call
    private readonly List<KeyInstance> _leaving = [];       // evicted instances; they count as keys until they have ended
    private readonly Queue<KeyInstance> _ending = [];       // at the end of the input: instances that are not completed yet
    private Batch? _input;
    private int _next;          // index of the next key of the input
    private bool _completed;

    internal PerKey(PerKeyOptions options, OperatorContext context, IOutput<TOut> output)
    {
        (_options, _context) = (options, context);
        var metrics = context.ForInnerBlocks();
        void Lost(int rows) => metrics.Dropped(Cell.Unfinished, 1, rows);
        _outlet = new(item => output.Emit((TOut)item), Lost);
        _letters = new(static letter => Ports.Calling!.Emit(Ports.DeadLetters, letter), Lost);
        _plan = new(options.Inner!, context, metrics, _outlet, _letters);
    }

    public override bool Ready => _input is null && _stalled.Count == 0;

    public override bool AwaitingReplies => !Ready || (_completed && _instances.Count + _leaving.Count > 0);

    public override void Process(Batch input)
    {
        if (input.Rows == 0)
        {
            _context.Drop(input, "empty");
            return;
        }

        _plan.Begin(input.Schema);
        _rows.Read(input[_options.Column]);
        if (_rows.Keyless > 0) { _context.DropRows(_rows.Keyless, "no-key"); }
        (_input, _next) = (input, 0);
        try { Continue(); }
        catch
        {
            _input = null;      // the host disposes it
            throw;
        }
    }

    public override void WakeUp()
    {
        for (var count = _stalled.Count; count > 0; count--) { Run(_stalled.Dequeue()); }

        while (_stalled.Count == 0 && NextPlanned() is { } due && due.PlannedAt <= _context.Now)
        {
            _wakes.Dequeue();
            due.PlannedAt = null;
            Run(due);
        }

        while (_stalled.Count == 0 && !_completed && _bySeen.First?.Value is { } oldest && _context.Now - oldest.LastSeen >= _options.Idle)
        {
            Evict(oldest);
        }

        Continue();
    }

    public override void Complete()
    {
        _completed = true;
        Continue();
    }

    public void Dispose()
    {
        if (_input is not null)
        {
            for (; _next < _rows.Count; _next++) { _context.DropRows(_rows.Rows(_next).Length, Cell.Unfinished); }
            _input.Dispose();
        }

        KeyInstance[] all = [.. _instances.Values, .. _leaving];
        _instances.Clear();
        _leaving.Clear();
        KeyInstance.CloseAll(all);
    }

    /// <summary>Continues with pending rows and then the end, while there is space for outputs; requests a wake-up for the rest.</summary>
    private void Continue()
    {
        while (_stalled.Count == 0 && _input is { } input)
        {
            if (_next == _rows.Count) { Close(input); }
            else if (!TryGive(input)) { break; }
        }

        if (_completed && _input is null) { CompleteKeys(); }
        AskForWake();
    }

    private bool TryGive(Batch input)
    {
        var key = _rows.Key(_next);
        var instance = _instances.GetValueOrDefault(key) ?? TryAdd(key);
        if (instance is null || instance.IsFull) { return false; }
        Touch(instance);
        var rows = _rows.Rows(_next++);
        var isWhole = rows.Length == input.Rows;
        if (isWhole) { _input = null; }
        Run(instance, isWhole ? input : input.Copy(rows));
        return true;
    }

    private void Close(Batch input)
    {
        _input = null;
        input.Dispose();
    }

    private KeyInstance? TryAdd(long key)
    {
        if (_leaving.Exists(l => l.Key == key)) { return null; }
        if (_instances.Count + _leaving.Count == _options.MaxKeys)
        {
            if (_leaving.Count == 0) { Evict(_bySeen.First!.Value); }
            if (_leaving.Count > 0) { return null; }
        }

        var added = _instances[key] = Made(key);
        _bySeen.AddLast(added.Place);
        return added;
    }

    private KeyInstance Made(long key) => new(_plan, key, key.ToString(CultureInfo.InvariantCulture));

    private void Touch(KeyInstance instance)
    {
        instance.LastSeen = _context.Now;
        if (instance.Place.Next is null) { return; }
        _bySeen.Remove(instance.Place);
        _bySeen.AddLast(instance.Place);
    }

    /// <summary>Runs an instance; if there is no space for its outputs, it continues in the next call.</summary>
    private void Run(KeyInstance instance, Batch? rows = null)
    {
        (_outlet.HasRefused, _letters.HasRefused) = (false, false);
        if (rows is null) { instance.Run(_context.Now); }
        else { instance.Run(rows, _context.Now); }
        if (_outlet.HasRefused || _letters.HasRefused) { _stalled.Enqueue(instance); }
        else if (instance is { IsLeaving: true, HasEnded: true } or { IsEvicted: true, NextAt: null }) { End(instance); }
        else { Plan(instance); }
    }

    private void Plan(KeyInstance instance)
    {
        if (instance.NextAt is not { } next || instance.PlannedAt <= next) { return; }
        if (_wakes.Count > (2 * _instances.Count) + 64) { ForgetOldPlans(); }
        instance.PlannedAt = next;
        _wakes.Enqueue(instance, (next, instance.Key));
    }

    private KeyInstance? NextPlanned()
    {
        while (_wakes.TryPeek(out var instance, out var plan))
        {
            if (instance.PlannedAt == plan.Time) { return instance; }
            _wakes.Dequeue();
        }

        return null;
    }

    private void ForgetOldPlans()
    {
        _wakes.Clear();
        foreach (var instance in _instances.Values.Concat(_leaving))
        {
            if (instance.PlannedAt is { } time) { _wakes.Enqueue(instance, (time, instance.Key)); }
        }
    }

    private void Evict(KeyInstance instance)
    {
        _instances.Remove(instance.Key);
        _bySeen.Remove(instance.Place);
        _context.Record("keys-evicted");
        instance.IsEvicted = true;
        _leaving.Add(instance);
        instance.Leave();
        Run(instance);
    }

    private void End(KeyInstance instance)
    {
        if (instance.IsEvicted) { _leaving.Remove(instance); }
        else { _instances.Remove(instance.Key); }
        instance.PlannedAt = null;
        try { KeyInstance.CloseAll(instance); }
        catch (Exception e) { throw new InnerFailure(e); }
        finally { instance.Withdraw(); }
    }

    private void CompleteKeys()
    {
        if (_bySeen.Count > 0)
        {
            foreach (var instance in _instances.Values.OrderBy(static i => i.Key)) { _ending.Enqueue(instance); }
            _bySeen.Clear();
        }

        while (_stalled.Count == 0 && _ending.TryDequeue(out var next))
        {
            next.Leave();
            Run(next);
        }
    }

    private void AskForWake()
    {
        if (_stalled.Count > 0 || _ending.Count > 0) { _context.WakeAt(_context.Now); }
        if (NextPlanned()?.PlannedAt is { } time) { _context.WakeAt(time); }
        if (_bySeen.First?.Value is { } oldest && _options.Idle < DateTimeOffset.MaxValue - oldest.LastSeen)
        {
            _context.WakeAt(oldest.LastSeen + _options.Idle);
        }
    }
}

/// <summary>Forwards inner outputs to the outer block, up to its limit per call.</summary>
internal sealed class KeyOutlet(Action<object> emit, Action<int> lost) : IEdgeEnd
{
    internal bool HasRefused { get; set; }

    public bool TryGive(ReadOnlySpan<(int Port, Item Item)> items, ref int place)
    {
        var outer = (Cell)Ports.Calling!;
        var port = items[place].Port;
        while (place < items.Length && items[place].Port == port)
        {
            ref readonly var item = ref items[place].Item;
            if (!outer.HasSpace(item.Bytes))
            {
                HasRefused = true;
                return false;
            }

            Ownership.HandOver(item.Value, outer);
            place++;        // the outer block owns it from here on
            try { emit(item.Value); }
            catch (Exception e) { throw new InnerFailure(e); }
        }

        return true;
    }

    public void Lost(int rows) => lost(rows);

    public void EndSender() { }
}
