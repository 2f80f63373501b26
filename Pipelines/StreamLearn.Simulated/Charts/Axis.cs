using System.Globalization;

namespace StreamLearn.Simulated;

internal sealed record Axis(double Low, double High, double Step)
{
    internal IEnumerable<double> Ticks
    {
        get
        {
            var first = Math.Ceiling((Low / Step) - 1e-9);
            var last = Math.Floor((High / Step) + 1e-9);
            for (var tick = first; tick <= last; tick++) { yield return (tick * Step) + 0.0; }   // + 0.0 avoids negative zero
        }
    }

    /// <summary>Creates an axis whose ends are ticks.</summary>
    internal static Axis Rounded(double low, double high, int ticks = 5)
    {
        var exact = Exact(low, high, ticks);
        var step = exact.Step;
        return new(Math.Floor((exact.Low / step) + 1e-9) * step, Math.Ceiling((exact.High / step) - 1e-9) * step, step);
    }

    /// <summary>Creates an axis whose ends are the values.</summary>
    internal static Axis Exact(double low, double high, int ticks = 5)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high)) { (low, high) = (0, 1); }
        if (high <= low) { high = low + Math.Max(1, Math.Abs(low)); }
        return new(low, high, RoundStep((high - low) / ticks));
    }

    /// <summary>Position from 0 (low) to 1 (high), clamped.</summary>
    internal double Share(double value) => Math.Clamp((value - Low) / (High - Low), 0, 1);

    internal string Label(double tick)
    {
        var digits = Math.Clamp((int)Math.Ceiling(-Math.Log10(Step) - 1e-9), 0, 9);
        return tick.ToString($"N{digits}", CultureInfo.InvariantCulture);
    }

    /// <summary>The smallest 1, 2 or 5 times a power of ten, at least the raw step.</summary>
    private static double RoundStep(double raw)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var lead = raw / power;
        return power * (lead <= 1.0001 ? 1 : lead <= 2.0001 ? 2 : lead <= 5.0001 ? 5 : 10);
    }
}
