using System.Runtime.CompilerServices;

namespace StreamLearn;

/// <summary>A session of a transport has got a connection to its server, or has lost it.</summary>
/// <remarks>On a control input the newest change of each session replaces the one that waits.</remarks>
public sealed record ConnectionChange : IReplaceable, ISized
{
    /// <summary>The transport's name.</summary>
    public required string Transport { get; init; }

    /// <summary>The session's name, distinct within its transport.</summary>
    public required string Session { get; init; }

    /// <summary>What the session subscribes to; null: it is the one that publishes.</summary>
    public string? Subscription { get; init; }

    /// <summary>True: the server has accepted a connection. False: it was lost, or the server cannot be reached.</summary>
    public required bool IsConnected { get; init; }

    /// <summary>Connections of the session that the server has accepted so far, so that a change heard of twice counts once.</summary>
    public long Connects { get; init; }

    /// <summary>True if the server still had what was under way; false, too, while there is no connection, and on the first one of a
    /// session that is new.</summary>
    public bool SessionKept { get; init; }

    /// <summary>Why the connection was lost, for people, without secrets; empty for one that was made.</summary>
    public string Reason { get; init; } = "";

    /// <inheritdoc />
    string IReplaceable.ReplacementKey => $"{Transport} {Session}";

    /// <inheritdoc />
    long ISized.SizeBytes =>
        ISized.DefaultBytes + (sizeof(char) * (long)(Transport.Length + Session.Length + (Subscription?.Length ?? 0) + Reason.Length));

    /// <summary>What a transport without connections tells: nothing, until nobody listens any more.</summary>
    internal static async IAsyncEnumerable<ConnectionChange> NoneAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var registration = cancellationToken.UnsafeRegister(static c => ((TaskCompletionSource)c!).SetResult(), canceled);
        await using (registration.ConfigureAwait(false)) { await canceled.Task.ConfigureAwait(false); }

        yield break;
    }
}
