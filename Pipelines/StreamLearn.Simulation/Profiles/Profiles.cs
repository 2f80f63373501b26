namespace StreamLearn.Simulation;

/// <summary>Checks of profiles that say which setting is wrong.</summary>
internal static class Profiles
{
    internal static void Require(bool fits, string setting, string expected, object got)
    {
        if (!fits) { throw new ArgumentOutOfRangeException(setting, got, $"expected {expected}, got {got}"); }
    }
}
