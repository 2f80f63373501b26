using System.Globalization;
using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>Settings of <c>Cascade</c>.</summary>
public sealed record CascadeOptions
{
    /// <summary>An item is asked of the next tier if the own tier's confidence is below this. Where <see cref="TargetShare"/> is set, it is
    /// what the threshold begins with. 0 to 1; default 0.8.</summary>
    public double Threshold { get; init; } = 0.8;

    /// <summary>The share of items to ask of the next tier: the threshold follows it. Null, the default: the threshold stays.</summary>
    public double? TargetShare { get; init; }

    /// <summary>How far one item moves the threshold at most, above 0 and at most 1; default 0.05.</summary>
    public double Gain { get; init; } = 0.05;

    /// <summary>How long an item waits for the next tier, above 0; then the own answer is given. Default 1 s.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Tokens for questions; null, the default: as many as there are.</summary>
    public EscalationBudget? Budget { get; init; }

    /// <summary>The most private that the next tier may see. An item above it is answered here; a value above it is 0 in what is
    /// asked. Default <see cref="PrivacyLabel.Public"/>.</summary>
    public PrivacyLabel Carries { get; init; }

    /// <summary>Items that wait at most, for their answers or for those before them; beyond, the oldest gets its own answer. At least 1;
    /// default 256.</summary>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>Missed deadlines in a row after which the next tier counts as unhealthy, at least 1; default 3. Source: Nygard (2007),
    /// circuit breaker.</summary>
    public int MaxMisses { get; init; } = 3;

    /// <summary>How long an unhealthy tier is left alone before one item is tried again, above 0; default 10 s.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Answers of the next tier that are kept for questions like theirs, the least recently used goes first. 0, the default:
    /// none.</summary>
    public int CacheCapacity { get; init; }

    /// <summary>How alike the values of two questions are for one answer to do for both: their cosine, above 0 and at most 1; default 0.95.
    /// Questions that differ in text have the answer in common only if they have values.</summary>
    public double MinSimilarity { get; init; } = 0.95;

    /// <summary>The own tier's number in its answers, from 0, the default.</summary>
    public int Tier { get; init; }

    /// <summary>The threshold after an item.</summary>
    /// <remarks>An integral controller: over n items the share differs from the target by at most (1 + 2 gain) / (gain n), whatever the
    /// confidences are. For that it may leave 0 to 1 by a gain: there every item or none is asked. Source: Gibbs, Candès (2021), adaptive
    /// conformal inference.</remarks>
    /// <param name="threshold">The threshold before it.</param>
    /// <param name="target">The share to ask.</param>
    /// <param name="asked">True if it was asked.</param>
    /// <param name="gain">The gain.</param>
    public static double NextThreshold(double threshold, double target, bool asked, double gain) =>
        Math.Clamp(threshold + (gain * (target - (asked ? 1 : 0))), -gain, 1 + gain);

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
        Budget?.Check();
        return this;

        static void Require(bool holds, string name, object? value, string what)
        {
            if (!holds) { throw new ArgumentOutOfRangeException(name, value, $"expected a value {what}"); }
        }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"tier {Tier}, below {Threshold}{(TargetShare is { } share ? $" to ask {share:P0}" : "")}, carries {Carries}, "
            + $"{Deadline.TotalSeconds} s{(Budget is null ? "" : $", {Budget}")}"
            + $"{(CacheCapacity == 0 ? "" : $", {CacheCapacity} cached")}");
}
