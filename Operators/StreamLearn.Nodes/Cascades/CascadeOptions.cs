using System.Globalization;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>Cascade</c>.</summary>
public sealed record CascadeOptions
{
    /// <summary>Confidence below which the next tier is asked, 0 to 1; default 0.8. With <see cref="TargetShare"/>, the initial
    /// threshold.</summary>
    public double Threshold { get; init; } = 0.8;

    /// <summary>Share of items for which to ask, which the threshold follows; null (default): a fixed threshold.</summary>
    public double? TargetShare { get; init; }

    /// <summary>Maximum change of the threshold per item, above 0 to 1; default 0.05.</summary>
    public double Gain { get; init; } = 0.05;

    /// <summary>How long to wait for the next tier, above 0; then the answer of this tier is given. Default 1 s.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Questions per minute in the long run, above 0, and questions at once after a rest, at least 1; null (default):
    /// unlimited.</summary>
    public (double PerMinute, int Burst)? Budget { get; init; }

    /// <summary>Most private label that the next tier may receive. Items above it are answered here; values above it are sent as 0. Default
    /// <see cref="PrivacyLabel.Public"/>.</summary>
    public PrivacyLabel Carries { get; init; }

    /// <summary>Maximum number of pending items, at least 1; default 256. If there are more, the oldest gets the answer of this
    /// tier.</summary>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>Consecutive missed deadlines after which the next tier counts as unhealthy, at least 1; default 3. Source: Nygard (2007),
    /// circuit breaker.</summary>
    public int MaxMisses { get; init; } = 3;

    /// <summary>Pause before an unhealthy tier is tried again with one item, above 0; default 10 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Cached answers of the next tier; the least recently used is evicted first. Default 0: none.</summary>
    public int CacheCapacity { get; init; }

    /// <summary>Minimum cosine between the values of two questions that share an answer, above 0 to 1; default 0.95. Questions with
    /// different texts need values.</summary>
    public double MinSimilarity { get; init; } = 0.95;

    /// <summary>The number of this tier, from 0; default 0.</summary>
    public int Tier { get; init; }

    /// <summary>Returns the threshold after an item.</summary>
    /// <remarks>It is an integral controller: over n items, the share differs from the target by at most (1 + 2 gain) / (gain n). The
    /// threshold may leave 0 to 1 by one gain. Source: Gibbs, Candès (2021), adaptive conformal inference.</remarks>
    /// <param name="threshold">The threshold before.</param>
    /// <param name="target">The share of items for which to ask.</param>
    /// <param name="asked">True if it was asked.</param>
    /// <param name="gain">The gain.</param>
    public static double NextThreshold(double threshold, double target, bool asked, double gain) =>
        Math.Clamp(threshold + (gain * (target - (asked ? 1 : 0))), -gain, 1 + gain);

    internal EscalationBudget? Tokens => Budget is { } budget ? new(budget.PerMinute, budget.Burst) : null;

    internal CascadeOptions Checked()
    {
        Require(Threshold is >= 0 and <= 1, nameof(Threshold), Threshold, "from 0 to 1");
        Require(TargetShare is null or (>= 0 and <= 1), nameof(TargetShare), TargetShare, "from 0 to 1");
        Require(Gain is > 0 and <= 1, nameof(Gain), Gain, "above 0 and at most 1");
        Require(MinSimilarity is > 0 and <= 1, nameof(MinSimilarity), MinSimilarity, "above 0 and at most 1");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Deadline, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RetryAfter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWaiting, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMisses, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(CacheCapacity);
        ArgumentOutOfRangeException.ThrowIfNegative(Tier);
        Require(Enum.IsDefined(Carries), nameof(Carries), Carries, "that is a label");
        Tokens?.Check();
        return this;

        static void Require(bool holds, string name, object? value, string what)
        {
            if (!holds) { throw new ArgumentOutOfRangeException(name, value, $"expected a value {what}"); }
        }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"tier {Tier}, below {Threshold}{(TargetShare is { } share ? $" to ask {share:P0}" : "")}, carries {Carries}, "
            + $"{Deadline.TotalSeconds} s{(Tokens is { } tokens ? $", {tokens}" : "")}"
            + $"{(CacheCapacity == 0 ? "" : $", {CacheCapacity} cached")}");
}
