namespace StreamLearn.Learning;

/// <summary>What a drift detector says of the values so far.</summary>
public enum DriftLevel
{
    /// <summary>Nothing has changed, as far as can be told.</summary>
    Steady,

    /// <summary>Something may be changing: rows from here on are those to learn from again, if it is.</summary>
    Warning,

    /// <summary>The values have changed.</summary>
    Drift,
}
