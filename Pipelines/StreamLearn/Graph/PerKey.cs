using System.Globalization;

namespace StreamLearn;

/// <summary>Settings of <c>PerKey</c>.</summary>
public sealed record PerKeyOptions : IBlockOptions
{
    /// <summary>The int32 or int64 column that tells keys apart.</summary>
    public required string Column { get; init; }

    /// <summary>Keys kept at most; the one unseen for longest is completed and counted <c>keys-evicted</c>. At least 1; default
    /// 256.</summary>
    public int MaxKeys { get; init; } = 256;

    /// <summary>A key unseen for this long is completed and counted <c>keys-evicted</c>. More than zero; default 10 minutes.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    public int MaxOutputsPerCall { get; init; } = 1024;

    internal Pipeline? Inner { get; init; }

    /// <inheritdoc />
    public string State => $"operators of up to {MaxKeys} keys";

    /// <inheritdoc />
    public long StateBytes(Schema? input) => MaxKeys * (Inner?.Nodes.Sum(n => (n.Options as IBlockOptions)?.StateBytes(input) ?? 0) ?? 0);

    /// <inheritdoc />
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

    /// <inheritdoc />
    public override string ToString() => $"up to {MaxKeys} keys, idle {Idle}: {Inner}";
}

/// <summary>Keyed flows.</summary>
public static class PerKeyExtensions
{
    /// <summary>Runs one instance of the inner operators for each value of a key column; operators never key anything themselves.</summary>
    /// <typeparam name="TOut">What comes out of the inner operators.</typeparam>
    /// <param name="flow">Batches; one batch may hold rows of many keys, which are parted in row order.</param>
    /// <param name="column">The int32 or int64 column that tells keys apart.</param>
    /// <param name="build">Adds the inner operators: operators alone, no sources, sinks or control inputs, one output.</param>
    /// <param name="maxKeys">Keys kept at most, at least 1; the one unseen for longest is completed.</param>
    /// <param name="idle">A key unseen for this long is completed; default 10 minutes.</param>
    /// <remarks>
    /// Shape: a batch of n keys goes through as n batches. State: that of the inner operators for each key.
    /// Emits: what they emit; a block that reads a long batch in slices is woken within the call until it takes data again.
    /// Cost: no copy for a batch of one key, one copy of the rows otherwise.
    /// Drops: <c>no-key</c> rows, where the key is missing; <c>empty</c>. Counts: <c>keys-evicted</c>.
    /// Source: keyed streams as in MillWheel, Akidau et al. (2013).
    /// </remarks>
    /// <exception cref="ArgumentException">An option is out of range, or the inner blocks are not operators alone.</exception>
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
            throw new ArgumentException($"only operators may stand inside PerKey, got {other.Kind} '{other.Name}'", nameof(build));
        }

        if (inner.Edges.Any(e => e.IsControl))
        {
            throw new ArgumentException("operators inside PerKey take no control input", nameof(build));
        }
        if (inner.Nodes.Any(n => n.Errors != ErrorPolicy.Fail))
        {
            throw new ArgumentException("set the error policy on the PerKey block, not inside it", nameof(build));
        }
        var operators = inner.Nodes.Where(n => n.Kind == NodeKind.Operator);
        // all keys may emit at the end
        var last = maxKeys * operators.Sum(n => (long)((n.Options as IBlockOptions)?.MaxOutputsPerCall ?? 1));
        var options = new PerKeyOptions { Column = column, MaxKeys = maxKeys, Idle = life, Inner = inner };
        options = options with { MaxOutputsPerCall = (int)Math.Clamp(last, options.MaxOutputsPerCall, int.MaxValue) };
        return flow.Via($"per-key {column}", options,
            static (PerKeyOptions options, OperatorContext context, IOutput<TOut> output) => new PerKey<TOut>(options, context, output));
    }
}

/// <summary>Parts batches by key and drives an instance of the inner operators for each.</summary>
internal sealed class PerKey<TOut>(PerKeyOptions options, OperatorContext context, IOutput<TOut> output) : Operator<Batch>, IDisposable
    where TOut : class
{
    private readonly Dictionary<long, KeyInstance> _instances = [];
    private readonly List<long> _keys = [];
    private readonly List<int> _rows = [];
    private int _keyless;

    public override void Process(Batch input)
    {
        FindKeys(input);
        if (input.Rows == 0) { context.Drop(input, "empty"); }
        else if (_keys.Count == 1 && _keyless == 0) { At(_keys[0]).Process(input, context.Now); }
        else
        {
            if (_keyless > 0) { context.DropRows(_keyless, "no-key"); }
            foreach (var key in _keys) { At(key).Process(Part(input, key), context.Now); }
            input.Dispose();
        }

        AskForWake();
    }

    public override void WakeUp()
    {
        foreach (var (key, instance) in _instances.OrderBy(i => i.Key).ToList())
        {
            if (instance.WakeAt <= context.Now) { instance.WakeUp(context.Now); }
            if (context.Now - instance.LastSeen >= options.Idle) { Evict(key); }
        }

        AskForWake();
    }

    public override void Complete()
    {
        foreach (var (_, instance) in _instances.OrderBy(i => i.Key)) { instance.Complete(context.Now); }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var instance in _instances.Values) { instance.Dispose(); }
        _instances.Clear();
    }

    private void FindKeys(Batch input)
    {
        _keys.Clear();
        _keyless = 0;
        var column = input[options.Column];
        for (var row = 0; row < input.Rows; row++)
        {
            if (!column.IsValid(row))
            {
                _keyless++;
                continue;
            }

            var key = KeyOf(column, row);
            if (!_keys.Contains(key)) { _keys.Add(key); }
        }
    }

    private static long KeyOf(Column column, int row) =>
        column.Field.Type == ColumnType.Int64 ? column.Values<long>()[row] : column.Values<int>()[row];

    private Batch Part(Batch input, long key)
    {
        _rows.Clear();
        var column = input[options.Column];
        for (var row = 0; row < input.Rows; row++)
        {
            if (column.IsValid(row) && KeyOf(column, row) == key) { _rows.Add(row); }
        }

        var part = context.Pool.Rent(input.Schema, _rows.Count);
        for (var c = 0; c < input.Schema.Fields.Length; c++)
        {
            for (var row = 0; row < _rows.Count; row++) { part.Columns[c].CopyFrom(row, input.Columns[c], _rows[row], 1); }
        }

        return part;
    }

    private KeyInstance At(long key)
    {
        if (!_instances.TryGetValue(key, out var instance))
        {
            if (_instances.Count == options.MaxKeys) { Evict(_instances.MinBy(i => (i.Value.LastSeen, i.Key)).Key); }
            var name = key.ToString(CultureInfo.InvariantCulture);
            _instances[key] = instance = new(options.Inner!, context, name, item => output.Emit((TOut)item));
        }

        instance.LastSeen = context.Now;
        return instance;
    }

    private void Evict(long key)
    {
        _instances.Remove(key, out var removed);
        using var instance = removed!;
        try
        {
            instance.Complete(context.Now);
        }
        finally
        {
            instance.Withdraw();
        }

        context.Record("keys-evicted");
    }

    private void AskForWake()
    {
        foreach (var instance in _instances.Values)
        {
            if (options.Idle < DateTimeOffset.MaxValue - instance.LastSeen) { context.WakeAt(instance.LastSeen + options.Idle); }
            if (instance.WakeAt is { } wake) { context.WakeAt(wake); }
        }
    }
}
