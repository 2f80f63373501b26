using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Mqtt.Tests;

/// <summary>A server of which a test says every byte: it may withhold, repeat and violate anything.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly X509Certificate2? _certificate;
    private readonly string? _protocol;
    private readonly List<ScriptedConnection> _connections = [];

    /// <param name="certificate">Speaks TLS with this certificate; null: no TLS.</param>
    /// <param name="webSocket">Speaks WebSocket and chooses this protocol, or none if it is empty; null: no WebSocket.</param>
    internal ScriptedServer(X509Certificate2? certificate = null, string? webSocket = null)
    {
        (_certificate, _protocol) = (certificate, webSocket);
        Port = LoopbackPort.Take();
        _listener = new(IPAddress.Loopback, Port);
        _listener.Start();
    }

    internal int Port { get; }

    internal Uri Uri => new(
        $"{(_protocol is null ? "mqtt" : "ws")}"
            + $"{(_certificate is null ? "://127.0.0.1" : "s://localhost")}:{Port}{(_protocol is null ? "" : "/mqtt")}");

    internal int Connections => _connections.Count;

    /// <summary>True once somebody has connected who was not taken yet.</summary>
    internal bool HasPending => _listener.Pending();

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        foreach (var connection in _connections) { await connection.DisposeAsync(); }
    }

    /// <summary>Takes the next connection; nothing is read or said.</summary>
    internal async Task<ScriptedConnection> TakeAsync()
    {
        var socket = await Patiently(_listener.AcceptSocketAsync(Cancellation).AsTask());
        socket.NoDelay = true;
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (_certificate is not null)
        {
            var tls = new SslStream(stream);
            await Patiently(tls.AuthenticateAsServerAsync(_certificate));
            stream = tls;
        }
        var connection = _protocol is null
            ? new ScriptedConnection(socket, stream)
            : await Patiently(ScriptedWebSocket.AcceptAsync(socket, stream, _protocol));
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Takes the next connection, and its CONNECT, which is not answered.</summary>
    internal async Task<ScriptedConnection> TakeConnectAsync()
    {
        var connection = await TakeAsync();
        await connection.ReadConnectAsync();
        return connection;
    }

    /// <summary>Takes the next connection, and answers its CONNECT with what servers promise by default.</summary>
    internal async Task<ScriptedConnection> AcceptAsync(bool sessionPresent = false)
    {
        var connection = await TakeConnectAsync();
        await connection.AcceptAsync(sessionPresent);
        return connection;
    }

    /// <summary>The same, and grants the subscription that follows.</summary>
    internal async Task<ScriptedConnection> SubscribedAsync(bool sessionPresent = false)
    {
        var connection = await AcceptAsync(sessionPresent);
        await connection.GrantAsync();
        return connection;
    }

    internal static Task<T> Patiently<T>(Task<T> task) => task.WaitAsync(ServerProcess.Patience, TimeProvider.System, Cancellation);
    internal static Task Patiently(Task task) => task.WaitAsync(ServerProcess.Patience, TimeProvider.System, Cancellation);
}
