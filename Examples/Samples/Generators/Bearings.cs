namespace StreamLearn.Samples;

/// <summary>Fault of a generated bearing.</summary>
public enum BearingFault
{
    /// <summary>No fault.</summary>
    None,

    /// <summary>A pit in the inner race, which rotates in and out of the load.</summary>
    InnerRace,

    /// <summary>A pit in the outer race, which is stationary.</summary>
    OuterRace,

    /// <summary>A pit in a ball, which moves with the cage.</summary>
    Ball,
}

/// <summary>The <c>bearings</c> generator: vibration of a motor bearing whose faults have characteristic frequencies.</summary>
/// <remarks>A pit is struck at a multiple of the shaft's speed: 5.4152 (inner race), 3.5848 (outer race) and 4.7135 (ball). Each strike
/// excites the housing's resonance; strike intervals vary by 2 %. Load slows the shaft from 1,797 to 1,730 revolutions per minute and
/// strengthens strikes. Machines differ in resonance, damping and hum. Units: g. Source: model of McFadden, Smith (1984); multiples of the
/// bearing 6205-2RS; specification of bearings, ours.</remarks>
public static class Bearings
{
    /// <summary>Rows per second.</summary>
    public const int RowsPerSecond = 12_000;

    /// <summary>Number of loads, 0 (none) to 3.</summary>
    public const int Loads = 4;

    private const double Cage = 0.3983;         // revolutions of the cage per revolution of the shaft
    private const double Slip = 0.02;
    private const double Noise = 0.06;

    private static readonly double[] Strikes = [0, 5.4152, 3.5848, 4.7135];
    private static readonly double[] TurnsPerMinute = [1797, 1772, 1750, 1730];

    /// <summary>Generates a recording, reproducibly.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="load">Motor load, 0 to 3.</param>
    /// <param name="machine">Determines resonance, damping and hum.</param>
    /// <param name="rows">Number of rows, at <see cref="RowsPerSecond"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public static float[] Record(BearingFault fault, int load, int machine, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(load);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(load, Loads);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (!Enum.IsDefined(fault)) { throw new ArgumentOutOfRangeException(nameof(fault), fault, "expected a fault of a bearing"); }
        var own = new RandomStream(machine, "bearings");
        var (resonance, decay) = (own.NextDouble(2600, 3600), own.NextDouble(700, 1200));     // Hz; per second
        var (hum, second) = (own.NextDouble(0.03, 0.08), own.NextDouble(0.02, 0.05));
        var random = new RandomStream(machine, $"bearings {fault} {load}");
        var shaft = TurnsPerMinute[load] / 60 * (1 + (0.002 * random.NextGaussian()));
        var (phase, angle) = (random.NextDouble(0, 2 * Math.PI), 2 * Math.PI * shaft / RowsPerSecond);
        var values = new float[rows];
        for (var i = 0; i < rows; i++)
        {
            var turn = phase + (angle * i);
            values[i] = (float)((hum * Math.Sin(turn)) + (second * Math.Sin(2 * turn)) + (Noise * random.NextGaussian()));
        }

        if (fault == BearingFault.None) { return values; }
        var every = RowsPerSecond / (Strikes[(int)fault] * shaft);
        for (var at = every * random.NextDouble(); at < rows; at += every * (1 + (Slip * random.NextGaussian())))
        {
            var turn = phase + (angle * at);
            var weight = fault switch
            {
                BearingFault.InnerRace => 0.5 * (1 + Math.Cos(turn)),
                BearingFault.Ball => 0.6 + (0.4 * Math.Cos(Cage * turn)),
                _ => 1.0,
            };
            var strength = weight * (0.3 + (0.05 * load)) * Math.Exp(0.2 * random.NextGaussian());
            Ring(values, at, strength, decay / RowsPerSecond, 2 * Math.PI * resonance / RowsPerSecond);
        }

        return values;
    }

    /// <summary>Rings until it decays to a hundredth.</summary>
    internal static void Ring(Span<float> values, double at, double strength, double decay, double turn)
    {
        var first = (int)Math.Ceiling(at);
        var end = Math.Min(values.Length, at + (Math.Log(100) / decay));
        for (var i = first; i < end; i++) { values[i] += (float)(strength * Math.Exp(-decay * (i - at)) * Math.Sin(turn * (i - at))); }
    }
}
