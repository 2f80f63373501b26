namespace StreamLearn;

internal enum ErrorAction { Fail, Skip, DeadLetter }

/// <summary>The error policy of a block: retries, then an action. The outputs of a failed call are discarded.</summary>
/// <remarks>It applies to data and control messages. A wake-up or an end of input that throws fails the run. The operator's state is not
/// rolled back: unless the policy is to fail, validate before changing state.</remarks>
public sealed record ErrorPolicy
{
    internal ErrorPolicy(int retries, ErrorAction action) => (Retries, Action) = (retries, action);

    /// <summary>Retries with the same input, 0 or more; default 0.</summary>
    public int Retries { get; init; }

    internal ErrorAction Action { get; init; }

    /// <summary>Fails the run with <see cref="BlockFailedException"/>; the default.</summary>
    public static ErrorPolicy Fail { get; } = new(0, ErrorAction.Fail);

    /// <summary>Drops the input, counted as <c>error</c>; the run continues.</summary>
    public static ErrorPolicy Skip { get; } = new(0, ErrorAction.Skip);

    /// <summary>Sends the input and reason to the dead letters; the run continues.</summary>
    public static ErrorPolicy DeadLetter { get; } = new(0, ErrorAction.DeadLetter);

    /// <summary>The longest delay between attempts, one minute.</summary>
    public static TimeSpan LongestDelay { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Delay before the first retry, doubled for each further one up to <see cref="LongestDelay"/>; the block accepts no other
    /// input meanwhile. Default zero. Replays do not wait.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Retries a call, then applies an action.</summary>
    /// <remarks>A <see cref="TransportException"/> that is not <see cref="TransportException.IsTransient"/> is not retried.</remarks>
    /// <param name="times">Retries, at least 1.</param>
    /// <param name="then">The policy whose action follows if all retries fail; default <see cref="Fail"/>.</param>
    /// <param name="delay">Delay before the first retry, doubled for each further one, at most one minute; default none.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static ErrorPolicy Retry(int times, ErrorPolicy? then = null, TimeSpan delay = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        return new ErrorPolicy(times, (then ?? Fail).Action) { Delay = delay }.Checked();
    }

    /// <inheritdoc />
    public override string ToString() => Retries == 0 ? Name(Action)
        : $"retry {Retries}{(Delay == TimeSpan.Zero ? "" : FormattableString.Invariant($" after {Delay.TotalSeconds:0.###} s"))}, "
            + $"then {Name(Action)}";

    internal ErrorPolicy Checked()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Retries);
        ArgumentOutOfRangeException.ThrowIfLessThan(Delay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Delay, LongestDelay);
        return this;
    }

    internal bool Repeats(Exception failure, int attempt) => attempt < Retries && failure is not TransportException { IsTransient: false };

    internal TimeSpan DelayBefore(int attempt) =>
        Delay == TimeSpan.Zero ? TimeSpan.Zero
        : new(Math.Min(LongestDelay.Ticks, (long)Math.Min(Delay.Ticks * Math.Pow(2, attempt), LongestDelay.Ticks)));

    private static string Name(ErrorAction action) =>
        action == ErrorAction.DeadLetter ? "dead-letter" : action.ToString().ToLowerInvariant();
}
