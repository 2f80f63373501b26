using System.Collections.Immutable;

namespace StreamLearn.Simulation;

/// <summary>Checks of profiles that say which setting is wrong.</summary>
internal static class Profiles
{
    internal static void Require(bool fits, string setting, string expected, object got)
    {
        if (!fits) { throw new ArgumentOutOfRangeException(setting, got, $"expected {expected}, got {got}"); }
    }

    /// <summary>Changes of a speed: each above 0, in order of time.</summary>
    internal static void RequireSpeeds(ImmutableArray<SpeedChange> trace, string setting, string what)
    {
        for (var i = 0; i < trace.Length; i++)
        {
            Require(trace[i].Speed > 0 && double.IsFinite(trace[i].Speed), setting, $"{what} of more than 0", trace[i].Speed);
            RequireOrder(trace[i].At, i == 0 ? TimeSpan.Zero : trace[i - 1].At, setting);
        }
    }

    /// <summary>A change comes no sooner than the one before.</summary>
    internal static void RequireOrder(TimeSpan at, TimeSpan before, string setting) =>
        Require(at >= before, setting, "changes in order of time", at);
}
