using System.Collections.Immutable;

namespace StreamLearn.Simulation;

internal static class Profiles
{
    internal static void Require(bool fits, string setting, string expected, object got)
    {
        if (!fits) { throw new ArgumentOutOfRangeException(setting, got, $"expected {expected}, got {got}"); }
    }

    internal static void RequireSpeeds(ImmutableArray<(TimeSpan At, double Speed)> trace, string setting, string what)
    {
        for (var i = 0; i < trace.Length; i++)
        {
            Require(trace[i].Speed > 0 && double.IsFinite(trace[i].Speed), setting, $"{what} of more than 0", trace[i].Speed);
            RequireOrder(trace[i].At, i == 0 ? TimeSpan.Zero : trace[i - 1].At, setting);
        }
    }

    internal static void RequireTimes(LayerTimes? times, string setting)
    {
        if (times is null) { return; }
        Require(!times.Forward.IsDefault && !times.Backward.IsDefault, setting, "times forward and backward", "none");
        Require(times.Forward.Length == times.Backward.Length, setting, "the same number of times backward and "
            + "forward", times.Backward.Length);
        foreach (var seconds in times.Forward.AsSpan()) { RequireSeconds(seconds, setting); }
        foreach (var seconds in times.Backward.AsSpan()) { RequireSeconds(seconds, setting); }
    }

    private static void RequireSeconds(double seconds, string setting) =>
        Require(seconds >= 0 && double.IsFinite(seconds), setting, "seconds of 0 or more", seconds);

    internal static void RequireOrder(TimeSpan at, TimeSpan before, string setting) =>
        Require(at >= before, setting, "changes in order of time", at);
}
