using System.Collections.Immutable;
using System.Globalization;
using StreamLearn;
using StreamLearn.Learning;

namespace TauDemo;

/// <summary>Hands in the rows of a case at the start, and those of another one when a command asks for it: an alarm goes first, so that
/// the old ones are forgotten.</summary>
/// <remarks>Shows <c>case</c>, and <c>kind-0</c> to <c>kind-9</c>: how many rows it has handed in of that case.</remarks>
internal sealed class RowsByCase : Operator<DemoCommand>, IStateful
{
    private const int BatchRows = 1000;

    private static readonly ImmutableArray<string> Gauges =
        [.. Enumerable.Range(0, TauRows.KindCount).Select(static d => string.Create(CultureInfo.InvariantCulture, $"kind-{d}"))];

    private readonly NodeRows _own;
    private readonly OperatorContext _context;
    private readonly IOutput<Batch> _rows;
    private readonly IOutput<DriftAlarm> _alarms;
    private readonly int[] _counts = new int[TauRows.KindCount];
    private DataCase _case;
    private int _given;         // of the case

    /// <summary>Begins with the case of the node, and asks for a wake-up.</summary>
    internal RowsByCase(NodeRows own, OperatorContext context, IOutput<Batch> rows, IOutput<DriftAlarm> alarms)
    {
        (_own, _context, _rows, _alarms, _case) = (own, context, rows, alarms, own.Case);
        context.WakeAt(context.Now);
    }

    public string StateFormat => "rows-by-case/1";

    /// <summary>The rows of a node's block by kind, as it shows them.</summary>
    internal static ImmutableArray<int> CountsOf(IReadOnlyDictionary<string, double> gauges) =>
        [.. Gauges.Select(g => (int)gauges.GetValueOrDefault(g))];

    public override void Process(DemoCommand input)
    {
        if (input.Case is not { } next) { return; }
        if (!_own.Rows.ContainsKey(next))
        {
            _context.Drop(input, "unknown-case");
            return;
        }

        (_case, _given) = (next, 0);
        Array.Clear(_counts);
        _context.WakeAt(_context.Now);
        _alarms.Emit(CaseAlarms.Of(_context.Pipeline, _context.Block, next));
    }

    public override void WakeUp()
    {
        var all = _own.Rows[_case].AsSpan();
        var rows = all.Slice(_given, Math.Min(BatchRows, all.Length - _given));
        if (rows.IsEmpty) { return; }
        _given += rows.Length;
        if (_given < all.Length) { _context.WakeAt(_context.Now); }
        Count(rows);
        _context.Gauge("case", (int)_case);
        for (var d = 0; d < _counts.Length; d++) { _context.Gauge(Gauges[d], _counts[d]); }
        _rows.Emit(BatchOf(rows));
    }

    public void State(ref StateStream s)
    {
        _case = (DataCase)s.Value((int)_case, (int)DataCase.Uniform, (int)DataCase.Mixed);
        if (!_own.Rows.TryGetValue(_case, out var rows)) { throw new StateException($"expected a case that may be, got {_case}"); }
        s.Value(ref _given, 0, rows.Length);
        if (s.IsWriting) { return; }
        Array.Clear(_counts);
        Count(rows.AsSpan(0, _given));
    }

    private void Count(ReadOnlySpan<int> rows)
    {
        foreach (var row in rows) { _counts[_own.Set.Kinds[row]]++; }
    }

    private Batch BatchOf(ReadOnlySpan<int> rows)
    {
        var samples = _own.Model.Model.Plan.Input.Samples;
        var batch = _context.Pool.Rent(_own.Schema, rows.Length * samples);
        for (var c = 0; c < batch.Channels.Count; c++)
        {
            var values = batch.Channels[c].Writable<float>();
            for (var r = 0; r < rows.Length; r++)
            {
                _own.Set.Row(rows[r]).Slice(c * samples, samples).CopyTo(values[(r * samples)..]);
            }
        }

        if (!_own.Set.Labels.IsEmpty)
        {
            var labels = batch[Schema.LabelColumn].Writable<int>();
            for (var r = 0; r < rows.Length; r++) { labels.Slice(r * samples, samples).Fill(_own.Set.Labels[rows[r]]); }
        }

        if (!_own.Set.Targets.IsEmpty)
        {
            var targets = batch[Schema.TargetColumn].Writable<double>();
            for (var r = 0; r < rows.Length; r++) { targets.Slice(r * samples, samples).Fill(_own.Set.Targets[rows[r]]); }
        }

        return batch;
    }
}
