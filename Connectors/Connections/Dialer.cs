using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;

namespace StreamLearn.Connections;

/// <summary>Opens connections: TCP, and TLS over it. A certificate is checked before any byte of a protocol is sent over it.</summary>
internal static class Dialer
{
    private const int TcpLevel = 6;
    private const int LinuxUserTimeout = 18;

    /// <summary>Opens a connection without TLS. <paramref name="threads"/>: set for a connection that is there to be read: it gets one of
    /// them for itself, if one is free.</summary>
    /// <exception cref="SocketException">The connection could not be made.</exception>
    internal static async ValueTask<Connection> OpenAsync(DialOptions options, ReadThreads? threads, CancellationToken cancellationToken) =>
        OperatingSystem.IsLinux() && threads?.TryTake() == true
            ? await OpenOnThreadAsync(options, threads, cancellationToken).ConfigureAwait(false)
            : new(new NetworkStream(await ConnectAsync(options, cancellationToken).ConfigureAwait(false), ownsSocket: true));

    /// <summary>Begins TLS on a connection, which it closes where that fails.</summary>
    /// <exception cref="AuthenticationException">The server's certificate is not one to trust.</exception>
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

    /// <summary>Why a connection could not be made or was lost: the system's word for it, which holds no secrets.</summary>
    internal static string Cause(Exception e) => e is OperationCanceledException ? "no answer in time"
        : e is ConnectorException ? e.Message
        : (e as SocketException ?? e.InnerException as SocketException)?.SocketErrorCode.ToString() ?? e.GetType().Name;

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

    /// <summary>Connects without the runtime's socket engine, which would wake up for all that such a socket receives. Elsewhere than on
    /// Linux such a connect cannot be given up.</summary>
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

/// <summary>A connection could not be made; its message says why and holds no secrets.</summary>
internal sealed class ConnectorException(string message, Exception? cause = null) : IOException(message, cause);
