using System.Globalization;

namespace Tool;

/// <summary>A linear axis with ticks at round values.</summary>
internal sealed record Axis(double Low, double High, double Step)
{
    /// <summary>The ticks within the axis.</summary>
    internal IEnumerable<double> Ticks
    {
        get
        {
            var first = Math.Ceiling((Low / Step) - 1e-9);
            var last = Math.Floor((High / Step) + 1e-9);
            for (var tick = first; tick <= last; tick++) { yield return (tick * Step) + 0.0; }   // + 0: no negative zero
        }
    }

    /// <summary>An axis over these values whose ends are ticks.</summary>
    internal static Axis Rounded(double low, double high, int ticks = 5)
    {
        var exact = Exact(low, high, ticks);
        var step = exact.Step;
        return new(Math.Floor((exact.Low / step) + 1e-9) * step, Math.Ceiling((exact.High / step) - 1e-9) * step, step);
    }

    /// <summary>An axis over these values that ends where they end.</summary>
    internal static Axis Exact(double low, double high, int ticks = 5)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high)) { (low, high) = (0, 1); }
        if (high <= low) { high = low + Math.Max(1, Math.Abs(low)); }
        return new(low, high, RoundStep((high - low) / ticks));
    }

    /// <summary>Where a value stands: 0 at the low end, 1 at the high end; beyond them it stands at the end.</summary>
    internal double Share(double value) => Math.Clamp((value - Low) / (High - Low), 0, 1);

    /// <summary>A tick with the digits that its step needs.</summary>
    internal string Label(double tick)
    {
        var digits = Math.Clamp((int)Math.Ceiling(-Math.Log10(Step) - 1e-9), 0, 9);
        return tick.ToString($"N{digits}", CultureInfo.InvariantCulture);
    }

    /// <summary>The least of 1, 2 or 5 times a power of ten that is not below the raw step.</summary>
    private static double RoundStep(double raw)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var lead = raw / power;
        return power * (lead <= 1.0001 ? 1 : lead <= 2.0001 ? 2 : lead <= 5.0001 ? 5 : 10);
    }
}
