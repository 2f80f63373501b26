using System.Runtime.InteropServices;

namespace StreamLearn.Models;

internal readonly record struct ExitResult(long Correct, long Work);

internal sealed class ExitTrial
{
    private readonly float[][] _measured;       // [exit][row], for all exits except the last
    private readonly bool[][] _right;           // [exit][row]
    private readonly float[][] _grid;           // [exit][position], from closed to open
    private readonly ImmutableArray<long> _multiplyAddsTo;
    private readonly ExitMeasure _measure;
    private readonly Dictionary<ExitResult, int[]> _tried = [];

    internal ExitTrial(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, ImmutableArray<long> multiplyAddsTo, ExitMeasure measure,
        float temperature, int quantiles)
    {
        (Exits, Rows, _multiplyAddsTo, _measure) = (multiplyAddsTo.Length, labels.Length, multiplyAddsTo, measure);
        Places = quantiles + 2;
        var classes = logits.Length / (Exits * Rows);
        (_measured, _right, _grid) = (new float[Exits - 1][], new bool[Exits][], new float[Exits - 1][]);
        for (var exit = 0; exit < Exits; exit++)
        {
            var right = new bool[Rows];
            var measured = new float[Rows];
            for (var r = 0; r < Rows; r++)
            {
                var row = logits.Slice(((exit * Rows) + r) * classes, classes);
                right[r] = ModelPlan.ClassOf(row) == labels[r];
                if (exit < Exits - 1) { measured[r] = Certainty.Of(_measure, row, temperature); }
            }

            _right[exit] = right;
            if (exit < Exits - 1) { (_measured[exit], _grid[exit]) = (measured, GridOf(measured, quantiles)); }
        }

        foreach (var right in _right[^1]) { FullCorrect += right ? 1 : 0; }
        FullWork = Rows * multiplyAddsTo[^1];
    }

    internal int Exits { get; }

    internal int Rows { get; }

    /// <summary>Thresholds per exit: at the first, no row exits; at the last, every row does.</summary>
    internal int Places { get; }

    internal long FullCorrect { get; }

    internal long FullWork { get; }

    internal ExitResult Try(ReadOnlySpan<int> chosen)
    {
        var (correct, work) = (0L, 0L);
        for (var r = 0; r < Rows; r++)
        {
            var exit = ExitOf(r, chosen);
            work += _multiplyAddsTo[exit];
            if (_right[exit][r]) { correct++; }
        }

        var result = new ExitResult(correct, work);
        if (!_tried.ContainsKey(result)) { _tried.Add(result, chosen.ToArray()); }
        return result;
    }

    /// <summary>Returns the Pareto-optimal choices that were tried, cheapest first. <paramref name="toClosed"/> appends choices with fewer
    /// and fewer early exits, down to none.</summary>
    internal ImmutableArray<ExitPoint> Best(bool toClosed)
    {
        var points = ImmutableArray.CreateBuilder<ExitPoint>();
        var (best, last) = (new ExitResult(-1, 0), Array.Empty<int>());
        foreach (var (result, chosen) in _tried.OrderBy(t => t.Key.Work).ThenByDescending(t => t.Key.Correct))
        {
            if (result.Correct <= best.Correct) { continue; }
            (best, last) = (result, chosen);
            points.Add(PointOf(result, chosen));
        }

        for (var place = Places - 1; toClosed && place >= 0; place--)
        {
            var closer = Array.ConvertAll(last, p => Math.Min(p, place));
            var result = Try(closer);
            if (result.Work <= best.Work) { continue; }
            best = result;
            points.Add(PointOf(result, closer));
        }

        return points.ToImmutable();
    }

    private ExitPoint PointOf(ExitResult result, int[] chosen)
    {
        var (thresholds, shares) = (new float[chosen.Length], new double[Exits]);
        for (var exit = 0; exit < chosen.Length; exit++) { thresholds[exit] = _grid[exit][chosen[exit]]; }
        for (var r = 0; r < Rows; r++) { shares[ExitOf(r, chosen)]++; }
        foreach (ref var share in shares.AsSpan()) { share /= Rows; }
        return new(ImmutableCollectionsMarshal.AsImmutableArray(thresholds), (double)result.Correct / Rows,
            (double)result.Work / FullWork, ImmutableCollectionsMarshal.AsImmutableArray(shares));
    }

    private int ExitOf(int row, ReadOnlySpan<int> chosen)
    {
        var exit = 0;
        while (exit < chosen.Length && !ExitRule.Leaves(_measure, _grid[exit][chosen[exit]], _measured[exit][row])) { exit++; }
        return exit;
    }

    private float[] GridOf(float[] measured, int quantiles)
    {
        float[] sorted = [.. measured.Where(m => !float.IsNaN(m)).Order()];
        if (_measure != ExitMeasure.Entropy) { Array.Reverse(sorted); }
        var grid = new float[quantiles + 2];
        (grid[0], grid[^1]) = (ExitRule.Closed(_measure), -ExitRule.Closed(_measure));
        if (_measure == ExitMeasure.Entropy) { grid[^1] = float.PositiveInfinity; }
        for (var q = 0; q < quantiles; q++)
        {
            grid[q + 1] = sorted.Length == 0 ? grid[0] : sorted[(int)((long)(q + 1) * (sorted.Length - 1) / (quantiles + 1))];
        }

        return grid;
    }
}
