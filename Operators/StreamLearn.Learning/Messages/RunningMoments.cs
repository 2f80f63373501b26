using System.Collections.Immutable;

namespace StreamLearn.Learning;

/// <summary>Moments that grow row by row, in float64, in row order; reused without allocation. Source: Welford (1962).</summary>
internal sealed class RunningMoments(int channels)
{
    private readonly double[] _mean = new double[channels];
    private readonly double[] _m2 = new double[channels];

    internal long Count { get; private set; }

    internal void Add(ReadOnlySpan<float> row)
    {
        Count++;
        for (var c = 0; c < _mean.Length; c++)
        {
            var difference = row[c] - _mean[c];
            _mean[c] += difference / Count;
            _m2[c] += difference * (row[c] - _mean[c]);
        }
    }

    internal double Mean(int channel) => _mean[channel];

    internal double Inverse(int channel) => ChannelMoments.Inverse(Count, _m2[channel]);

    /// <summary>Gives what has come since the last take, or null if nothing has, and starts anew.</summary>
    internal ChannelMoments? Take()
    {
        if (Count == 0) { return null; }
        var taken = new ChannelMoments(Count, ImmutableArray.Create(_mean), ImmutableArray.Create(_m2));
        Count = 0;
        Array.Clear(_mean);
        Array.Clear(_m2);
        return taken;
    }
}
