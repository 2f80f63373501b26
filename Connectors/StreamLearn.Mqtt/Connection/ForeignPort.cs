using System.Security.Authentication;

namespace StreamLearn.Mqtt;

/// <summary>What a port says that speaks another protocol than the address: TLS where none is expected, or none where it is.</summary>
internal static class ForeignPort
{
    private const byte TlsAlertRecord = 0x15, TlsHandshakeRecord = 0x16, TlsMajor = 3;

    /// <summary>What is wrong with the first bytes of a server that should answer CONNECT; null: nothing that can be told.</summary>
    internal static string? Fault(ReadOnlySpan<byte> first, Uri server) => first switch
    {
        [TlsAlertRecord or TlsHandshakeRecord, TlsMajor, ..] => $"expected MQTT, the port speaks TLS: {Secure(server)}",
        [(byte)'H', (byte)'T', (byte)'T', (byte)'P', ..] =>
            "expected MQTT, the port speaks HTTP: for WebSocket the address begins with ws:// or wss://",
        _ => null,
    };

    /// <summary>What may be wrong if a connection ended before anything was answered; empty: nothing that can be told.</summary>
    internal static string Doubt(Uri server) => server.Scheme is "mqtt" or "ws" ? $"; if the port speaks TLS, {Secure(server)}" : "";

    /// <summary>What ended the handshake of TLS, in a sentence; null: something else than another protocol.</summary>
    internal static string? Fault(Exception failure, Uri server) => failure switch
    {
        // the runtime's only words for an answer that is no TLS
        AuthenticationException { InnerException: null } when failure.Message.Contains("frame size", StringComparison.Ordinal) =>
            $"expected TLS, the port speaks something else: without TLS the address begins with {Plain(server)}",
        IOException => $"the connection ended during the TLS handshake ({Dialer.Cause(failure)}); if the port speaks no TLS, "
            + $"the address begins with {Plain(server)}",
        _ => null,
    };

    private static string Secure(Uri server) => $"the address begins with {(server.Scheme is "ws" or "wss" ? "wss" : "mqtts")}://";

    private static string Plain(Uri server) => $"{(server.Scheme is "ws" or "wss" ? "ws" : "mqtt")}://";
}
