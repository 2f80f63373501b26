namespace StreamLearn.Aggregation;

/// <summary>
/// Rules of when a round ends. They count invited devices that are alive and have announced data, so none waits for the dead; each can
/// stand behind another's strategy.
/// </summary>
public static class Barrier
{
    /// <summary>
    /// Ends a round now and without its updates: the model stays, under a new version, so that devices in lock-step go on.
    /// </summary>
    public static TimeSpan Void { get; } = TimeSpan.MinValue;

    /// <summary>With every update: asynchronous training.</summary>
    public static Due Each { get; } = Buffer(1);

    /// <summary>When every invited device has reported.</summary>
    /// <param name="devices">Devices to wait for before the first round ends, at least 1.</param>
    public static Due All(int devices = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(devices, 1);
        return (in RoundView round) => round.Known >= devices && round.Devices >= round.Invited ? TimeSpan.Zero : null;
    }

    /// <summary>When an update of so many invited devices was accepted, or none is left to wait for.</summary>
    /// <param name="devices">Devices, at least 1.</param>
    public static Due Count(int devices)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(devices, 1);
        return (in RoundView round) =>
            round.Contributors >= devices || (round.Known >= devices && round.Devices >= round.Invited) ? TimeSpan.Zero : null;
    }

    /// <summary>When updates of a share of the invited devices were accepted, rounded up, or none is left to wait for.</summary>
    /// <param name="fraction">The share, above 0, at most 1.</param>
    /// <param name="devices">Devices to wait for before the first round ends, at least 1.</param>
    public static Due Fraction(double fraction, int devices = 1)
    {
        CheckShare(fraction, nameof(fraction));
        ArgumentOutOfRangeException.ThrowIfLessThan(devices, 1);
        return (in RoundView round) =>
            round.Known >= devices && (Reached(round, fraction) || round.Devices >= round.Invited) ? TimeSpan.Zero : null;
    }

    /// <summary>
    /// When another rule says so, at the latest after a time; the round is void if fewer than a share of the invited devices have an update
    /// accepted then.
    /// </summary>
    /// <param name="time">Time after the last version, above 0.</param>
    /// <param name="minFraction">The share, 0 to 1; default one half.</param>
    /// <param name="devices">Devices to wait for before the first round has a deadline, at least 1.</param>
    /// <param name="otherwise">The other rule; default <see cref="All"/>.</param>
    public static Due Deadline(TimeSpan time, double minFraction = 0.5, int devices = 1, Due? otherwise = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
        return Until((in RoundView _) => time, minFraction, devices, otherwise);
    }

    /// <summary>
    /// As <see cref="Deadline"/>, after a multiple of the median time that the invited devices are expected to take; no deadline while that
    /// is unknown.
    /// </summary>
    /// <param name="factor">The multiple, above 0; default 1.5.</param>
    /// <param name="minFraction">The share, 0 to 1; default one half.</param>
    /// <param name="devices">Devices to wait for before the first round has a deadline, at least 1.</param>
    /// <param name="otherwise">The other rule; default <see cref="All"/>.</param>
    public static Due PredictedDeadline(double factor = 1.5, double minFraction = 0.5, int devices = 1, Due? otherwise = null)
    {
        if (!(factor > 0 && double.IsFinite(factor))) { throw new ArgumentOutOfRangeException(nameof(factor), factor, "expected above 0"); }
        return Until((in RoundView round) => round.Predicted > TimeSpan.Zero ? round.Predicted * factor : null, minFraction, devices,
            otherwise);
    }

    /// <summary>With a number of updates, whoever sent them, or with fewer after a time.</summary>
    /// <param name="updates">Updates, at least 1.</param>
    /// <param name="deadline">Time after the last version when fewer will do, above 0; null waits for all.</param>
    public static Due Buffer(int updates, TimeSpan? deadline = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(updates, 1);
        if (deadline is { } time) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(deadline)); }
        return (in RoundView round) => round.Updates >= updates ? TimeSpan.Zero : deadline - round.Elapsed;
    }

    internal static void CheckShare(double share, string name)
    {
        if (!(share is > 0 and <= 1)) { throw new ArgumentOutOfRangeException(name, share, "expected a share above 0, at most 1"); }
    }

    private static Due Until(Due deadline, double minFraction, int devices, Due? otherwise)
    {
        if (!(minFraction is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(minFraction), minFraction, "expected a share from 0 to 1");
        }

        var rule = otherwise ?? All(devices);
        return (in RoundView round) =>
        {
            var due = rule(round);
            var left = round.Known < devices ? null : deadline(round) - round.Elapsed;
            if (due <= TimeSpan.Zero || left <= TimeSpan.Zero) { return Reached(round, minFraction) ? TimeSpan.Zero : Void; }
            return due < left ? due : left ?? due;
        };
    }

    /// <summary>Rounded up, but for what a share in binary is above its decimal.</summary>
    private static bool Reached(in RoundView round, double fraction) =>
        round.Contributors >= Math.Ceiling((fraction * round.Invited) - 1e-9);
}
