using System.Net.WebSockets;
using System.Security.Authentication;
using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>Opens TCP, TLS or WebSocket connections; the certificate is checked before any MQTT byte is sent.</summary>
internal static class Connector
{
    internal static MqttCredentials? Credentials(Uri server)
    {
        if (server.UserInfo.Length == 0) { return null; }
        var parts = server.UserInfo.Split(':', 2);
        return new(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Encoding.UTF8.GetBytes(Uri.UnescapeDataString(parts[1])) : default);
    }

    internal static string Place(MqttOptions options)
    {
        var server = options.Server;
        var host = server.HostNameType == UriHostNameType.IPv6 ? $"[{server.IdnHost}]" : server.IdnHost;
        return $"{server.Scheme}://{host}:{(server.Port > 0 ? server.Port : DefaultPort(server))}";
    }

    internal static int DefaultPort(Uri server) => server.Scheme == "mqtts" ? 8883 : 1883;

    internal static async ValueTask<Connection> OpenAsync(MqttOptions options, ReadThreads? threads, CancellationToken cancellationToken) =>
        options.Server.Scheme switch
        {
            "ws" or "wss" => new(await WebSocketAsync(options, cancellationToken).ConfigureAwait(false)),
            "mqtts" => new(await SecureAsync(options, cancellationToken).ConfigureAwait(false)),
            _ => await Dialer.OpenAsync(Dial(options), threads, cancellationToken).ConfigureAwait(false),
        };

    private static DialOptions Dial(MqttOptions options) => new(
        options.Server.IdnHost, options.Server.Port > 0 ? options.Server.Port : DefaultPort(options.Server), 1.5 * options.KeepAlive,
        options.TrustedRoots, options.ClientCertificate);

    private static async ValueTask<Stream> SecureAsync(MqttOptions options, CancellationToken cancellationToken)
    {
        var dial = Dial(options);
        var plain = await Dialer.OpenAsync(dial, threads: null, cancellationToken).ConfigureAwait(false);
        try { return await Dialer.SecureAsync(plain.Stream, dial, cancellationToken).ConfigureAwait(false); }
        catch (Exception e) when (TlsAlert.Of(e) is null && ForeignPort.Fault(e, options.Server) is { } fault)
        {
            throw new ConnectorException(fault, e);
        }
    }

    private static async ValueTask<Stream> WebSocketAsync(MqttOptions options, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol("mqtt");
            socket.Options.KeepAliveInterval = TimeSpan.Zero;           // MQTT has its own keep-alive
            if (options.ClientCertificate is { } own) { socket.Options.ClientCertificates.Add(own); }
            if (options.TrustedRoots is { } roots)
            {
                socket.Options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    ServerTrust.IsTrusted(roots, certificate, chain, errors);
            }

            var address = new UriBuilder(options.Server) { UserName = "", Password = "" }.Uri;
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            if (socket.SubProtocol != "mqtt")
            {
                throw new ConnectorException("expected a WebSocket server with subprotocol mqtt [MQTT-6.0.0-4]");
            }

            return new WebSocketBytes(socket);
        }
        catch (WebSocketException e) when (e.GetBaseException() is AuthenticationException cause)
        {
            socket.Dispose();
            throw new AuthenticationException(cause.Message, e);
        }
        catch (WebSocketException e) when (e.WebSocketErrorCode == WebSocketError.NotAWebSocket)
        {
            socket.Dispose();
            throw new ConnectorException("expected a WebSocket server, got other HTTP: the address may need a path", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
