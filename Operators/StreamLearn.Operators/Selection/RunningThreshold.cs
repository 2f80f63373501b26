namespace StreamLearn.Operators;

/// <summary>Keeps the fraction of items with the highest scores, by a quantile of the last 256.</summary>
/// <remarks>The scores of a learner fall, so a quantile of all scores would finally keep nothing. Ties are broken at random. Cost: a binary
/// search and a move of at most 256 numbers per item. Source: windowed quantiles, Arasu and Manku (2004), with exact counts.</remarks>
internal sealed class RunningThreshold(double fraction, RandomStream random)
{
    internal const long Bytes = 64 + (2L * sizeof(float) * Recent);

    private const int Recent = 256;

    private readonly Budget _budget = new(fraction);
    private readonly float[] _scores = new float[Recent];      // a ring in order of arrival
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

    /// <summary>Counts an item that is kept regardless of its score.</summary>
    internal void Take() => _budget.Count(kept: true);

    internal bool Keep(float score)
    {
        var (below, above) = (PlaceOf(score), PlaceOf(MathF.BitIncrement(score)));
        var rank = (below + (random.NextDouble() * (above - below + 1))) / (_count + 1);      // uniform in [0, 1) on a steady stream
        var kept = rank >= 1 - _budget.Share;
        _budget.Count(kept);
        Remember(score);
        return kept;
    }

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
