using System.Collections.Immutable;
using System.Globalization;
using StreamLearn;

namespace TauDemo;

/// <summary>The rows of the case that a node has, which it hands in piece by piece: part of a block.</summary>
/// <remarks>Shows <c>case</c>, and <c>kind-0</c> to <c>kind-9</c>: how many rows it has handed in of that case.</remarks>
internal sealed class CaseRows
{
    private const int BatchRows = 1000;

    private static readonly ImmutableArray<string> Gauges =
        [.. Enumerable.Range(0, TauRows.KindCount).Select(static d => string.Create(CultureInfo.InvariantCulture, $"kind-{d}"))];

    private readonly NodeRows _own;
    private readonly OperatorContext _context;
    private readonly int[] _counts = new int[TauRows.KindCount];
    private int _given;         // of the case

    /// <summary>Begins with the case of the node, and asks for a wake-up.</summary>
    /// <param name="own">The rows of the node.</param>
    /// <param name="context">That of the block.</param>
    internal CaseRows(NodeRows own, OperatorContext context)
    {
        (_own, _context, Case) = (own, context, own.Case);
        context.WakeAt(context.Now);
    }

    /// <summary>The case that is handed in.</summary>
    internal DataCase Case { get; private set; }

    /// <summary>The rows of a node's block by kind, as it shows them.</summary>
    internal static ImmutableArray<int> CountsOf(IReadOnlyDictionary<string, double> gauges) =>
        [.. Gauges.Select(g => (int)gauges.GetValueOrDefault(g))];

    /// <summary>Begins another case, and asks for a wake-up.</summary>
    /// <param name="next">The case.</param>
    /// <returns>False: the node has no rows for it.</returns>
    internal bool TryBegin(DataCase next)
    {
        if (!_own.Rows.ContainsKey(next)) { return false; }
        (Case, _given) = (next, 0);
        Array.Clear(_counts);
        _context.WakeAt(_context.Now);
        return true;
    }

    /// <summary>The next rows, at a wake-up; asks for another one if there are more. Null: there are none.</summary>
    internal Batch? Next()
    {
        var all = _own.Rows[Case].AsSpan();
        var rows = all.Slice(_given, Math.Min(BatchRows, all.Length - _given));
        if (rows.IsEmpty) { return null; }
        _given += rows.Length;
        if (_given < all.Length) { _context.WakeAt(_context.Now); }
        foreach (var row in rows) { _counts[_own.Set.Kinds[row]]++; }
        Show();
        return BatchOf(rows);
    }

    /// <summary>The case, and how far it has come.</summary>
    internal void State(ref StateStream s)
    {
        Case = (DataCase)s.Value((int)Case, (int)DataCase.Uniform, (int)DataCase.Mixed);
        if (!_own.Rows.TryGetValue(Case, out var rows)) { throw new StateException($"expected a case that may be, got {Case}"); }
        s.Value(ref _given, 0, rows.Length);
        if (s.IsWriting) { return; }
        Array.Clear(_counts);
        foreach (var row in rows.AsSpan(0, _given)) { _counts[_own.Set.Kinds[row]]++; }
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

    private void Show()
    {
        _context.Gauge("case", (int)Case);
        for (var d = 0; d < _counts.Length; d++) { _context.Gauge(Gauges[d], _counts[d]); }
    }
}
