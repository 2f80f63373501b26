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
/// <remarks>The operator's state stays as the failed call left it: an operator under a policy other than fail checks before it changes
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

    /// <summary>Repeats the call, then fails, or does what <paramref name="then"/> says.</summary>
    /// <param name="times">Further calls, at least 1.</param>
    /// <param name="then">What happens when all have failed.</param>
    public static ErrorPolicy Retry(int times, ErrorAction then = ErrorAction.Fail)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        return new(times, then);
    }

    /// <inheritdoc />
    public override string ToString() => Retries == 0 ? Name(Action) : $"retry {Retries}, then {Name(Action)}";

    private static string Name(ErrorAction action) =>
        action == ErrorAction.DeadLetter ? "dead-letter" : action.ToString().ToLowerInvariant();
}
