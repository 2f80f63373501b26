namespace Papers;

internal sealed record NodeRows(
    TauModel Model, TauRows Set, DataCase Case, ImmutableSortedDictionary<DataCase, ImmutableArray<int>> Rows) : IBlockOptions
{
    internal int MostRows => Rows.Values.Max(static r => r.Length);
    internal int FewestRows => Rows.Values.Min(static r => r.Length);
    public string State => "the case, and how many of its rows have been emitted";

    public long StateBytes(Schema? input) => 64;
}

/// <summary>Emits the rows of a case at the start, and those of another on a command, after an alarm that clears the old ones.</summary>
/// <remarks>Shows <c>case</c>, and <c>kind-0</c> to <c>kind-9</c>: the number of rows emitted of each kind.</remarks>
internal sealed class RowsByCase : Operator<DemoCommand>, IStateful
{
    private const int BatchRows = 1000;

    private static readonly string[] Gauges = [.. Enumerable.Range(0, TauRows.KindCount).Select(static d => Invariant($"kind-{d}"))];

    private readonly NodeRows _own;
    private readonly OperatorContext _context;
    private readonly IOutput<Batch> _rows;
    private readonly IOutput<DriftAlarm> _alarms;
    private DataCase _case;
    private int _given;         // number of rows of the case emitted so far

    internal RowsByCase(NodeRows own, OperatorContext context, IOutput<Batch> rows, IOutput<DriftAlarm> alarms)
    {
        (_own, _context, _rows, _alarms, _case) = (own, context, rows, alarms, own.Case);
        context.WakeAt(context.Now);
    }

    public string StateFormat => "rows-by-case/1";

    internal static DriftAlarm AlarmOf(DataCase next) =>
        new() { Device = "", Block = "", Level = DriftLevel.Drift, Row = (int)next, Mean = 0 };

    internal static ImmutableArray<int> CountsOf(IReadOnlyDictionary<string, double> gauges) =>
        [.. Gauges.Select(g => (int)gauges.GetValueOrDefault(g))];

    public override void Process(DemoCommand input)
    {
        if (input.Case is not { } next) { return; }
        (_case, _given) = (next, 0);
        _context.WakeAt(_context.Now);
        _alarms.Emit(AlarmOf(next));
    }

    public override void WakeUp()
    {
        var all = _own.Rows[_case].AsSpan();
        var rows = all.Slice(_given, Math.Min(BatchRows, all.Length - _given));
        if (rows.IsEmpty) { return; }
        _given += rows.Length;
        if (_given < all.Length) { _context.WakeAt(_context.Now); }
        var counts = new int[TauRows.KindCount];
        foreach (var row in all[.._given]) { counts[_own.Set.Kinds[row]]++; }
        _context.Gauge("case", (int)_case);
        for (var d = 0; d < counts.Length; d++) { _context.Gauge(Gauges[d], counts[d]); }
        _rows.Emit(BatchOf(rows));
    }

    public void State(ref StateStream s)
    {
        _case = (DataCase)s.Value((int)_case, (int)DataCase.Uniform, (int)DataCase.Mixed);
        if (!_own.Rows.TryGetValue(_case, out var rows)) { throw new StateException($"expected a case that may be, got {_case}"); }
        s.Value(ref _given, 0, rows.Length);
    }

    private Batch BatchOf(ReadOnlySpan<int> rows)
    {
        var (set, samples) = (_own.Set, _own.Model.Model.Plan.Input.Samples);
        var batch = _context.Pool.Rent(_own.Model.Schema, rows.Length * samples);
        for (var r = 0; r < rows.Length; r++)
        {
            var (row, at) = (rows[r], r * samples);
            for (var c = 0; c < batch.Channels.Count; c++)
            {
                set.Row(row).Slice(c * samples, samples).CopyTo(batch.Channels[c].Writable<float>()[at..]);
            }

            if (!set.Labels.IsEmpty) { batch[Schema.LabelColumn].Writable<int>().Slice(at, samples).Fill(set.Labels[row]); }
            if (!set.Targets.IsEmpty) { batch[Schema.TargetColumn].Writable<double>().Slice(at, samples).Fill(set.Targets[row]); }
        }

        return batch;
    }
}
