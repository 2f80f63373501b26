using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Flow control of a device toward its aggregator; active if receipts arrive.</summary>
/// <remarks>Each round takes a credit. It returns once the update is answered and the device holds the receipt's version or a newer one. So
/// updates do not age in transit.</remarks>
public sealed record CreditOptions
{
    /// <summary>Maximum of <see cref="Updates"/>.</summary>
    public const int MaxUpdates = 32;

    /// <summary>Updates in flight. Updates, 1 to <see cref="MaxUpdates"/>, which is 32; default 2.</summary>
    public int Updates { get; init; } = 2;

    /// <summary>Steps by which a round without credit may continue, within one update. 0, the default: the device pauses until credit
    /// returns. Steps, 0 or more.</summary>
    public int ExtraSteps { get; init; }

    /// <summary>Minimum time before an unanswered update is resent under its identity; three answer times if longer. Doubles each time.
    /// Above 0; default 2 s.</summary>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Maximum resend delay; at least <see cref="ResendAfter"/>; default 60 s.</summary>
    public TimeSpan MaxResendDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Wait after a receipt before the device continues without its version and requests it; also the first delay, doubling,
    /// before requesting an awaited version. Above 0; default 5 s.</summary>
    public TimeSpan VersionTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time that an ending device waits for answers; later ones count as unknown. 0 or more; default 5 s.</summary>
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
