using System.Buffers;
using System.Net;
using System.Net.Sockets;
using StreamLearn.Testing;

namespace StreamLearn.Nats.Tests;

/// <summary>A client of which a test says every byte: what a server makes of them is read by the library's reader.</summary>
internal sealed class PlainNats : IAsyncDisposable
{
    internal const int MaximumPayload = 100_000;

    private readonly byte[] _input = new byte[1 << 20];
    private readonly NetworkStream _stream;
    private int _begin, _end;

    private PlainNats(Socket socket) => _stream = new(socket, ownsSocket: true);

    /// <summary>Connects.</summary>
    /// <param name="server">The server.</param>
    /// <param name="isPedantic">True: the server checks subjects.</param>
    internal static async Task<PlainNats> OpenAsync(RealNats server, bool isPedantic)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await ScriptedNats.Patiently(socket.ConnectAsync(IPAddress.Loopback, server.Port));
        var client = new PlainNats(socket);
        var hello = new ArrayBufferWriter<byte>();
        new NatsConnect { Pedantic = isPedantic }.Write(hello);
        var said = await client.SayAsync(hello.WrittenSpan.ToArray());
        Assert.StartsWith("Info ", Assert.Single(said), StringComparison.Ordinal);
        return client;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    /// <summary>Sends bytes and PING, and reads up to the answer to it.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="pings">How many PING they have themselves.</param>
    /// <returns>What came before the last answer; if the server closed the connection instead, <c>closed</c> is the last.</returns>
    internal async Task<List<string>> SayAsync(byte[] bytes, int pings = 0)
    {
        var came = new List<string>();
        try
        {
            await ScriptedNats.Patiently(_stream.WriteAsync((byte[])[.. bytes, .. "PING\r\n"u8]).AsTask());
            while (true)
            {
                var text = NatsReading.Of(_input.AsSpan(_begin, _end - _begin), out var consumed, MaximumPayload);
                _begin += consumed;
                Assert.True(consumed > 0 || text == "more", text);
                if (text == "Pong" && pings-- == 0) { return came; }
                if (text is not ("more" or "Ping" or "Pong")) { came.Add(text); }
                if (text == "more" && !await ReadAsync()) { return [.. came, "closed"]; }
            }
        }
        catch (IOException)
        {
            return [.. came, "closed"];
        }
    }

    private async Task<bool> ReadAsync()
    {
        _input.AsSpan(_begin, _end - _begin).CopyTo(_input);
        (_begin, _end) = (0, _end - _begin);
        var count = await ScriptedNats.Patiently(_stream.ReadAsync(_input.AsMemory(_end)).AsTask());
        _end += count;
        return count > 0;
    }
}
