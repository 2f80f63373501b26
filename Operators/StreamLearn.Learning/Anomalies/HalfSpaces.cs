namespace StreamLearn.Learning;

/// <summary>Random halvings of mean ± 3 deviations per channel. Seed and ranges determine the trees, so devices have the same
/// ones.</summary>
internal sealed class HalfSpaces
{
    private const double Spread = 3;        // number of deviations on each side of the mean
    private const int SmallParts = 10;      // a part with less than a tenth of the rows is not split

    private readonly HalfSpaceTrees _rule;
    private readonly int[] _channels;      // channel of each split; the root is 1
    private readonly float[] _places;

    internal HalfSpaces(HalfSpaceTrees rule, int channels, Func<int, (double Mean, double Inverse)> rangeOf)
    {
        (_rule, _channels, _places) = (rule, new int[rule.Trees << rule.Depth], new float[rule.Trees << rule.Depth]);
        var random = new RandomStream(rule.Seed, "half-space-trees");
        var (lows, highs) = (new double[channels], new double[channels]);
        for (var tree = 0; tree < rule.Trees; tree++)
        {
            for (var c = 0; c < channels; c++)
            {
                var (mean, inverse) = rangeOf(c);
                var (middle, reach) = (random.NextDouble(), Spread * 2 / inverse);
                var half = 2 * Math.Max(middle, 1 - middle);
                lows[c] = mean + ((middle - 0.5 - half) * reach);
                highs[c] = mean + ((middle - 0.5 + half) * reach);
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

    internal bool IsSame(HalfSpaces other) => (_rule.Trees, _rule.Depth) == (other._rule.Trees, other._rule.Depth)
        && _channels.AsSpan().SequenceEqual(other._channels) && _places.AsSpan().SequenceEqual(other._places);

    internal static int PartsOf(HalfSpaceTrees rule) => rule.Trees << (rule.Depth + 1);

    /// <summary>Sum over trees of count × 2^depth of the row's last part, which has less than a tenth of the rows or is a leaf.</summary>
    internal long Mass(ReadOnlySpan<float> row, ReadOnlySpan<int> judging, long rows, Span<int> counting)
    {
        var mass = 0L;
        for (var tree = 0; tree < _rule.Trees; tree++)
        {
            var (first, masses) = (tree << _rule.Depth, tree << (_rule.Depth + 1));
            var (part, own) = (1, -1L);
            for (var depth = 0; ; depth++)
            {
                if (!counting.IsEmpty) { counting[masses + part]++; }
                if (own < 0 && (depth == _rule.Depth || (long)judging[masses + part] * SmallParts <= rows))
                {
                    own = (long)judging[masses + part] << depth;
                }

                if (depth == _rule.Depth) { break; }
                part = Next(first, part, row);
            }

            mass += own;
        }

        return mass;
    }

    internal string Path(int tree, ReadOnlySpan<float> row)
    {
        var (part, first) = (1, tree << _rule.Depth);
        for (var depth = 0; depth < _rule.Depth; depth++) { part = Next(first, part, row); }
        return Convert.ToString(part, 2)[1..];
    }

    private int Next(int first, int part, ReadOnlySpan<float> row) =>
        (2 * part) + (row[_channels[first + part]] < _places[first + part] ? 0 : 1);
}
