using System.Text;

namespace StreamLearn.Fleets;

/// <summary>Decides when a round ends.</summary>
/// <remarks>Built-in rules count invited live devices that have announced data, so they never wait for dead ones; they work in any
/// strategy. A rule is a pure function of the round, without memory.</remarks>
public abstract record Due : Rule
{
    /// <summary>Ends a round now without its updates. A new version of the same model lets devices in lock step continue.</summary>
    public static TimeSpan Void { get; } = TimeSpan.MinValue;

    /// <summary>Ends when every invited device has reported.</summary>
    /// <param name="devices">Devices awaited initially, at least 1; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="devices"/> is below 1.</exception>
    public static Due WhenAll(int devices = 1) => Checked(new WhenAll(devices));

    /// <summary>Ends when updates from enough invited devices were accepted, or no more are awaited.</summary>
    /// <param name="count">Devices, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public static Due WhenEnough(int count) => Checked(new WhenEnough(count));

    /// <summary>Ends when updates from a share of the invited devices, rounded up, were accepted, or no more are awaited.</summary>
    /// <param name="share">The share, above 0, at most 1.</param>
    /// <param name="devices">Devices awaited initially, at least 1; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Due WhenShare(double share, int devices = 1) => Checked(new WhenShare(share, devices));

    /// <summary>Ends after a number of updates from any devices, or with fewer after a deadline.</summary>
    /// <param name="count">Updates, at least 1; 1: asynchronous training.</param>
    /// <param name="deadline">Time since the last version, above 0; null (default): none.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static Due AfterUpdates(int count, TimeSpan? deadline = null) => Checked(new AfterUpdates(count, deadline));

    /// <summary>Adds a deadline to another rule. The round is void (changes nothing) if too few invited devices have an accepted update by
    /// then.</summary>
    /// <param name="time">Time since the last version, above 0.</param>
    /// <param name="otherwise">The other rule.</param>
    /// <param name="minFraction">Minimum share, 0 to 1; default 0.5.</param>
    /// <param name="devices">Devices needed for a first deadline; default 1.</param>
    /// <exception cref="ArgumentException">An argument or a nested setting is out of range.</exception>
    public static Due AtDeadline(TimeSpan time, Due otherwise, double minFraction = 0.5, int devices = 1) =>
        Checked(new AtDeadline(time, otherwise, minFraction, devices));

    /// <summary>Acts as <see cref="AtDeadline"/>, at a multiple of the invited devices' median expected time; none while unknown.</summary>
    /// <param name="factor">The multiple, above 0, such as 1.5.</param>
    /// <param name="otherwise">The other rule.</param>
    /// <param name="minFraction">Minimum share, 0 to 1; default 0.5.</param>
    /// <param name="devices">Devices needed for a first deadline; default 1.</param>
    /// <exception cref="ArgumentException">An argument or a nested setting is out of range.</exception>
    public static Due AtPredictedDeadline(double factor, Due otherwise, double minFraction = 0.5, int devices = 1) =>
        Checked(new AtPredictedDeadline(factor, otherwise, minFraction, devices));

    /// <summary>True: a round ends by the number of updates, whoever sends them. False (default): it waits for devices.</summary>
    public virtual bool CountsUpdates => false;

    /// <summary>Updates that a round may wait for before devices are known, at least 1; default 1.</summary>
    public virtual int Awaited => 1;

    /// <summary>Returns the time until the round ends. Zero or less: it ends now (or waits, if there are no updates). Above 0: ask again
    /// then. Null: wait for updates. <see cref="Void"/>: it ends now without its updates.</summary>
    /// <param name="round">The round so far.</param>
    public abstract TimeSpan? Left(in RoundView round);

    /// <summary>Prints only the settings.</summary>
    /// <param name="builder">The output.</param>
    protected override bool PrintMembers(StringBuilder builder) => false;

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

    /// <summary>Compares with the share rounded up, but ignores errors of binary representation.</summary>
    private protected static bool Reached(in RoundView round, double fraction) =>
        round.Contributors >= Math.Ceiling((fraction * round.Invited) - 1e-9);
}
