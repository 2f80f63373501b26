namespace StreamLearn.Nodes;

internal sealed class PartWorkers
{
    internal const int Most = 64;

    private readonly ImmutableArray<string> _names;
    private readonly int[][] _members;              // [block]: workers in order, then this node
    private readonly double[][] _rates;             // rates of the members, if all are present
    private readonly double[] _present;
    private readonly DateTimeOffset[] _out;         // [worker]: excluded until this time
    private readonly InferPartsOptions _options;
    private readonly OperatorContext _context;

    internal PartWorkers(InferPartsOptions options, OperatorContext context)
    {
        (_options, _context, _names) = (options, context, NamesOf(options.Blocks));
        _members = [.. options.Blocks.Select(b => b.Workers.Select(w => IndexOf(w.Name)).Append(PartShare.Here).ToArray())];
        _rates = [.. options.Blocks.Select(static b => b.Workers.Select(static w => w.Rate).Append(b.OwnRate).ToArray())];
        (_out, _present) = (new DateTimeOffset[_names.Length], new double[_names.Length + 1]);
    }

    internal int Count => _names.Length;

    internal string this[int worker] => _names[worker];

    internal static ImmutableArray<string> NamesOf(ImmutableArray<PartBlock> blocks) =>
        [.. blocks.SelectMany(static b => b.Workers).Select(static w => w.Name).Distinct(StringComparer.Ordinal)];

    internal void State(ref StateStream s)
    {
        foreach (ref var until in _out.AsSpan()) { until = s.ClockTime(until == default ? null : until) ?? default; }
    }

    internal int IndexOf(string name) => _names.IndexOf(name);

    internal void TakeOut(int worker) => _out[worker] = _context.Now + _options.RetryAfter;

    /// <summary>Until its next hello.</summary>
    internal void Leave(int worker) => _out[worker] = DateTimeOffset.MaxValue;

    internal void TakeIn(int worker) => _out[worker] = default;

    internal ReadOnlySpan<int> MembersOf(int block) => _members[block];

    /// <summary>Distributes in proportion to rates among available members; this node computes all if it is alone.</summary>
    internal ImmutableArray<int> Deal(int block, int count)
    {
        var present = _present.AsSpan(0, _members[block].Length);
        _rates[block].CopyTo(present);
        for (var i = 0; i < present.Length - 1; i++)
        {
            if (_out[_members[block][i]] > _context.Now) { present[i] = 0; }
        }

        if (!present.ContainsAnyExcept(0)) { present[^1] = 1; }
        return RowPartition.Deal(count, present);
    }
}
