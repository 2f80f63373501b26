namespace StreamLearn.Samples;

/// <summary>The <c>wear</c> generator: vibration and temperature of a machine in the hours before its bearing fails.</summary>
/// <remarks>Strikes of a pit grow with a time constant of 60 hours, and the temperature rise above room temperature with 40 hours, until
/// failure. Machines differ by 10 % in strikes, by 2 K in room temperature, and in resonance and hum, so no single one of these reveals the
/// hours left exactly. Units: g, °C, hours. Source: growth of a pit as in Paris, Erdogan (1963); specification of wear, ours.</remarks>
public static class Wear
{
    /// <summary>Rows per second.</summary>
    public const int RowsPerSecond = 2000;

    private const double Shaft = 25;                // revolutions per second
    private const double Strikes = 3.5848;          // impacts of the outer race per revolution
    private const double StrikeHours = 60;          // hours in which impacts grow by a factor of e
    private const double HeatHours = 40;
    private const double Noise = 0.05;

    /// <summary>Generates a record, reproducibly.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="hoursLeft">Hours until failure, at least 0.</param>
    /// <param name="rows">Number of rows, at <see cref="RowsPerSecond"/>.</param>
    /// <returns>Vibration in g and temperature in °C, per row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public static (float[] Vibration, float[] Temperature) Record(int machine, double hoursLeft, int rows)
    {
        if (!(hoursLeft >= 0)) { throw new ArgumentOutOfRangeException(nameof(hoursLeft), hoursLeft, "expected hours, at least 0"); }
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        var own = new RandomStream(machine, "wear");
        var (resonance, hum) = (own.NextDouble(400, 600), own.NextDouble(0.05, 0.1));     // Hz; g
        var strength = Math.Exp(0.1 * own.NextGaussian()) * Math.Exp(-hoursLeft / StrikeHours);
        var heat = 21 + (2 * own.NextGaussian()) + (40 * Math.Exp(-hoursLeft / HeatHours));
        var random = new RandomStream(machine, FormattableString.Invariant($"wear {hoursLeft:R}"));
        var phase = random.NextDouble(0, 2 * Math.PI);
        var (vibration, temperature) = (new float[rows], new float[rows]);
        for (var i = 0; i < rows; i++)
        {
            vibration[i] = (float)((hum * Math.Sin(phase + (2 * Math.PI * Shaft * i / RowsPerSecond))) + (Noise * random.NextGaussian()));
            temperature[i] = (float)(heat + (0.3 * random.NextGaussian()));
        }

        var every = RowsPerSecond / (Strikes * Shaft);
        for (var at = every * random.NextDouble(); at < rows; at += every * (1 + (0.02 * random.NextGaussian())))
        {
            Bearings.Ring(vibration, at, strength * Math.Exp(0.2 * random.NextGaussian()), 200.0 / RowsPerSecond,
                2 * Math.PI * resonance / RowsPerSecond);
        }

        return (vibration, temperature);
    }
}
