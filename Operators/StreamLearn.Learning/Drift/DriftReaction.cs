namespace StreamLearn.Learning;

/// <summary>What a learning block does when its stream has changed.</summary>
/// <param name="RateFactor">What learning rates are multiplied by, at least 1; default 3.</param>
/// <param name="Steps">For how many steps, at least 0; default 200.</param>
public sealed record DriftReaction(float RateFactor = 3, int Steps = 200)
{
    /// <summary>True: the replay buffer forgets its rows, and fills with new ones. Default false.</summary>
    public bool Refill { get; init; }

    /// <summary>True: the last layer begins anew, with its initial weights. Default false.</summary>
    public bool ResetHead { get; init; }

    /// <summary>True: <c>Train</c> sends an update at once with the steps that it has made, which asks for an aggregation. Default
    /// false.</summary>
    public bool UpdatesAtOnce { get; init; }

    internal void Check()
    {
        if (!(RateFactor >= 1 && float.IsFinite(RateFactor))) { throw new ArgumentOutOfRangeException(nameof(RateFactor)); }
        ArgumentOutOfRangeException.ThrowIfNegative(Steps);
    }

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"rate ×{RateFactor} for {Steps} steps")
        + (Refill ? ", buffer anew" : "") + (ResetHead ? ", head anew" : "") + (UpdatesAtOnce ? ", update at once" : "");
}
