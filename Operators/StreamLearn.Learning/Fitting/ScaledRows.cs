using System.Numerics.Tensors;

namespace StreamLearn.Learning;

/// <summary>Scaled rows, and centered outputs: ±1 for a class; for regression, the target minus the prior input.</summary>
internal sealed class ScaledRows
{
    private const double Rounding = 1e-6;       // relative rounding error of computed float32 values
    private const double MinVariance = 1e-30, LargeVariance = 1e-4;
    private const int LeftOutRows = 256;      // whose leverages are computed at once
    private const double MinFree = 1e-9;      // minimum free share of a row, because rounding could give 0

    private readonly RecordedRows _rows;
    private readonly double[] _inverses;        // 1 / deviation without a floor, so that one penalty fits columns of any unit
    private readonly double[] _ratios;          // relative to the deviations of the network, which are at least 1e-4
    private readonly double[] _centers;         // means of scaled columns; 0 if each column is a channel
    private readonly int _samples;
    private readonly int? _prior;               // the input that predicts the value without a model
    private readonly SquaredError? _objective;      // set only for values

    private ScaledRows(RecordedRows rows, Shape input, ChannelMoments moments, SquaredError? objective, int? prior)
    {
        (_rows, _samples, Moments, _objective, _prior) = (rows, input.Size / input.Channels, moments, objective, prior);
        _ratios = [.. Enumerable.Range(0, input.Size).Select(f => Ratio(moments, f / _samples))];
        _inverses = [.. _ratios.Select((ratio, f) => moments.Inverse(f / _samples) * ratio)];
        _centers = new double[input.Size];
        Gain = prior is { } place ? _ratios[place] / (_inverses[place] * objective!.Deviation) : 0;
    }

    internal ChannelMoments Moments { get; }

    internal double[] Means { get; private init; } = [];

    internal double Gain { get; }

    internal static ScaledRows Of(Network model, RecordedRows rows, int? prior = null)
    {
        var (plan, objective) = (model.Plan, model.Objective as SquaredError);
        var running = new RunningMoments(plan.Input);
        for (var r = 0; r < rows.Count; r++) { running.Add(rows.Features.Span.Slice(r * plan.Input.Size, plan.Input.Size)); }
        var moments = running.Take()!;
        var scaled = new ScaledRows(rows, plan.Input, moments, objective, prior) { Means = new double[plan.Outputs] };
        scaled.Center();
        return scaled;
    }

    internal double[] Settle(double[] weights)
    {
        var biases = (double[])Means.Clone();
        for (var i = 0; i < weights.Length; i++)
        {
            biases[i % biases.Length] -= weights[i] * _centers[i / biases.Length];
            weights[i] *= _ratios[i / biases.Length];
        }

        if (_prior is { } place) { weights[place] += Gain; }
        return biases;
    }

    private void Center()
    {
        var (values, sides) = (new double[_inverses.Length], new double[Means.Length]);
        var (sums, means) = (new double[values.Length], new double[sides.Length]);
        for (var r = 0; r < _rows.Count; r++)
        {
            Take(r, values, sides);
            if (_samples > 1) { TensorPrimitives.Add(sums, values, sums); }
            TensorPrimitives.Add(means, sides, means);
        }

        TensorPrimitives.Divide(sums, _rows.Count, _centers);
        TensorPrimitives.Divide(means, _rows.Count, Means);
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

    /// <summary>Returns the mean squared leave-one-out error. Generalized cross-validation would choose far too small a penalty if rows and
    /// columns are about equal in number.</summary>
    internal double LeftOut(NormalEquations sums, double[] weights, double[] upper, int most)
    {
        var (every, outputs) = ((_rows.Count + most - 1) / most, Means.Length);
        var (values, squares, count) = (new double[_inverses.Length], 0.0, (_rows.Count + every - 1) / every);
        double[] sides = new double[LeftOutRows * outputs], leverages = new double[LeftOutRows];
        var block = new double[values.Length * LeftOutRows];
        for (var (first, rows) = (0, 0); first < count; first += rows)
        {
            rows = Math.Min(LeftOutRows, count - first);
            for (var r = 0; r < rows; r++)
            {
                var missed = sides.AsSpan(r * outputs, outputs);
                Take((first + r) * every, values, missed);
                for (var f = 0; f < values.Length; f++)
                {
                    for (var c = 0; c < outputs; c++) { missed[c] -= values[f] * weights[(f * outputs) + c]; }
                    block[(f * rows) + r] = values[f];
                }
            }

            sums.Leverages(upper, block, leverages.AsSpan(0, rows));
            for (var i = 0; i < rows * outputs; i++)
            {
                var free = Math.Max(MinFree, 1 - (1.0 / _rows.Count) - leverages[i / outputs]);      // the mean also depends on the row
                squares += sides[i] / free * (sides[i] / free);
            }
        }

        return squares / count;
    }

    private void Take(int r, Span<double> values, Span<double> sides)
    {
        var row = _rows.Features.Span.Slice(r * values.Length, values.Length);
        for (var f = 0; f < values.Length; f++) { values[f] = (row[f] - Moments.Mean[f / _samples]) * _inverses[f]; }
        var known = _prior is { } place ? Gain * values[place] / _ratios[place] : 0;
        for (var f = 0; f < values.Length; f++) { values[f] -= _centers[f]; }
        if (_objective is not null) { sides[0] = Output(_objective, _rows.Targets.Span[r]) - known - Means[0]; }
        else { for (var c = 0; c < sides.Length; c++) { sides[c] = (_rows.Labels.Span[r] == c ? 1 : -1) - Means[c]; } }
    }

    private static double Ratio(ChannelMoments moments, int channel)
    {
        var variance = moments.Variance(channel);
        if (variance >= LargeVariance) { return 1; }
        var rounding = Rounding * Math.Abs(moments.Mean[channel]);
        return variance > Math.Max(MinVariance, rounding * rounding) ? 1 / (Math.Sqrt(variance) * moments.Inverse(channel)) : 1;
    }

    private static double Output(SquaredError objective, float target) => ((double)target - objective.Mean) / objective.Deviation;
}
