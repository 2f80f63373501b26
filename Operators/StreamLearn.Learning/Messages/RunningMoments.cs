using System.Numerics;

namespace StreamLearn.Learning;

/// <summary>Running moments in float64, deterministic and without allocation. Beyond <paramref name="most"/> samples, old ones fade.
/// Source: Welford (1962).</summary>
public sealed class RunningMoments(Shape shape, long most = long.MaxValue)
{
    private readonly double[] _mean = new double[shape.Channels];
    private readonly double[] _m2 = new double[shape.Channels];

    /// <summary>Samples that count.</summary>
    public long Count { get; private set; }

    /// <summary>Saves or restores the state.</summary>
    public void State(ref StateStream s)
    {
        Count = s.Value(Count);
        if (Count < 0) { throw new StateException($"expected a count from 0, got {Count}"); }
        s.Values<double>(_mean);
        s.Values<double>(_m2);
    }

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        for (var sample = 0; sample < shape.Samples; sample++)
        {
            if (Count < most) { Count++; }
            else { Forget(); }
            for (var c = shape.Samples == 1 ? AddVectors(row) : 0; c < _mean.Length; c++)
            {
                double value = row[(c * shape.Samples) + sample];
                var difference = value - _mean[c];
                _mean[c] += difference / Count;
                _m2[c] += difference * (value - _mean[c]);
            }
        }
    }

    /// <summary>Uses vectors; bit-identical to the scalar path.</summary>
    private int AddVectors(ReadOnlySpan<float> row)
    {
        Span<double> mean = _mean, m2 = _m2;
        var (c, count) = (0, new Vector<double>(Count));
        for (; c + Vector<float>.Count <= mean.Length; c += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(row[c..]), out var low, out var high);
            Add(low, mean[c..], m2[c..], count);
            Add(high, mean[(c + Vector<double>.Count)..], m2[(c + Vector<double>.Count)..], count);
        }

        return c;
    }

    private static void Add(Vector<double> value, Span<double> mean, Span<double> m2, Vector<double> count)
    {
        var old = new Vector<double>(mean);
        var difference = value - old;
        var next = old + (difference / count);
        next.CopyTo(mean);
        (new Vector<double>(m2) + (difference * (value - next))).CopyTo(m2);
    }

    private void Forget()
    {
        foreach (ref var m2 in _m2.AsSpan()) { m2 *= (most - 1.0) / most; }
    }

    /// <summary>The mean of a channel.</summary>
    public double Mean(int channel) => _mean[channel];

    /// <summary>The variance of a channel; 0 with fewer than two rows.</summary>
    public double Variance(int channel) => Count < 2 ? 0 : _m2[channel] / (Count - 1);

    /// <summary>One divided by the standard deviation of a channel, by which models scale.</summary>
    public double Inverse(int channel) => ChannelMoments.Inverse(Count, _m2[channel]);

    /// <summary>True if all values of a channel were equal.</summary>
    public bool IsAlike(int channel) => _m2[channel] == 0;

    /// <summary>Returns and resets the moments; null if empty.</summary>
    public ChannelMoments? Take()
    {
        var taken = Given();
        Clear();
        return taken;
    }

    /// <summary>Returns the moments since the last start; null: no values.</summary>
    public ChannelMoments? Given() => Count == 0 ? null : new(Count, ImmutableArray.Create(_mean), ImmutableArray.Create(_m2));

    /// <summary>Copies mean and variance; the count is capped at this memory's limit.</summary>
    public void StartFrom(RunningMoments other)
    {
        Count = Math.Min(other.Count, most);
        var share = Math.Max(0, Count - 1.0) / Math.Max(1, other.Count - 1);
        for (var c = 0; c < _mean.Length; c++) { (_mean[c], _m2[c]) = (other._mean[c], share * other._m2[c]); }
    }

    /// <summary>Removes all rows.</summary>
    public void Clear()
    {
        Count = 0;
        Array.Clear(_mean);
        Array.Clear(_m2);
    }
}
