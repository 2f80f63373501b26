namespace StreamLearn.Fleets;

/// <summary>Decides when a round ends.</summary>
/// <remarks>
/// The rules of the library count invited devices that are alive and have announced data, so none waits for the dead; each can stand in
/// the place of another strategy's. A rule is a pure function of the round: it remembers nothing.
/// </remarks>
public abstract record Due : Rule
{
    /// <summary>
    /// Ends a round now and without its updates: the model stays, under a new version, so that devices in lock-step go on.
    /// </summary>
    public static TimeSpan Void { get; } = TimeSpan.MinValue;

    /// <summary>When every invited device has reported.</summary>
    /// <param name="devices">Devices to wait for before the first round ends, at least 1; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="devices"/> is below 1.</exception>
    public static Due WhenAll(int devices = 1) => Checked(new WhenAll(devices));

    /// <summary>When an update of so many invited devices was accepted, or none is left to wait for.</summary>
    /// <param name="count">Devices, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public static Due WhenEnough(int count) => Checked(new WhenEnough(count));

    /// <summary>When updates of a share of the invited devices were accepted, rounded up, or none is left to wait for.</summary>
    /// <param name="share">The share, above 0, at most 1.</param>
    /// <param name="devices">Devices to wait for before the first round ends, at least 1; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Due WhenShare(double share, int devices = 1) => Checked(new WhenShare(share, devices));

    /// <summary>With a number of updates, whoever sent them, or with fewer after a time.</summary>
    /// <param name="count">Updates, at least 1; 1 makes training asynchronous.</param>
    /// <param name="deadline">Time after the last version when fewer will do, above 0; null (default) waits for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Due AfterUpdates(int count, TimeSpan? deadline = null) => Checked(new AfterUpdates(count, deadline));

    /// <summary>
    /// When another rule says so, at the latest after a time; the round is void if fewer than a share of the invited devices have an update
    /// accepted then.
    /// </summary>
    /// <param name="time">Time after the last version, above 0.</param>
    /// <param name="otherwise">The other rule.</param>
    /// <param name="minFraction">The share, 0 to 1; default one half.</param>
    /// <param name="devices">Devices to wait for before the first round has a deadline; default 1.</param>
    /// <exception cref="ArgumentException">An argument is out of range, or a setting of the other rule.</exception>
    public static Due AtDeadline(TimeSpan time, Due otherwise, double minFraction = 0.5, int devices = 1) =>
        Checked(new AtDeadline(time, otherwise, minFraction, devices));

    /// <summary>
    /// As <see cref="AtDeadline"/>, after a multiple of the median time that the invited devices are expected to take; no deadline while
    /// that is unknown.
    /// </summary>
    /// <param name="factor">The multiple, above 0, such as 1.5.</param>
    /// <param name="otherwise">The other rule.</param>
    /// <param name="minFraction">The share, 0 to 1; default one half.</param>
    /// <param name="devices">Devices to wait for before the first round has a deadline; default 1.</param>
    /// <exception cref="ArgumentException">An argument is out of range, or a setting of the other rule.</exception>
    public static Due AtPredictedDeadline(double factor, Due otherwise, double minFraction = 0.5, int devices = 1) =>
        Checked(new AtPredictedDeadline(factor, otherwise, minFraction, devices));

    /// <summary>True where a round ends after so many updates, whoever sent them.</summary>
    internal virtual bool CountsUpdates => false;

    /// <summary>
    /// Time until the round ends: zero or less, now (with no update: wait); later, ask again then; null, wait for updates;
    /// <see cref="Void"/>, now and without its updates.
    /// </summary>
    /// <param name="round">The round as it stands.</param>
    public abstract TimeSpan? Left(in RoundView round);

    private protected static TimeSpan? Until(in RoundView round, TimeSpan? deadline, Due otherwise, double minFraction, int devices)
    {
        var due = otherwise.Left(round);
        var left = round.Known < devices ? null : deadline - round.Elapsed;
        if (due <= TimeSpan.Zero || left <= TimeSpan.Zero) { return Reached(round, minFraction) ? TimeSpan.Zero : Void; }
        return due < left ? due : left ?? due;
    }

    private protected static void CheckUntil(Due otherwise, double minFraction)
    {
        ArgumentNullException.ThrowIfNull(otherwise);
        otherwise.Check();
        if (!(minFraction is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(minFraction), minFraction, "expected a share from 0 to 1");
        }
    }

    /// <summary>Rounded up, except for what a share in binary is above its decimal.</summary>
    private protected static bool Reached(in RoundView round, double fraction) =>
        round.Contributors >= Math.Ceiling((fraction * round.Invited) - 1e-9);
}
