namespace StreamLearn.Operators;

/// <summary>Keeps the items of the highest scores so that their number meets a fraction: the threshold is a quantile of the last 256
/// scores.</summary>
/// <remarks>
/// Scores of a learner fall as it learns, so a quantile of all scores so far would keep nothing in the end; this one forgets. Equal
/// scores are told apart by chance. State: 256 scores, twice. Cost: a binary search and a move of at most 256 numbers an item.
/// Source: the recent scores in order, as in windowed quantiles, Arasu and Manku (2004), with exact counts.
/// </remarks>
internal sealed class RunningThreshold(double fraction, RandomStream random)
{
    /// <summary>Bytes that it keeps.</summary>
    internal const long Bytes = 64 + (2L * sizeof(float) * Recent);

    private const int Recent = 256;

    private readonly Budget _budget = new(fraction);
    private readonly float[] _scores = new float[Recent];      // in order of arrival, around the end
    private readonly float[] _sorted = new float[Recent];
    private int _next;
    private int _count;

    internal void State(ref StateStream s)
    {
        _budget.State(ref s);
        s.Values<float>(_scores);
        s.Values<float>(_sorted);
        s.Value(ref _next, 0, Recent - 1);
        s.Value(ref _count, 0, Recent);
    }

    /// <summary>Counts an item that was kept whatever its score.</summary>
    internal void Take() => _budget.Count(kept: true);

    /// <summary>Decides on an item and remembers its score.</summary>
    internal bool Keep(float score)
    {
        var (below, above) = (PlaceOf(score), PlaceOf(MathF.BitIncrement(score)));
        var rank = (below + (random.NextDouble() * (above - below + 1))) / (_count + 1);      // uniform in [0, 1) on a steady stream
        var kept = rank >= 1 - _budget.Share;
        _budget.Count(kept);
        Remember(score);
        return kept;
    }

    /// <summary>How many of the recent scores are less.</summary>
    private int PlaceOf(float score)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_sorted[middle] < score) { low = middle + 1; }
            else { high = middle; }
        }

        return low;
    }

    private void Remember(float score)
    {
        if (_count == Recent)
        {
            var gone = PlaceOf(_scores[_next]);
            Array.Copy(_sorted, gone + 1, _sorted, gone, _count - gone - 1);
            _count--;
        }

        var place = PlaceOf(score);
        Array.Copy(_sorted, place, _sorted, place + 1, _count - place);
        _sorted[place] = score;
        _count++;
        _scores[_next] = score;
        _next = (_next + 1) % Recent;
    }
}
