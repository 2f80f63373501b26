using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Flow control of a device toward its aggregator; it is active if receipts arrive.</summary>
/// <remarks>Each round uses a credit, which returns once the update is answered and the device holds the version in the receipt or a newer
/// one. So updates do not age in transit.</remarks>
public sealed record CreditOptions
{
    /// <summary>Maximum of <see cref="Updates"/>.</summary>
    public const int MaxUpdates = 32;

    /// <summary>Maximum number of updates in flight, 1 to <see cref="MaxUpdates"/>, which is 32; default 2.</summary>
    public int Updates { get; init; } = 2;

    /// <summary>Steps by which a round without credit may continue, within one update. Default 0: it pauses until credit returns.</summary>
    public int ExtraSteps { get; init; }

    /// <summary>Minimum time before an unanswered update is resent under its identity, or three answer times if that is longer. It doubles
    /// each time. Above 0; default 2 s.</summary>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Maximum resend delay; at least <see cref="ResendAfter"/>; default 60 s.</summary>
    public TimeSpan MaxResendDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after a receipt a device continues without the receipt's version before it requests that version; also the first
    /// delay, which doubles, before it requests an awaited version. Above 0; default 5 s.</summary>
    public TimeSpan VersionTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a device that ends waits for answers; later ones count as unknown. 0 or more; default 5 s.</summary>
    public TimeSpan LeaveTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Updates, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Updates, MaxUpdates);
        ArgumentOutOfRangeException.ThrowIfNegative(ExtraSteps);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ResendAfter, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxResendDelay, ResendAfter);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(VersionTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(LeaveTimeout, TimeSpan.Zero);
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Updates} updates in flight{(ExtraSteps == 0 ? "" : $", {ExtraSteps} extra steps")}");

    internal TimeSpan Longer(TimeSpan delay) => delay > MaxResendDelay / 2 ? MaxResendDelay : 2 * delay;
}
