using StreamLearn.Learning;

namespace StreamLearn.Fleets;

/// <summary>How updates are coded.</summary>
public sealed record CodeUpdatesOptions
{
    /// <summary>The code.</summary>
    public required TensorCode Code { get; init; }

    /// <summary>True: what a code leaves out adds up at the sender, and goes with the next ones; false: it is lost. Null, the default: true
    /// for a code that is biased.</summary>
    public bool? Feedback { get; init; }

    /// <summary>Share of its velocity that a change that waits keeps from one update to the next, 0 to below 1: momentum at the sender,
    /// for an optimizer without it. Default 0.</summary>
    public float Momentum { get; init; }

    /// <summary>Largest norm of the trained values of an update; a longer one is shortened to it before it is added to what waits. Above 0;
    /// null, the default: any.</summary>
    public float? MaxNorm { get; init; }

    /// <summary>Updates in which the share that is sent falls from a quarter to that of the code, by the same factor each time. The code
    /// has to be one with a share. Updates, 0 or more; default 0: it has its share at once. Source: Lin et al. (2018), DGC, by
    /// epochs.</summary>
    public int WarmUp { get; init; }

    /// <summary>Updates whose fate is waited for; the oldest one beyond counts as applied. Updates, at least 1; default 64.</summary>
    public int MaxUnanswered { get; init; } = 64;

    internal bool HasFeedback => Feedback ?? !Code.IsUnbiased;

    /// <summary>The code of an update, after so many of them.</summary>
    internal TensorCode CodeAfter(int updates)
    {
        const double First = 0.25;
        if (updates >= WarmUp) { return Code; }
        double Share(double last) => last >= First ? last : First * Math.Pow(last / First, (double)updates / WarmUp);
        return Code switch
        {
            TopKCode code => code with { Share = Share(code.Share) },
            RandomKCode code => code with { Share = Share(code.Share) },
            _ => Code,
        };
    }

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Code);
        Code.CheckOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(WarmUp);
        if (WarmUp > 0 && Code is not (TopKCode or RandomKCode))
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
