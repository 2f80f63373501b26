namespace StreamLearn.Fleets;

/// <summary>Settings of update coding.</summary>
public sealed record CodeUpdatesOptions
{
    /// <summary>The code.</summary>
    public required TensorCode Code { get; init; }

    /// <summary>True: coding errors are added to later updates; false: they are lost. Null (default): true for biased codes.</summary>
    public bool? Feedback { get; init; }

    /// <summary>Share of velocity that pending changes keep per update, in [0, 1). It adds momentum at the sender for an optimizer without
    /// it. Default 0.</summary>
    public float Momentum { get; init; }

    /// <summary>Maximum norm of an update's trained values; longer updates are scaled down before accumulation. Above 0; null (default): no
    /// limit.</summary>
    public float? MaxNorm { get; init; }

    /// <summary>Updates over which the sent share falls geometrically from a quarter to that of the code, which must have a share. At least
    /// 0; default 0: none. Source: Lin et al. (2018), DGC, which counts epochs.</summary>
    public int WarmUp { get; init; }

    /// <summary>Maximum number of unanswered updates. If there are more, the oldest counts as applied. At least 1; default 64.</summary>
    public int MaxUnanswered { get; init; } = 64;

    internal bool HasFeedback => Feedback ?? !Code.IsUnbiased;

    internal TensorCode CodeAfter(int updates) => updates >= WarmUp ? Code : Code.WarmingUp((double)updates / WarmUp) ?? Code;

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Code);
        Code.CheckOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(WarmUp);
        if (WarmUp > 0 && Code.WarmingUp(0) is null)
        {
            throw new ArgumentException($"expected a code with a share for a warm-up, got {Code}", nameof(WarmUp));
        }

        if (MaxNorm is { } norm && !(norm > 0 && float.IsFinite(norm)))
        {
            throw new ArgumentOutOfRangeException(nameof(MaxNorm), norm, "expected a norm above 0");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MaxUnanswered, 1);
        if (!(Momentum is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Momentum), Momentum, "expected a momentum of 0 to below 1");
        }

        if (Momentum > 0 && !HasFeedback) { throw new ArgumentException("expected feedback with a momentum", nameof(Momentum)); }
    }

    /// <inheritdoc />
    public override string ToString() => $"{Code}{(HasFeedback ? ", feedback" : "")}";
}
