namespace StreamLearn.Aggregation;

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

    /// <summary>
    /// Time until the round ends: zero or less, now (with no update: wait); later, ask again then; null, wait for updates;
    /// <see cref="Void"/>, now and without its updates.
    /// </summary>
    /// <param name="round">The round as it stands.</param>
    public abstract TimeSpan? Left(in RoundView round);

    /// <summary>When every invited device has reported.</summary>
    /// <param name="Devices">Devices to wait for before the first round ends, at least 1; default 1.</param>
    public sealed record WhenAll(int Devices = 1) : Due
    {
        /// <inheritdoc />
        public override TimeSpan? Left(in RoundView round) =>
            round.Known >= Devices && round.Devices >= round.Invited ? TimeSpan.Zero : null;

        /// <inheritdoc />
        public override void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(Devices, 1);
    }

    /// <summary>When an update of so many invited devices was accepted, or none is left to wait for.</summary>
    /// <param name="Count">Devices, at least 1.</param>
    public sealed record WhenEnough(int Count) : Due
    {
        /// <inheritdoc />
        public override TimeSpan? Left(in RoundView round) =>
            round.Contributors >= Count || (round.Known >= Count && round.Devices >= round.Invited) ? TimeSpan.Zero : null;

        /// <inheritdoc />
        public override void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
    }

    /// <summary>When updates of a share of the invited devices were accepted, rounded up, or none is left to wait for.</summary>
    /// <param name="Share">The share, above 0, at most 1.</param>
    /// <param name="Devices">Devices to wait for before the first round ends, at least 1; default 1.</param>
    public sealed record WhenShare(double Share, int Devices = 1) : Due
    {
        /// <inheritdoc />
        public override TimeSpan? Left(in RoundView round) =>
            round.Known >= Devices && (Reached(round, Share) || round.Devices >= round.Invited) ? TimeSpan.Zero : null;

        /// <inheritdoc />
        public override void Check()
        {
            CheckShare(Share, nameof(Share));
            ArgumentOutOfRangeException.ThrowIfLessThan(Devices, 1);
        }
    }

    /// <summary>With a number of updates, whoever sent them, or with fewer after a time.</summary>
    /// <param name="Count">Updates, at least 1; 1 makes training asynchronous.</param>
    /// <param name="Deadline">Time after the last version when fewer will do, above 0; null (default) waits for all.</param>
    public sealed record AfterUpdates(int Count, TimeSpan? Deadline = null) : Due
    {
        /// <inheritdoc />
        public override TimeSpan? Left(in RoundView round) => round.Updates >= Count ? TimeSpan.Zero : Deadline - round.Elapsed;

        /// <inheritdoc />
        public override void Check()
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
            if (Deadline is { } time) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(Deadline)); }
        }
    }

    /// <summary>
    /// When another rule says so, at the latest after a time; the round is void if fewer than a share of the invited devices have an update
    /// accepted then.
    /// </summary>
    /// <param name="Time">Time after the last version, above 0.</param>
    /// <param name="Otherwise">The other rule.</param>
    /// <param name="MinFraction">The share, 0 to 1; default one half.</param>
    /// <param name="Devices">Devices to wait for before the first round has a deadline; default 1.</param>
    public sealed record AtDeadline(TimeSpan Time, Due Otherwise, double MinFraction = 0.5, int Devices = 1) : Due
    {
        /// <inheritdoc />
        public override TimeSpan? Left(in RoundView round) => Until(round, Time, Otherwise, MinFraction, Devices);

        /// <inheritdoc />
        public override void Check()
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Time, TimeSpan.Zero);
            CheckUntil(Otherwise, MinFraction);
        }
    }

    /// <summary>
    /// As <see cref="AtDeadline"/>, after a multiple of the median time that the invited devices are expected to take; no deadline while
    /// that is unknown.
    /// </summary>
    /// <param name="Factor">The multiple, above 0, such as 1.5.</param>
    /// <param name="Otherwise">The other rule.</param>
    /// <param name="MinFraction">The share, 0 to 1; default one half.</param>
    /// <param name="Devices">Devices to wait for before the first round has a deadline; default 1.</param>
    public sealed record AtPredictedDeadline(double Factor, Due Otherwise, double MinFraction = 0.5, int Devices = 1) : Due
    {
        /// <inheritdoc />
        public override TimeSpan? Left(in RoundView round) =>
            Until(round, round.Predicted > TimeSpan.Zero ? round.Predicted * Factor : null, Otherwise, MinFraction, Devices);

        /// <inheritdoc />
        public override void Check()
        {
            if (!(Factor > 0 && double.IsFinite(Factor)))
            {
                throw new ArgumentOutOfRangeException(nameof(Factor), Factor, "expected above 0");
            }

            CheckUntil(Otherwise, MinFraction);
        }
    }

    /// <summary>The first round as another rule says; no round after it ends.</summary>
    /// <param name="First">The other rule.</param>
    internal sealed record Once(Due First) : Due
    {
        /// <inheritdoc />
        public override TimeSpan? Left(in RoundView round) => round.First ? First.Left(round) : null;

        /// <inheritdoc />
        public override void Check() => First.Check();
    }

    private static TimeSpan? Until(in RoundView round, TimeSpan? deadline, Due otherwise, double minFraction, int devices)
    {
        var due = otherwise.Left(round);
        var left = round.Known < devices ? null : deadline - round.Elapsed;
        if (due <= TimeSpan.Zero || left <= TimeSpan.Zero) { return Reached(round, minFraction) ? TimeSpan.Zero : Void; }
        return due < left ? due : left ?? due;
    }

    private static void CheckUntil(Due otherwise, double minFraction)
    {
        ArgumentNullException.ThrowIfNull(otherwise);
        otherwise.Check();
        if (!(minFraction is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(minFraction), minFraction, "expected a share from 0 to 1");
        }
    }

    /// <summary>Rounded up, but for what a share in binary is above its decimal.</summary>
    private static bool Reached(in RoundView round, double fraction) =>
        round.Contributors >= Math.Ceiling((fraction * round.Invited) - 1e-9);
}
