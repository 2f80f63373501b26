namespace StreamLearn.Nodes;

/// <summary>Maximum age of estimates.</summary>
/// <param name="MaxAge">The age, above 0.</param>
internal sealed record Freshness(TimeSpan MaxAge)
{
    /// <summary>One minute.</summary>
    public static Freshness Minute { get; } = new(TimeSpan.FromMinutes(1));

    /// <summary>Returns true if an estimate is still usable.</summary>
    /// <param name="estimate">The estimate.</param>
    /// <param name="now">The time now.</param>
    public bool IsFresh(Estimate estimate, DateTimeOffset now) => now - estimate.At <= MaxAge;
}
