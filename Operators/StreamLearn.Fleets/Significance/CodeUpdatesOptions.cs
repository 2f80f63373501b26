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

    /// <summary>Updates whose fate is waited for; the oldest one beyond counts as applied. Updates, at least 1; default 64.</summary>
    public int MaxUnanswered { get; init; } = 64;

    internal bool HasFeedback => Feedback ?? !Code.IsUnbiased;

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Code);
        Code.CheckOptions();
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
