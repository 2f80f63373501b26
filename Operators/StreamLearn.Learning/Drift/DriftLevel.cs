namespace StreamLearn.Learning;

/// <summary>State of a drift detector.</summary>
public enum DriftLevel
{
    /// <summary>No change was detected.</summary>
    Steady,

    /// <summary>A possible change; if it is confirmed, relearn from here.</summary>
    Warning,

    /// <summary>The values have changed.</summary>
    Drift,
}
