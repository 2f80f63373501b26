namespace StreamLearn.Nodes;

/// <summary>Maximum age of estimates.</summary>
internal sealed record Freshness(TimeSpan MaxAge)
{
    /// <summary>One minute.</summary>
    public static Freshness Minute { get; } = new(TimeSpan.FromMinutes(1));

    /// <summary>Returns true if an estimate is still usable.</summary>
    public bool IsFresh(Estimate estimate, DateTimeOffset now) => now - estimate.At <= MaxAge;
}
