using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace StreamLearn.Nats.Tests;

/// <summary>A server of which a test says every byte: it may withhold, repeat and violate anything.</summary>
internal sealed class ScriptedNats : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly List<ScriptedNatsConnection> _connections = [];

    internal ScriptedNats()
    {
        Port = LoopbackPort.Take();
        _listener = new(IPAddress.Loopback, Port);
        _listener.Start();
    }

    internal int Port { get; }
    internal Uri Uri => new($"nats://127.0.0.1:{Port}");

    /// <summary>True once somebody has connected who was not taken yet.</summary>
    internal bool HasPending => _listener.Pending();

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        foreach (var connection in _connections) { await connection.DisposeAsync(); }
    }

    /// <summary>Takes the next connection; nothing is read or said.</summary>
    internal async Task<ScriptedNatsConnection> TakeAsync()
    {
        var socket = await Patiently(_listener.AcceptSocketAsync(TestContext.Current.CancellationToken).AsTask());
        socket.NoDelay = true;
        var connection = new ScriptedNatsConnection(socket);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Takes the next connection up to the client's first subscription, that of replies.</summary>
    internal async Task<ScriptedNatsConnection> AcceptAsync(string info = "")
    {
        var connection = await TakeAsync();
        await connection.AcceptAsync(info);
        return connection;
    }
}

/// <summary>One connection to a <see cref="ScriptedNats"/>.</summary>
internal sealed class ScriptedNatsConnection(Socket socket) : IAsyncDisposable
{
    private readonly byte[] _input = new byte[1 << 16];
    private Stream _stream = new NetworkStream(socket, ownsSocket: true);
    private readonly Dictionary<string, string> _subscriptions = new(StringComparer.Ordinal);
    private int _begin, _end;
    internal string Connect { get; private set; } = "";
    public ValueTask DisposeAsync() => _stream.DisposeAsync();
    internal void Cut() => socket.Close(0);
    internal Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));
    internal Task SendAsync(byte[] bytes) => Patiently(_stream.WriteAsync(bytes).AsTask());

    /// <summary>The client's number for what it subscribed to, of which the subject is or the last level stands for any.</summary>
    internal string IdOf(string subject) => _subscriptions.TryGetValue(subject, out var id) ? id
        : _subscriptions[$"{subject[..subject.LastIndexOf('.')]}.*"];

    /// <summary>Sends a message to whoever subscribed.</summary>
    internal Task SendAsync(string subject, string text, string headers = "") => SendAsync(headers.Length == 0
        ? $"MSG {subject} {IdOf(subject)} {Encoding.UTF8.GetByteCount(text)}\r\n{text}\r\n"
        : $"HMSG {subject} {IdOf(subject)} {headers.Length} {headers.Length + text.Length}\r\n{headers}{text}\r\n");

    /// <summary>INFO with what a client needs, and more.</summary>
    internal Task InfoAsync(string more = "") => SendAsync(
        $"INFO {{\"server_id\":\"S\",\"version\":\"2.9.10\",\"max_payload\":1048576,\"headers\":true{more}}}\r\n");

    /// <summary>INFO, CONNECT, PING, PONG, SUB.</summary>
    internal async Task AcceptAsync(string info = "") => Assert.True(await TryAcceptAsync(info));

    /// <summary>The same.</summary>
    /// <returns>False: the client has given up.</returns>
    internal async Task<bool> TryAcceptAsync(string info = "")
    {
        try
        {
            await InfoAsync(info);
            Connect = await LineAsync();
            if (await LineAsync() is not "PING") { return false; }
            await SendAsync("PONG\r\n");
            return (await LineAsync()).StartsWith("SUB _INBOX.", StringComparison.Ordinal);
        }
        catch (IOException) { return false; }
    }

    internal async Task SecureAsync(X509Certificate2 certificate)
    {
        var tls = new SslStream(_stream);
        _stream = tls;
        await Patiently(tls.AuthenticateAsServerAsync(certificate));
    }

    /// <summary>The next line without its end; empty: the client has closed the connection.</summary>
    internal async Task<string> LineAsync()
    {
        while (true)
        {
            var end = _input.AsSpan(_begin, _end - _begin).IndexOf("\r\n"u8);
            if (end >= 0)
            {
                var line = Encoding.UTF8.GetString(_input, _begin, end);
                _begin += end + 2;
                if (line.Split(' ') is ["SUB", _, .., var id] words) { _subscriptions[words[1]] = id; }
                return line;
            }
            if (await ReadAsync() == 0) { return ""; }
        }
    }

    /// <summary>The next message that the client publishes, passed over whole.</summary>
    internal async Task<string> PublishedAsync()
    {
        while (true)
        {
            var line = (await LineAsync()).Split(' ');
            Assert.NotEqual("", line[0]);
            if (line[0] == "PING") { await SendAsync("PONG\r\n"); }
            if (line[0] is not ("PUB" or "HPUB")) { continue; }
            while (line[0] == "HPUB" && (await LineAsync()).Length > 0) { }
            await LineAsync();
            return line[2];
        }
    }

    /// <summary>All that comes until the client closes the connection.</summary>
    internal async Task<string> RestAsync()
    {
        while (await ReadAsync() > 0) { }
        return Encoding.Latin1.GetString(_input, _begin, _end - _begin);
    }

    private async Task<int> ReadAsync()
    {
        _input.AsSpan(_begin, _end - _begin).CopyTo(_input);
        (_begin, _end) = (0, _end - _begin);
        try
        {
            var count = await Patiently(_stream.ReadAsync(_input.AsMemory(_end)).AsTask());
            _end += count;
            return count;
        }
        catch (IOException) { return 0; }
    }
}
