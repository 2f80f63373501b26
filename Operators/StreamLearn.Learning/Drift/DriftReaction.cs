namespace StreamLearn.Learning;

/// <summary>How a learning block reacts to a change.</summary>
/// <param name="RateFactor">Factor applied to learning rates, at least 1; default 3.</param>
/// <param name="Steps">Duration in steps, at least 0; default 200.</param>
public sealed record DriftReaction(float RateFactor = 3, int Steps = 200)
{
    /// <summary>True: empties the replay buffer. Default false.</summary>
    public bool Refill { get; init; }

    /// <summary>True: resets the last layer to its initial weights. Default false.</summary>
    public bool ResetHead { get; init; }

    /// <summary>True: <c>Train</c> sends its steps at once as an update that requests an aggregation. Default false.</summary>
    public bool UpdatesAtOnce { get; init; }

    internal void Check()
    {
        if (!(RateFactor >= 1 && float.IsFinite(RateFactor))) { throw new ArgumentOutOfRangeException(nameof(RateFactor)); }
        ArgumentOutOfRangeException.ThrowIfNegative(Steps);
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"rate ×{RateFactor} for {Steps} steps")
        + (Refill ? ", new buffer" : "") + (ResetHead ? ", new head" : "") + (UpdatesAtOnce ? ", update at once" : "");
}
