using System.Runtime.CompilerServices;

namespace StreamLearn;

/// <summary>A transport session connected to its server, or lost the connection.</summary>
/// <remarks>On a control input, the newest change replaces the queued one of the same session.</remarks>
public sealed record ConnectionChange : IReplaceable, ISized
{
    /// <summary>The transport's name.</summary>
    public required string Transport { get; init; }

    /// <summary>The session's name, unique in its transport.</summary>
    public required string Session { get; init; }

    /// <summary>The session's subscription; null if the session publishes.</summary>
    public string? Subscription { get; init; }

    /// <summary>True: the server accepted a connection. False: it was lost or is unreachable.</summary>
    public required bool IsConnected { get; init; }

    /// <summary>The session's connections so far, which identifies duplicate changes.</summary>
    public long Connects { get; init; }

    /// <summary>True if the server kept the messages that were in progress in the session. False while disconnected, and on the first
    /// connection of a new session.</summary>
    public bool SessionKept { get; init; }

    /// <summary>A readable reason for the loss, without secrets; empty if connected.</summary>
    public string Reason { get; init; } = "";

    string IReplaceable.ReplacementKey => $"{Transport} {Session}";

    long ISized.SizeBytes =>
        ISized.DefaultBytes + (sizeof(char) * (long)(Transport.Length + Session.Length + (Subscription?.Length ?? 0) + Reason.Length));

    /// <summary>Returns an empty sequence that ends when canceled, for transports without connections.</summary>
    internal static async IAsyncEnumerable<ConnectionChange> NoneAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var canceled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var registration = cancellationToken.UnsafeRegister(static c => ((TaskCompletionSource)c!).SetResult(), canceled);
        await using (registration.ConfigureAwait(false)) { await canceled.Task.ConfigureAwait(false); }

        yield break;
    }
}
