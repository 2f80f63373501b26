using System.Net.Sockets;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace StreamLearn.Nats;

/// <summary>What the packages of NATS throw, as the error of a transport.</summary>
internal static class NatsFailure
{
    private const int NotNow = 503, Missing = 404;
    private const int NoPeers = 10005, NoResources = 10023, NoMessage = 10037, NameInUse = 10058, NotStored = 10077;    // its own numbers

    /// <summary>The error that a caller gets; null: the exception is none of the connection's or the server's.</summary>
    /// <param name="place">What was asked, for a person.</param>
    /// <param name="cause">What was thrown.</param>
    /// <param name="connection">Over which it was asked.</param>
    internal static TransportException? Of(string place, Exception cause, INatsConnection connection) => cause switch
    {
        NatsJSApiException api => new($"{place}: {Text(api)}", IsTransient(api), cause),
        NatsNoRespondersException or NatsJSPublishNoResponseException when connection.ServerInfo is { JetStreamAvailable: false } =>
            new($"{place}: the server has no JetStream", isTransient: false, cause),
        NatsNoRespondersException => new($"{place}: JetStream is not ready", isTransient: true, cause),
        NatsNoReplyException or NatsJSApiNoResponseException or NatsJSPublishNoResponseException or OperationCanceledException
            or TimeoutException => new($"{place}: {NoAnswer(connection)}", isTransient: true, cause),
        NatsException { InnerException: NatsServerException { IsAuthError: true } login } => Login(place, login, cause),
        NatsServerException { IsAuthError: true } login => Login(place, login, cause),
        NatsPayloadTooLargeException or NatsConnectionFailedException => new($"{place}: {cause.Message}", isTransient: false, cause),
        NatsException { InnerException: { } inner } => new($"{place}: {cause.Message}: {Dialer.Cause(inner)}", isTransient: true, cause),
        NatsException or IOException or SocketException => new($"{place}: {cause.Message}", isTransient: true, cause),
        _ => null,
    };

    /// <summary>True: what was asked for does not exist.</summary>
    internal static bool IsMissing(NatsJSApiException refusal) => refusal.Error.Code == Missing;

    /// <summary>True: there is a stream of that name.</summary>
    internal static bool IsNameInUse(NatsJSApiException refusal) => refusal.Error.ErrCode == NameInUse;

    /// <summary>True: the stream exists, and has no such message.</summary>
    internal static bool IsNoMessage(NatsJSApiException refusal) => refusal.Error.ErrCode == NoMessage;

    private static TransportException Login(string place, NatsServerException login, Exception cause) =>
        new($"{place}: the login was refused: {NatsText.Plain(login.Error)}", isTransient: false, cause);

    private static string NoAnswer(INatsConnection connection) =>
        connection.ConnectionState == NatsConnectionState.Open ? "the server did not answer in time" : "there is no connection";

    private static string Text(NatsJSApiException refusal) => FormattableString.Invariant(
        $"{NatsText.Plain(refusal.Error.Description ?? "no reason given")} ({refusal.Error.Code}, {refusal.Error.ErrCode})");

    private static bool IsTransient(NatsJSApiException refusal) =>
        (refusal.Error.Code == NotNow || refusal.Error.ErrCode == NoPeers) && !IsFull(refusal);

    /// <summary>True if there is no space, in the stream or for all streams: waiting does not make any.</summary>
    private static bool IsFull(NatsJSApiException refusal) => refusal.Error.ErrCode == NoResources
        || (refusal.Error.ErrCode == NotStored && refusal.Error.Description?.StartsWith("maximum ", StringComparison.Ordinal) == true);
}
