using System.Collections.Immutable;
using System.Globalization;
using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Samples;

namespace TauDemo;

/// <summary>The digits of a node, labelled 1 where they are even and 0 where they are odd.</summary>
/// <param name="Digits">The set.</param>
/// <param name="Case">The case that it begins with.</param>
/// <param name="Rows">Which digits of the set it has in each of the cases that may be.</param>
public sealed record NodeDigits(GlyphDigits Digits, DataCase Case, ImmutableSortedDictionary<DataCase, ImmutableArray<int>> Rows)
    : IBlockOptions
{
    /// <summary>Pixels and label.</summary>
    public static Schema Schema => GlyphDigits.Schema;

    /// <summary>The most rows that it has in a case.</summary>
    public int MostRows => Rows.Values.Max(static r => r.Length);

    /// <summary>The fewest rows that it has in a case.</summary>
    public int FewestRows => Rows.Values.Min(static r => r.Length);

    /// <inheritdoc />
    public string State => "the case, and how many of its digits have been handed in";

    /// <inheritdoc />
    public long StateBytes(Schema? input) => 64;

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rows[Case].Length} digits of case {(int)Case}");
}

/// <summary>Hands in the digits of a case at the start, and those of another one when a command asks for it: an alarm goes first, so that
/// the old ones are forgotten.</summary>
/// <remarks>Shows <c>case</c>, and <c>digits-0</c> to <c>digits-9</c>: how many digits it has handed in of that case.</remarks>
internal sealed class DigitsByCase : Operator<DemoCommand>, IStateful
{
    private const int BatchRows = 1000;

    private static readonly ImmutableArray<string> Gauges =
        [.. Enumerable.Range(0, GlyphDigits.Classes).Select(static d => string.Create(CultureInfo.InvariantCulture, $"digits-{d}"))];

    private readonly NodeDigits _digits;
    private readonly OperatorContext _context;
    private readonly IOutput<Batch> _rows;
    private readonly IOutput<DriftAlarm> _alarms;
    private readonly int[] _counts = new int[GlyphDigits.Classes];
    private DataCase _case;
    private int _given;         // of the case

    internal DigitsByCase(NodeDigits digits, OperatorContext context, IOutput<Batch> rows, IOutput<DriftAlarm> alarms)
    {
        (_digits, _context, _rows, _alarms, _case) = (digits, context, rows, alarms, digits.Case);
        context.WakeAt(context.Now);
    }

    public string StateFormat => "digits-by-case/1";

    /// <summary>The digits of a node's block by class, as it shows them.</summary>
    internal static ImmutableArray<int> CountsOf(IReadOnlyDictionary<string, double> gauges) =>
        [.. Gauges.Select(g => (int)gauges.GetValueOrDefault(g))];

    public override void Process(DemoCommand input)
    {
        if (input.Case is not { } next) { return; }
        if (!_digits.Rows.ContainsKey(next))
        {
            _context.Drop(input, "unknown-case");
            return;
        }

        (_case, _given) = (next, 0);
        Array.Clear(_counts);
        _alarms.Emit(CaseAlarms.Of(next, _context));
        _context.WakeAt(_context.Now);
    }

    public override void WakeUp()
    {
        var all = _digits.Rows[_case].AsSpan();
        var rows = all.Slice(_given, Math.Min(BatchRows, all.Length - _given));
        if (rows.IsEmpty) { return; }
        _given += rows.Length;
        if (_given < all.Length) { _context.WakeAt(_context.Now); }
        foreach (var row in rows) { _counts[_digits.Digits.Labels[row]]++; }
        Show();
        _rows.Emit(BatchOf(rows));
    }

    public void Save(StateWriter writer)
    {
        writer.Write((int)_case);
        writer.Write(_given);
    }

    public void Load(ref StateReader reader)
    {
        _case = (DataCase)reader.ReadInt32((int)DataCase.Uniform, (int)DataCase.Mixed);
        if (!_digits.Rows.TryGetValue(_case, out var rows)) { throw new StateException($"expected a case that may be, got {_case}"); }
        _given = reader.ReadInt32(0, rows.Length);
        Array.Clear(_counts);
        foreach (var row in rows.AsSpan(0, _given)) { _counts[_digits.Digits.Labels[row]]++; }
    }

    private Batch BatchOf(ReadOnlySpan<int> rows)
    {
        var batch = _context.Pool.Rent(NodeDigits.Schema, rows.Length);
        for (var p = 0; p < GlyphDigits.Pixels; p++)
        {
            var pixels = batch.Channels[p].Writable<float>();
            for (var r = 0; r < rows.Length; r++) { pixels[r] = _digits.Digits.Row(rows[r])[p]; }
        }

        var labels = batch[Schema.LabelColumn].Writable<int>();
        for (var r = 0; r < rows.Length; r++) { labels[r] = Score.LabelOf(_digits.Digits.Labels[rows[r]]); }
        return batch;
    }

    private void Show()
    {
        _context.Gauge("case", (int)_case);
        for (var d = 0; d < _counts.Length; d++) { _context.Gauge(Gauges[d], _counts[d]); }
    }
}
