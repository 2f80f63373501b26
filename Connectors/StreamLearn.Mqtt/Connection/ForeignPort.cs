using System.Security.Authentication;

namespace StreamLearn.Mqtt;

/// <summary>Detects a port that uses another protocol: unexpected or missing TLS.</summary>
internal static class ForeignPort
{
    private const byte TlsAlertRecord = 0x15, TlsHandshakeRecord = 0x16, TlsMajor = 3;

    /// <summary>Returns the fault in the first bytes of a CONNECT reply; null: unknown.</summary>
    internal static string? Fault(ReadOnlySpan<byte> first, Uri server) => first switch
    {
        [TlsAlertRecord or TlsHandshakeRecord, TlsMajor, ..] => $"expected MQTT, but the port uses TLS: {Secure(server)}",
        [(byte)'H', (byte)'T', (byte)'T', (byte)'P', ..] =>
            "expected MQTT, but the port uses HTTP: for WebSocket the address starts with ws:// or wss://",
        _ => null,
    };

    /// <summary>Returns a possible cause for a connection that ended without a reply, or empty.</summary>
    internal static string Doubt(Uri server) => server.Scheme is "mqtt" or "ws" ? $"; if the port uses TLS, {Secure(server)}" : "";

    /// <summary>Returns the fault of a TLS handshake; null if it is not another protocol.</summary>
    internal static string? Fault(Exception failure, Uri server) => failure switch
    {
        // the runtime's only indication of a non-TLS reply
        AuthenticationException { InnerException: null } when failure.Message.Contains("frame size", StringComparison.Ordinal) =>
            $"expected TLS, but the port does not use it: without TLS the address starts with {Plain(server)}",
        IOException => $"the connection ended during the TLS handshake ({Dialer.Cause(failure)}); if the port does not use TLS, the "
            + $"address starts with {Plain(server)}",
        _ => null,
    };

    private static string Secure(Uri server) => $"the address starts with {(server.Scheme is "ws" or "wss" ? "wss" : "mqtts")}://";

    private static string Plain(Uri server) => $"{(server.Scheme is "ws" or "wss" ? "ws" : "mqtt")}://";
}
