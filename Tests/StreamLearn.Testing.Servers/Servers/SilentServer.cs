using System.Net;
using System.Net.Sockets;

namespace StreamLearn.Testing;

/// <summary>A server that accepts each connection of MQTT and then says nothing: it shows the bytes of what a program asks for.</summary>
public sealed class SilentServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, LoopbackPort.Take());

    /// <summary>Begins to listen.</summary>
    public SilentServer() => _listener.Start();

    /// <summary>Where it listens.</summary>
    public Uri Uri => new($"mqtt://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    /// <summary>Takes a connection, accepts it, and reads what comes behind CONNECT.</summary>
    public async Task<(byte[] Connect, byte[] Next)> TakeAsync(CancellationToken cancellationToken)
    {
        using var client = await _listener.AcceptTcpClientAsync(cancellationToken).ConfigureAwait(false);
        var stream = client.GetStream();
        var connect = await PacketAsync(stream, cancellationToken).ConfigureAwait(false);
        var isNew = connect[8] == 5;
        await stream.WriteAsync((byte[])(isNew ? [0x20, 3, 0, 0, 0] : [0x20, 2, 0, 0]), cancellationToken).ConfigureAwait(false);
        return (connect, await PacketAsync(stream, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>A packet without the second byte of its length, if it has two: its body begins at the third byte.</summary>
    private static async Task<byte[]> PacketAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, cancellationToken).ConfigureAwait(false);
        int length = head[1];
        if (length > 127)
        {
            var more = new byte[1];
            await stream.ReadExactlyAsync(more, cancellationToken).ConfigureAwait(false);
            length = (length & 127) + (more[0] << 7);
        }

        var body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellationToken).ConfigureAwait(false);
        return [.. head, .. body];
    }
}
