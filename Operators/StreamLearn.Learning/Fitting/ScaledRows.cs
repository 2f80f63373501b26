using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Rows whose columns have mean 0 and deviation 1, and a side for each output less its mean: for a class 1 for its rows and −1 for
/// others, for a value what the output of the row should be.</summary>
internal sealed class ScaledRows
{
    private const double LeastFree = 1e-9;      // of a row; rounding could leave nothing

    private readonly RecordedRows _rows;
    private readonly double[] _inverses;
    private readonly SquaredError? _objective;      // of values

    private ScaledRows(RecordedRows rows, ChannelMoments moments, double[] inverses, double[] means, SquaredError? objective) =>
        (_rows, Moments, _inverses, Means, _objective) = (rows, moments, inverses, means, objective);

    internal ChannelMoments Moments { get; }

    /// <summary>What the side of each output is on average.</summary>
    internal double[] Means { get; }

    internal static ScaledRows Of(Network model, RecordedRows rows)
    {
        var (plan, objective) = (model.Plan, model.Objective as SquaredError);
        var running = new RunningMoments(plan.Input);
        for (var r = 0; r < rows.Count; r++) { running.Add(rows.Features.Span.Slice(r * plan.Input.Size, plan.Input.Size)); }
        var moments = running.Take()!;
        var means = new double[plan.Outputs];
        if (objective is not null)
        {
            foreach (var target in rows.Targets.Span) { means[0] += Output(objective, target) / rows.Count; }
        }
        else
        {
            foreach (var label in rows.Labels.Span) { means[label] += 2.0 / rows.Count; }
            foreach (ref var mean in means.AsSpan()) { mean--; }
        }

        return new(rows, moments, [.. Enumerable.Range(0, plan.Input.Size).Select(moments.Inverse)], means, objective);
    }

    internal NormalEquations Sum()
    {
        var sums = new NormalEquations(_inverses.Length, Means.Length);
        var (values, sides) = (new double[_inverses.Length], new double[Means.Length]);
        for (var r = 0; r < _rows.Count; r++)
        {
            Take(r, values, sides);
            sums.Add(values, sides);
        }

        return sums;
    }

    /// <summary>The mean square by which weights of all rows but one miss that one.</summary>
    /// <remarks>Where rows are about as many as columns, a few rows hold the weights far more than others: an average of that, as in
    /// generalized cross-validation, then takes a penalty that is far too small.</remarks>
    /// <param name="sums">The sums over all rows.</param>
    /// <param name="weights">The weights of all rows.</param>
    /// <param name="upper">The factor that gave them.</param>
    /// <param name="most">Of more rows, every n-th is looked at.</param>
    internal double LeftOut(NormalEquations sums, double[] weights, double[] upper, int most)
    {
        var (values, sides, squares, count) = (new double[_inverses.Length], new double[Means.Length], 0.0, 0);
        for (var r = 0; r < _rows.Count; r += (_rows.Count + most - 1) / most)
        {
            Take(r, values, sides);
            for (var f = 0; f < values.Length; f++)
            {
                for (var c = 0; c < sides.Length; c++) { sides[c] -= values[f] * weights[(f * sides.Length) + c]; }
            }

            var free = Math.Max(LeastFree, 1 - (1.0 / _rows.Count) - sums.Leverage(upper, values));     // the mean follows the row, too
            foreach (var missed in sides) { squares += missed / free * (missed / free); }
            count++;
        }

        return squares / count;
    }

    private void Take(int r, Span<double> values, Span<double> sides)
    {
        var row = _rows.Features.Span.Slice(r * values.Length, values.Length);
        for (var f = 0; f < values.Length; f++) { values[f] = (row[f] - Moments.Mean[f]) * _inverses[f]; }
        if (_objective is not null) { sides[0] = Output(_objective, _rows.Targets.Span[r]) - Means[0]; }
        else { for (var c = 0; c < sides.Length; c++) { sides[c] = (_rows.Labels.Span[r] == c ? 1 : -1) - Means[c]; } }
    }

    /// <summary>What an output should be.</summary>
    private static double Output(SquaredError objective, float target) => ((double)target - objective.Mean) / objective.Deviation;
}
