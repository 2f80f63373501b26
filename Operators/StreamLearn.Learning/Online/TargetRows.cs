using System.Numerics;

namespace StreamLearn.Learning;

internal sealed class TargetRows(ModelPlan plan, LearnOptions options, OperatorContext context)
{
    private bool[] _has = [];
    private int[] _labels = [];
    private float[] _targets = [];
    private float[] _weights = [];

    internal bool Has(int row) => _has[row];

    internal int Label(int row) => _labels[row];

    internal float Target(int row) => _targets[row];

    internal float Weight(int row) => _weights[row];

    internal bool Read(Batch batch, FeatureRows rows)
    {
        var (name, type) = plan.Target == TargetKind.Value
            ? (Schema.TargetColumn, ColumnType.Float64) : (Schema.LabelColumn, ColumnType.Int32);
        Column told = default;
        Column weights = default;
        if (plan.Target != TargetKind.None && !TryFind(batch, name, type, out told)) { return false; }
        if (options.WeightColumn is { } column && !TryFind(batch, column, ColumnType.Float32, out weights)) { return false; }
        Reserve(rows.Count);
        var (untold, bad) = (0, 0);
        for (var r = 0; r < rows.Count; r++)
        {
            var last = rows.Source(r);
            _weights[r] = options.WeightColumn is null ? 1 : WeightOf(weights, last);
            _has[r] = _weights[r] > 0 && (plan.Target == TargetKind.None || IsTold(told, last));
            if (!_has[r])
            {
                untold++;
                continue;
            }

            (_labels[r], _targets[r]) = plan.Target switch
            {
                TargetKind.Label => (told.Values<int>()[last], 0),
                TargetKind.Value => (0, (float)told.Values<double>()[last]),
                _ => (0, 0),
            };
            if ((uint)_labels[r] >= (uint)Math.Max(1, plan.Classes) || !float.IsFinite(_targets[r]))
            {
                _has[r] = false;
                bad++;
            }
            else if (!options.ClassWeights.IsEmpty) { _weights[r] *= options.ClassWeights[_labels[r]]; }
        }

        if (untold > 0) { context.Record("rows-untold", untold); }
        if (bad > 0) { context.Record("labels-bad", bad); }
        return true;
    }

    private static bool TryFind(Batch batch, string name, ColumnType type, out Column column) =>
        batch.TryColumn(name, out column) && column.Field.Type == type;

    private static float WeightOf(Column weights, int row)
    {
        var weight = weights.IsValid(row) ? weights.Values<float>()[row] : 0;
        return weight > 0 && float.IsFinite(weight) ? weight : 0;
    }

    /// <summary>Returns whether a window is labeled: it needs one label throughout, or a target on its last sample.</summary>
    private bool IsTold(Column told, int last) => plan.Target == TargetKind.Label
        ? RowLabels.Agree(told, told.Values<int>(), last + 1 - plan.Input.Samples, plan.Input.Samples)
        : RowLabels.HasTarget(told, last);

    private void Reserve(int rows)
    {
        if (_has.Length >= rows) { return; }
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)rows);
        (_has, _labels, _targets, _weights) = (new bool[size], new int[size], new float[size], new float[size]);
    }
}
