using System.Net.Sockets;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace StreamLearn.Nats;

internal static class NatsFailure
{
    /// <summary>Null: not related to the connection or the server.</summary>
    internal static TransportException? Of(string place, Exception cause, INatsConnection connection) => cause switch
    {
        NatsJSApiException api => new(NatsApi.Text(place, api.Error), NatsApi.IsTransient(api) && !NatsApi.IsFull(api.Error), cause),
        NatsNoRespondersException or NatsJSPublishNoResponseException when connection.ServerInfo is { JetStreamAvailable: false } =>
            new($"{place}: the server has no JetStream", isTransient: false, cause),
        NatsNoRespondersException => new($"{place}: JetStream is not ready", isTransient: true, cause),
        NatsNoReplyException or NatsJSApiNoResponseException or NatsJSPublishNoResponseException or OperationCanceledException
            or TimeoutException => new($"{place}: {NoAnswer(connection)}", isTransient: true, cause),
        NatsException { InnerException: NatsServerException login } when NatsDialing.Refused(login, place) is { } refused =>
            new(refused, isTransient: false, cause),
        NatsServerException when NatsDialing.Refused(cause, place) is { } refused => new(refused, isTransient: false, cause),
        NatsPayloadTooLargeException or NatsConnectionFailedException => new($"{place}: {cause.Message}", isTransient: false, cause),
        NatsException { InnerException: { } inner } => new($"{place}: {cause.Message}: {Dialer.Cause(inner)}", isTransient: true, cause),
        NatsException or IOException or SocketException => new($"{place}: {cause.Message}", isTransient: true, cause),
        _ => null,
    };

    /// <summary>The call may be retried later.</summary>
    internal static bool IsOfFullStore(TransportException failure) =>
        failure.InnerException is NatsJSApiException { Error: var error } && NatsApi.IsFull(error);

    private static string NoAnswer(INatsConnection connection) =>
        connection.ConnectionState == NatsConnectionState.Open ? "the server did not answer in time" : "there is no connection";
}
