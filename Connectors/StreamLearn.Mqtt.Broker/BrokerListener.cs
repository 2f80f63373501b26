using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Server;

namespace StreamLearn.Mqtt;

/// <summary>Accepts a limited number of connections, with TLS if there is a certificate.</summary>
internal sealed class BrokerListener(MqttBrokerOptions options, TimeProvider time, BrokerCounts counts, BrokerSessions sessions)
    : IMqttServerAdapter
{
    /// <summary>Until a client's CONNECT.</summary>
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private const int MinWaiting = 16;      // a program with several devices opens all its connections at once
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _ending = new();
    private readonly ReceiveBudget _large = LargePackets(options, time);
    private readonly HashSet<Task> _serving = [];
    private readonly HashSet<BrokerConnection> _open = [];
    private readonly LinkedList<Socket> _waiting = [];      // accepted sockets that have not logged in yet
    private Socket? _socket;
    private Task _accepting = Task.CompletedTask;

    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    internal IPEndPoint EndPoint { get; private set; } = options.Listen;

    internal int Connections
    {
        get
        {
            lock (_serving) { return _serving.Count; }
        }
    }

    public Task StartAsync(MqttServerOptions _, IMqttNetLogger logger)
    {
        _socket = new(options.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _socket.Bind(options.Listen);
        _socket.Listen(512);
        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _accepting = Task.Run(() => AcceptAsync(_socket));
        return Task.CompletedTask;
    }

    public async Task StopAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        Task[] serving;
        lock (_serving) { serving = [.. _serving]; }
        await Task.WhenAll(serving).ConfigureAwait(false);
        _socket?.Dispose();
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _ending.Dispose();
    }

    internal async Task CloseAllAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        BrokerConnection[] open;
        lock (_serving) { open = [.. _open]; }
        foreach (var connection in open) { connection.Close(); }
    }

    /// <summary>Returns a budget of at least four maximum packets, and a quarter per login.</summary>
    private static ReceiveBudget LargePackets(MqttBrokerOptions options, TimeProvider time)
    {
        var bytes = Math.Max(64 << 20, 4L * options.MaxPacketBytes);
        return new(bytes, bytes / 4, time);
    }

    private async Task AcceptAsync(Socket socket)
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var client = await socket.AcceptAsync(_ending.Token).ConfigureAwait(false);
                MakeRoom();
                Serve(client);
            }
            catch (OperationCanceledException) { return; }
            catch (SocketException)
            {
                await Task.Delay(Pause, time, CancellationToken.None).ConfigureAwait(false);        // such as no more file descriptors
            }
        }
    }

    /// <summary>Closes the connection that was silent longest without being admitted, so that clients without a login cannot keep others
    /// out. A surplus client is refused after its CONNECT.</summary>
    private void MakeRoom()
    {
        Socket longest;
        lock (_serving)
        {
            if (_waiting.Count < Math.Max(MinWaiting, options.MaxConnections / 4)) { return; }
            longest = _waiting.First!.Value;
            _waiting.RemoveFirst();
        }

        counts.RefuseConnection();
        longest.Dispose();
    }

    private void Serve(Socket client)
    {
        LinkedListNode<Socket> waiting;
        lock (_serving) { waiting = _waiting.AddLast(client); }
        var serving = new Task<Task>(() => ServeAsync(client, () => Leave(waiting)));
        var whole = serving.Unwrap();
        lock (_serving) { _serving.Add(whole); }
        whole.ContinueWith(
            ended =>
            {
                Leave(waiting);
                lock (_serving) { _serving.Remove(ended); }
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        serving.Start(TaskScheduler.Default);
    }

    private void Leave(LinkedListNode<Socket> waiting)
    {
        lock (_serving)
        {
            if (waiting.List is not null) { _waiting.Remove(waiting); }
        }
    }

    private async Task ServeAsync(Socket client, Action letIn)
    {
        try
        {
            client.NoDelay = true;
            var network = new NetworkStream(client, ownsSocket: true);
            await using var _ = network.ConfigureAwait(false);
            if (options.Certificate is null)
            {
                await HandleAsync(network, client, letIn).ConfigureAwait(false);
                return;
            }

            var secure = new SslStream(network);
            await using var __ = secure.ConfigureAwait(false);
            using var deadline = new CancellationTokenSource(Deadline, time);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _ending.Token);
            var settings = new SslServerAuthenticationOptions { ServerCertificate = options.Certificate };
            await secure.AuthenticateAsServerAsync(settings, over.Token).ConfigureAwait(false);
            await HandleAsync(secure, client, letIn).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException
            or ObjectDisposedException)
        {
            // the client left or does not use TLS; others are unaffected
        }
    }

    private async Task HandleAsync(Stream stream, Socket client, Action letIn)
    {
        using var connection = new BrokerConnection(stream, client, options, time, counts, sessions, _large, letIn);
        lock (_serving) { _open.Add(connection); }
        try
        {
            if (_ending.IsCancellationRequested) { return; }
            await (ClientHandler?.Invoke(connection) ?? Task.CompletedTask).ConfigureAwait(false);
        }
        finally
        {
            lock (_serving) { _open.Remove(connection); }
            connection.End();
        }
    }
}
