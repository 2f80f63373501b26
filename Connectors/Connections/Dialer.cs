using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;

namespace StreamLearn.Connections;

/// <summary>Opens TCP and TLS connections; the certificate is checked before any protocol byte is sent.</summary>
internal static class Dialer
{
    private const int TcpLevel = 6;
    private const int LinuxUserTimeout = 18;

    /// <summary><paramref name="threads"/>: set to reserve a read thread, if one is free.</summary>
    internal static async ValueTask<Connection> OpenAsync(DialOptions options, ReadThreads? threads, CancellationToken cancellationToken) =>
        OperatingSystem.IsLinux() && threads?.TryTake() == true
            ? await OpenOnThreadAsync(options, threads, cancellationToken).ConfigureAwait(false)
            : new(new NetworkStream(await ConnectAsync(options, cancellationToken).ConfigureAwait(false), ownsSocket: true));

    internal static async ValueTask<Stream> SecureAsync(Stream plain, DialOptions options, CancellationToken cancellationToken)
    {
        var stream = new SslStream(plain);
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = options.Host,
                    CertificateChainPolicy = ServerTrust.ChainPolicy(options.TrustedRoots),
                    ClientCertificates = options.ClientCertificate is { } own ? [own] : null,
                    LocalCertificateSelectionCallback = options.ClientCertificate is { } mine ? (_, _, _, _, _) => mine : null,
                },
                cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The system's description, without secrets.</summary>
    internal static string Cause(Exception e) => e is OperationCanceledException ? "no answer in time"
        : e is ConnectorException ? e.Message
        : (e as SocketException ?? e.InnerException as SocketException)?.SocketErrorCode.ToString() ?? e.GetType().Name;

    /// <summary>Returns true for failures that a network or a peer can cause.</summary>
    internal static bool IsNetwork(Exception e) =>
        e is IOException or SocketException or WebSocketException or ObjectDisposedException or OperationCanceledException
            or NotSupportedException;

    /// <summary>The peer, not the network, ended the connection.</summary>
    internal static bool IsOfPeer(Exception e) => IsNetwork(e) && (e as SocketException ?? e.InnerException as SocketException) is not
    {
        SocketErrorCode: SocketError.TimedOut or SocketError.HostUnreachable or SocketError.NetworkUnreachable
                or SocketError.NetworkDown
    };

    /// <summary>Returns true if no server listens; a server that accepts and closes connections is not absent.</summary>
    internal static bool IsAbsent(Exception e) =>
        e is OperationCanceledException || (e as SocketException ?? e.InnerException as SocketException) is
        {
            SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.NetworkUnreachable
                or SocketError.HostNotFound or SocketError.TryAgain or SocketError.TimedOut
                or SocketError.HostDown or SocketError.NetworkDown
        };

    private static async ValueTask<Socket> ConnectAsync(DialOptions options, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(options.Host, options.Port, cancellationToken).ConfigureAwait(false);
            Set(socket, options);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects without the runtime's socket engine, which would wake for all received bytes. Cancelable only on Linux.</summary>
    private static async ValueTask<Connection> OpenOnThreadAsync(
        DialOptions options, ReadThreads threads, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            IPAddress[] addresses = IPAddress.TryParse(options.Host, out var address) ? [address]
                : await Dns.GetHostAddressesAsync(options.Host, cancellationToken).ConfigureAwait(false);
            using (cancellationToken.UnsafeRegister(static socket => ((Socket)socket!).Dispose(), socket))
            {
                await ReadThreads.Run(() => socket.Connect(addresses, options.Port)).ConfigureAwait(false);
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

    private static void Set(Socket socket, DialOptions options)
    {
        socket.NoDelay = true;
        if (!OperatingSystem.IsLinux()) { return; }
        var milliseconds = (int)Math.Min(options.SilenceLimit.TotalMilliseconds, int.MaxValue);
        socket.SetRawSocketOption(TcpLevel, LinuxUserTimeout, BitConverter.GetBytes(milliseconds));
    }
}

/// <summary>A connection failed; the message contains no secrets.</summary>
internal sealed class ConnectorException(string message, Exception? cause = null) : IOException(message, cause);
