using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using StreamLearn.Testing;

namespace Benchmarks;

/// <summary>A long line on the loopback interface: bytes come out of it a while after they went in, however many are on the way.</summary>
internal sealed class DelayProxy : IDisposable
{
    private readonly TcpListener _listener;
    private readonly TimeSpan _delay;
    private readonly int _target;

    /// <param name="target">The server's port.</param>
    /// <param name="delay">The delay of each direction.</param>
    internal DelayProxy(int target, TimeSpan delay)
    {
        (_target, _delay, Port) = (target, delay, LoopbackPort.Take());
        _listener = new(IPAddress.Loopback, Port);
        _listener.Start();
        _ = AcceptAsync();
    }

    internal int Port { get; }

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true) { _ = PassAsync(await _listener.AcceptSocketAsync()); }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the measurement has ended
        }
    }

    private async Task PassAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var _ = client;
        client.NoDelay = true;
        await server.ConnectAsync(IPAddress.Loopback, _target);
        await Task.WhenAny(PassAsync(client, server), PassAsync(server, client));
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        var line = Channel.CreateUnbounded<(long Sent, byte[] Bytes)>();
        _ = ReadAsync();
        await foreach (var (sent, bytes) in line.Reader.ReadAllAsync())
        {
            if (_delay - Stopwatch.GetElapsedTime(sent) is { Ticks: > 0 } left) { await Task.Delay(left, TimeProvider.System); }
            for (var rest = bytes.AsMemory(); rest.Length > 0; rest = rest[await to.SendAsync(rest)..]) { }
        }

        async Task ReadAsync()
        {
            try
            {
                var buffer = new byte[64 * 1024];
                while (await from.ReceiveAsync(buffer) is > 0 and var read)
                {
                    line.Writer.TryWrite((Stopwatch.GetTimestamp(), buffer[..read]));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // one end has gone
            }

            line.Writer.TryComplete();
        }
    }
}
