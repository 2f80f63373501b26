namespace StreamLearn;

/// <summary>What the host does when a call of a block throws.</summary>
public enum ErrorAction
{
    /// <summary>The run fails with <see cref="BlockFailedException"/>. The default.</summary>
    Fail,

    /// <summary>The input is dropped and counted as <c>error</c>; the run goes on.</summary>
    Skip,

    /// <summary>The input goes to the pipeline's dead letters with its reason; the run goes on.</summary>
    DeadLetter,
}

/// <summary>A block's error policy: calls to repeat, then an action. Outputs of a failed call are discarded, its input is kept for the
/// next try.</summary>
/// <remarks>It holds for calls with a message, data or control: a wake-up or the end of the input that throws fails the run. The operator's
/// state stays as the failed call left it: an operator under a policy other than fail checks before it changes
/// itself.</remarks>
/// <param name="Retries">Further calls with the same input, 0 or more.</param>
/// <param name="Action">What happens when all have failed.</param>
public sealed record ErrorPolicy(int Retries, ErrorAction Action)
{
    /// <summary>The run fails. The default.</summary>
    public static ErrorPolicy Fail { get; } = new(0, ErrorAction.Fail);

    /// <summary>The input is dropped and counted.</summary>
    public static ErrorPolicy Skip { get; } = new(0, ErrorAction.Skip);

    /// <summary>The input goes to the dead letters.</summary>
    public static ErrorPolicy DeadLetter { get; } = new(0, ErrorAction.DeadLetter);

    /// <summary>The longest time between two attempts, one minute.</summary>
    public static TimeSpan LongestDelay { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Time before the first repetition; twice as long before each further one, up to <see cref="LongestDelay"/>. The block takes
    /// nothing else meanwhile. Zero, the default: at once. A replay does not wait.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Repeats the call, then fails, or does what <paramref name="then"/> says.</summary>
    /// <remarks>A call that failed for a reason that stays is not repeated: a <see cref="TransportException"/> that is not
    /// <see cref="TransportException.IsTransient"/>.</remarks>
    /// <param name="times">Further calls, at least 1.</param>
    /// <param name="then">What happens when all have failed.</param>
    /// <param name="delay">Time before the first repetition, doubled before each further one, at most one minute; default none.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public static ErrorPolicy Retry(int times, ErrorAction then = ErrorAction.Fail, TimeSpan delay = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        return new ErrorPolicy(times, then) { Delay = delay }.Checked();
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
        EnumCheck.ThrowIfUndefined(Action);
        return this;
    }

    /// <summary>True if a failed call is repeated. <paramref name="attempt"/>: which attempt failed, from 0.</summary>
    internal bool Repeats(Exception failure, int attempt) =>
        attempt < Retries && failure is not TransportException { IsTransient: false };

    /// <summary>Time between a failed attempt and the next one.</summary>
    internal TimeSpan DelayBefore(int attempt) =>
        Delay == TimeSpan.Zero ? TimeSpan.Zero
        : new(Math.Min(LongestDelay.Ticks, (long)Math.Min(Delay.Ticks * Math.Pow(2, attempt), LongestDelay.Ticks)));

    private static string Name(ErrorAction action) =>
        action == ErrorAction.DeadLetter ? "dead-letter" : action.ToString().ToLowerInvariant();
}
