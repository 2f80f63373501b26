namespace StreamLearn.Tables;

internal sealed class LearnedRanges(int channels)
{
    private readonly float[] _least = new float[channels];
    private readonly float[] _most = new float[channels];
    private readonly bool[] _has = new bool[channels];

    /// <summary>Indices of constant columns, from 0.</summary>
    internal IEnumerable<int> ConstantChannels => Enumerable.Range(0, channels).Where(c => _has[c] && _least[c] == _most[c]);

    /// <summary>Indices of columns, from 0, with so few float32 steps that rounding matters, as with a large offset.</summary>
    internal IEnumerable<int> Coarse => Enumerable.Range(0, channels).Where(c => _has[c] && _least[c] < _most[c]
        && (double)_most[c] - _least[c] < FewSteps * Math.Max(Math.Abs(_least[c]), Math.Abs(_most[c])));

    private const double FewSteps = 64 / (double)(1 << 23);

    internal void Add(ReadOnlySpan<float> row)
    {
        for (var c = 0; c < row.Length; c++)
        {
            if (float.IsNaN(row[c])) { continue; }
            (_least[c], _most[c]) = _has[c] ? (Math.Min(_least[c], row[c]), Math.Max(_most[c], row[c])) : (row[c], row[c]);
            _has[c] = true;
        }
    }
}
