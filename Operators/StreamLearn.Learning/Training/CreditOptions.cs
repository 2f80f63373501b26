using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>How a device keeps to the pace of its aggregator; in force where receipts come.</summary>
/// <remarks>
/// A device takes credit before it begins a round. Credit returns when the round's update has been answered and the device holds the
/// version
/// that the receipt names, or a newer one. So no update ages on the way, however slow the aggregator or the network is.
/// </remarks>
public sealed record CreditOptions
{
    /// <summary>The most that <see cref="Updates"/> may be.</summary>
    public const int MaxUpdates = 32;

    /// <summary>Updates that may be under way at once. Updates, 1 to <see cref="MaxUpdates"/>, which is 32; default 2.</summary>
    public int Updates { get; init; } = 2;

    /// <summary>
    /// Steps that a round may go on for, from its own weights, while there is no credit for its update; it stays one update. 0, the
    /// default:
    /// without credit no round begins, and the device pauses. Steps, 0 or more.
    /// </summary>
    public int ExtraSteps { get; init; }

    /// <summary>
    /// Time after which an unanswered update is sent again under its identity, or three times what answers have taken, if that is longer;
    /// it doubles each time. Above 0; default 2 s.
    /// </summary>
    public TimeSpan ResendAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The longest of these times; at least <see cref="ResendAfter"/>; default 60 s.</summary>
    public TimeSpan MaxResendDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Time after a receipt when the device goes on without the version that it names, and asks for it; also the time after which a device
    /// asks that waits for a version, which doubles each time. Above 0; default 5 s.
    /// </summary>
    public TimeSpan VersionTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time that a device which ends waits for its answers; then they count as unknown. 0 or more; default 5 s.</summary>
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
        $"{Updates} updates under way{(ExtraSteps == 0 ? "" : $", {ExtraSteps} extra steps")}");

    /// <summary>The delay of a repetition after one that was not enough.</summary>
    internal TimeSpan Longer(TimeSpan delay) => delay > MaxResendDelay / 2 ? MaxResendDelay : 2 * delay;
}
