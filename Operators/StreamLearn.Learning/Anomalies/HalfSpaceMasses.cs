using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Counts how many rows of a window fall into each part of trees that halve ranges at random; rows are judged by the counts of
/// the window before.</summary>
/// <remarks>The first window gives the ranges: mean ± 3 deviations of each channel, of which each tree takes a random place as its middle.
/// A row's mass is that of the part where it ends, times 2 for each halving. Cost: trees × depth steps a row.</remarks>
internal sealed class HalfSpaceMasses(HalfSpaceTrees rule, int channels) : IAnomalyStatistic
{
    private const double Spread = 3;        // deviations on each side of the mean
    private const int SmallParts = 10;      // a part with less than a tenth of the rows is not halved further

    private readonly RunningMoments _moments = new(new Shape(channels));
    private readonly int[] _channels = new int[rule.Trees << rule.Depth];      // of each halving; the root of a tree is 1
    private readonly float[] _places = new float[rule.Trees << rule.Depth];
    private int[] _judging = new int[rule.Trees << (rule.Depth + 1)];
    private int[] _counting = new int[rule.Trees << (rule.Depth + 1)];
    private long _rows;

    /// <inheritdoc />
    public double Add(ReadOnlySpan<float> row, bool learns)
    {
        if (_rows < rule.Rows)
        {
            _moments.Add(row);
            if (++_rows == rule.Rows) { Build(); }
            return 0;
        }

        var mass = 0L;
        for (var tree = 0; tree < rule.Trees; tree++) { mass += Count(tree, row); }
        var score = _rows < 2 * rule.Rows ? 0 : (double)rule.Trees * rule.Rows / (1 + mass);
        if (++_rows % rule.Rows == 0)
        {
            (_judging, _counting) = (_counting, _judging);
            Array.Clear(_counting);
        }

        return score;
    }

    /// <inheritdoc />
    public void State(ref StateStream s)
    {
        s.Value(ref _rows);
        _moments.State(ref s);
        s.Values<int>(_judging);
        s.Values<int>(_counting);
        if (_rows < 0) { throw new StateException($"expected a count from 0, got {_rows}"); }
        if (s.IsReading && _rows >= rule.Rows) { Build(); }
    }

    /// <summary>Counts a row in a tree. Gives its mass in the window before.</summary>
    private long Count(int tree, ReadOnlySpan<float> row)
    {
        var (first, masses) = (tree << rule.Depth, tree << (rule.Depth + 1));
        var (part, mass) = (1, -1L);
        for (var depth = 0; ; depth++)
        {
            _counting[masses + part]++;
            if (mass < 0 && (depth == rule.Depth || _judging[masses + part] * SmallParts <= rule.Rows))
            {
                mass = (long)_judging[masses + part] << depth;
            }

            if (depth == rule.Depth) { return mass; }
            part = Next(first, part, row);
        }
    }

    /// <summary>The sides that a row takes in a tree, 0 or 1 for each halving.</summary>
    internal string Path(int tree, ReadOnlySpan<float> row)
    {
        var (part, first) = (1, tree << rule.Depth);
        for (var depth = 0; depth < rule.Depth; depth++) { part = Next(first, part, row); }
        return Convert.ToString(part, 2)[1..];
    }

    private int Next(int first, int part, ReadOnlySpan<float> row) =>
        (2 * part) + (row[_channels[first + part]] < _places[first + part] ? 0 : 1);

    /// <summary>Draws the halvings: they follow from the seed and the ranges.</summary>
    private void Build()
    {
        var random = new RandomStream(rule.Seed, "half-space-trees");
        var (lows, highs) = (new double[channels], new double[channels]);
        for (var tree = 0; tree < rule.Trees; tree++)
        {
            for (var c = 0; c < channels; c++)
            {
                var (middle, reach) = (random.NextDouble(), Spread * 2 / _moments.Inverse(c));
                var half = 2 * Math.Max(middle, 1 - middle);
                lows[c] = _moments.Mean(c) + ((middle - 0.5 - half) * reach);
                highs[c] = _moments.Mean(c) + ((middle - 0.5 + half) * reach);
            }

            Halve(tree << rule.Depth, 1, 0);
        }

        void Halve(int first, int part, int depth)
        {
            if (depth == rule.Depth) { return; }
            var c = random.NextInt32(channels);
            var (low, high) = (lows[c], highs[c]);
            var place = (low + high) / 2;
            (_channels[first + part], _places[first + part]) = (c, (float)place);
            highs[c] = place;
            Halve(first, 2 * part, depth + 1);
            (lows[c], highs[c]) = (place, high);
            Halve(first, (2 * part) + 1, depth + 1);
            lows[c] = low;
        }
    }
}
