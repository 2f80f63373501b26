using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Text;

namespace StreamLearn.Mqtt;

/// <summary>Opens connections: TCP, TLS over it, or WebSocket. A certificate is checked before any byte of MQTT is sent.</summary>
internal static class Connector
{
    private const int TcpLevel = 6;
    private const int LinuxUserTimeout = 18;

    /// <summary>The user and the password that stand in an address; null: none do.</summary>
    internal static MqttCredentials? Credentials(Uri server)
    {
        if (server.UserInfo.Length == 0) { return null; }
        var parts = server.UserInfo.Split(':', 2);
        return new(
            Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Encoding.UTF8.GetBytes(Uri.UnescapeDataString(parts[1])) : default);
    }

    /// <summary>An address without secrets.</summary>
    internal static string Place(MqttOptions options)
    {
        var server = options.Server;
        var host = server.HostNameType == UriHostNameType.IPv6 ? $"[{server.IdnHost}]" : server.IdnHost;
        return $"{server.Scheme}://{host}:{(server.Port > 0 ? server.Port : DefaultPort(server))}";
    }

    /// <summary>Why a connection could not be made or was lost: the system's word for it, which holds no secrets.</summary>
    internal static string Cause(Exception e) => e is OperationCanceledException ? "no answer in time"
        : e is ConnectorException ? e.Message
        : (e as SocketException ?? e.InnerException as SocketException)?.SocketErrorCode.ToString() ?? e.GetType().Name;

    internal static int DefaultPort(Uri server) => server.Scheme == "mqtts" ? 8883 : 1883;

    /// <param name="options">Where to.</param>
    /// <param name="threads">Set for a connection that is there to be read: it gets one of them for itself, if one is free.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="AuthenticationException">The server's certificate is not one to trust.</exception>
    /// <exception cref="IOException">The connection could not be made.</exception>
    /// <exception cref="SocketException">The connection could not be made.</exception>
    /// <exception cref="WebSocketException">The connection could not be made.</exception>
    internal static async ValueTask<Connection> OpenAsync(MqttOptions options, ReadThreads? threads, CancellationToken cancellationToken) =>
        options.Server.Scheme switch
        {
            "ws" or "wss" => new(await WebSocketAsync(options, cancellationToken).ConfigureAwait(false)),
            "mqtts" => new(await SecureAsync(options, cancellationToken).ConfigureAwait(false)),
            _ when OperatingSystem.IsLinux() && threads?.TryTake() == true =>
                await ConnectOnThreadAsync(options, threads, cancellationToken).ConfigureAwait(false),
            _ => new(new NetworkStream(await ConnectAsync(options, cancellationToken).ConfigureAwait(false), ownsSocket: true)),
        };

    /// <summary>True for what a network or a peer may cause.</summary>
    internal static bool IsNetwork(Exception e) =>
        e is IOException or SocketException or WebSocketException or ObjectDisposedException or OperationCanceledException
            or NotSupportedException;

    /// <summary>True if the other end has ended a connection, rather than the way to it.</summary>
    internal static bool IsOfPeer(Exception e) => IsNetwork(e) && (e as SocketException ?? e.InnerException as SocketException) is not
    {
        SocketErrorCode: SocketError.TimedOut or SocketError.HostUnreachable or SocketError.NetworkUnreachable
                or SocketError.NetworkDown
    };

    /// <summary>Nobody takes connections there now; a server that takes and breaks them is not absent.</summary>
    internal static bool IsAbsent(Exception e) =>
        e is OperationCanceledException || (e as SocketException ?? e.InnerException as SocketException) is
        {
            SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.NetworkUnreachable
                or SocketError.HostNotFound or SocketError.TryAgain or SocketError.TimedOut
                or SocketError.HostDown or SocketError.NetworkDown
        };

    private static async ValueTask<Socket> ConnectAsync(MqttOptions options, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(options.Server.IdnHost, Port(options), cancellationToken).ConfigureAwait(false);
            Set(socket, options);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects without the runtime's socket engine, which would wake up for all that such a socket receives. Elsewhere than on
    /// Linux such a connect cannot be given up.</summary>
    private static async ValueTask<Connection> ConnectOnThreadAsync(
        MqttOptions options, ReadThreads threads, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            IPAddress[] addresses = IPAddress.TryParse(options.Server.IdnHost, out var address) ? [address]
                : await Dns.GetHostAddressesAsync(options.Server.IdnHost, cancellationToken).ConfigureAwait(false);
            using (cancellationToken.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket))
            {
                await ReadThreads.Run(() => socket.Connect(addresses, Port(options))).ConfigureAwait(false);
            }

            Set(socket, options);
            return new(new NetworkStream(socket, ownsSocket: true), socket, threads);
        }
        catch (Exception e)
        {
            socket.Dispose();
            threads.GiveBack();
            if (IsNetwork(e)) { cancellationToken.ThrowIfCancellationRequested(); }
            throw;
        }
    }

    private static int Port(MqttOptions options) => options.Server.Port > 0 ? options.Server.Port : DefaultPort(options.Server);

    private static void Set(Socket socket, MqttOptions options)
    {
        socket.NoDelay = true;
        if (!OperatingSystem.IsLinux()) { return; }
        var milliseconds = (int)Math.Min(options.KeepAlive.TotalMilliseconds * 1.5, int.MaxValue);
        socket.SetRawSocketOption(TcpLevel, LinuxUserTimeout, BitConverter.GetBytes(milliseconds));
    }

    private static async ValueTask<Stream> SecureAsync(MqttOptions options, CancellationToken cancellationToken)
    {
        var socket = await ConnectAsync(options, cancellationToken).ConfigureAwait(false);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = options.Server.IdnHost,
                    CertificateChainPolicy = ServerTrust.ChainPolicy(options),
                    ClientCertificates = options.ClientCertificate is { } own ? [own] : null,
                    LocalCertificateSelectionCallback = options.ClientCertificate is { } mine ? (_, _, _, _, _) => mine : null,
                },
                cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch (Exception e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (TlsAlert.Of(e) is null && ForeignPort.Fault(e, options.Server) is { } fault) { throw new ConnectorException(fault, e); }
            throw;
        }
    }

    private static async ValueTask<Stream> WebSocketAsync(MqttOptions options, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol("mqtt");
            socket.Options.KeepAliveInterval = TimeSpan.Zero;           // MQTT has its own
            if (options.ClientCertificate is { } own) { socket.Options.ClientCertificates.Add(own); }
            if (options.TrustedRoots is not null)
            {
                socket.Options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    ServerTrust.IsTrusted(options, certificate, chain, errors);
            }

            var address = new UriBuilder(options.Server) { UserName = "", Password = "" }.Uri;
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            if (socket.SubProtocol != "mqtt")
            {
                throw new ConnectorException("expected a WebSocket server that speaks mqtt [MQTT-6.0.0-4]");
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
            throw new ConnectorException("expected a WebSocket server, the port answers with other HTTP: the address may lack its path", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
