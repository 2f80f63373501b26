using System.Text;

namespace StreamLearn;

/// <summary>A named random stream: the n-th number depends only on seed, purpose, device and n.</summary>
/// <remarks>State: one counter. Source: Steele, Lea, Flood (2014), SplitMix64, used as a counter-based generator.</remarks>
public sealed class RandomStream
{
    private readonly ulong _key;
    private double _spare = double.NaN;

    /// <summary>Opens a stream at its start.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">The purpose, such as <c>reservoir</c>.</param>
    /// <param name="device">The device.</param>
    public RandomStream(long seed, string purpose, string device = "")
    {
        ArgumentNullException.ThrowIfNull(purpose);
        ArgumentNullException.ThrowIfNull(device);
        var key = Mix((ulong)seed + 0x9E3779B97F4A7C15UL);
        foreach (var value in Encoding.UTF8.GetBytes($"{purpose}\0{device}")) { key = Mix(key ^ value); }
        _key = key;
    }

    /// <summary>Number of random numbers drawn so far.</summary>
    public ulong Counter { get; private set; }

    /// <summary>Draws 64 random bits.</summary>
    public ulong NextUInt64() => Mix(_key + (++Counter * 0x9E3779B97F4A7C15UL));

    /// <summary>Draws an integer in [0, bound).</summary>
    /// <param name="bound">The bound, at least 1.</param>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)Math.BigMul(NextUInt64(), (ulong)bound, out _);
    }

    /// <summary>Draws an integer in [0, bound).</summary>
    /// <param name="bound">The bound, at least 1.</param>
    public long NextInt64(long bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (long)Math.BigMul(NextUInt64(), (ulong)bound, out _);
    }

    /// <summary>Draws a uniform number in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Draws a uniform number in [low, high).</summary>
    /// <param name="low">The minimum, inclusive.</param>
    /// <param name="high">The upper bound, exclusive.</param>
    public double NextDouble(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Draws from the standard normal distribution. Source: Box, Muller (1958); both values are used.</summary>
    public double NextGaussian()
    {
        if (!double.IsNaN(_spare))
        {
            var spare = _spare;
            _spare = double.NaN;
            return spare;
        }

        var radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        var (sine, cosine) = Math.SinCos(2 * Math.PI * NextDouble());
        _spare = radius * sine;
        return radius * cosine;
    }

    /// <summary>Saves or restores the position of a block's own stream. The host saves that of <see cref="OperatorContext"/>.</summary>
    public void State(ref StateStream s)
    {
        Counter = (ulong)s.Value((long)Counter);
        s.Value(ref _spare);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
