using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace StreamLearn.Testing;

/// <summary>A server of MQTT of which a test says every byte. It knows no packet but by its type.</summary>
public sealed class MqttBytes : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, LoopbackPort.Take());

    /// <summary>Begins to listen.</summary>
    public MqttBytes() => _listener.Start();

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    /// <summary>Takes the next connection and its CONNECT, which is not answered.</summary>
    public async Task<MqttBytesConnection> TakeAsync()
    {
        var socket = await _listener.AcceptSocketAsync().WaitAsync(ServerProcess.Patience).ConfigureAwait(false);
        socket.NoDelay = true;
        var connection = new MqttBytesConnection(socket);
        var connect = await connection.ReadAsync(1).ConfigureAwait(false);
        connection.IsV5 = connect[6] == 5;
        return connection;
    }

    /// <summary>The same, and accepts it.</summary>
    public async Task<MqttBytesConnection> AcceptAsync(bool sessionPresent = false, ushort? receiveMaximum = null)
    {
        var connection = await TakeAsync().ConfigureAwait(false);
        var present = (byte)(sessionPresent ? 1 : 0);
        byte[] properties = receiveMaximum is { } most ? [3, 0x21, (byte)(most >> 8), (byte)most] : [0];
        if (!connection.IsV5) { properties = []; }
        await connection.SendAsync([0x20, (byte)(2 + properties.Length), present, 0, .. properties]).ConfigureAwait(false);
        return connection;
    }

    /// <summary>The same, and grants the subscription that follows, at QoS 1.</summary>
    public async Task<MqttBytesConnection> SubscribedAsync(bool sessionPresent = false)
    {
        var connection = await AcceptAsync(sessionPresent).ConfigureAwait(false);
        var asked = await connection.ReadAsync(8).ConfigureAwait(false);
        byte[] properties = connection.IsV5 ? [0] : [];
        await connection.SendAsync([0x90, (byte)(3 + properties.Length), asked[0], asked[1], .. properties, 1]).ConfigureAwait(false);
        return connection;
    }
}

/// <summary>One connection to an <see cref="MqttBytes"/>.</summary>
public sealed class MqttBytesConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    internal MqttBytesConnection(Socket socket) => (_socket, _stream) = (socket, new(socket, ownsSocket: true));

    /// <summary>Whether the client speaks MQTT 5.</summary>
    public bool IsV5 { get; internal set; }

    /// <inheritdoc />
    public void Dispose() => _stream.Dispose();

    /// <summary>Resets the connection.</summary>
    public void Cut() => _socket.Close(0);

    /// <summary>Sends bytes as they are.</summary>
    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask().WaitAsync(ServerProcess.Patience);

    /// <summary>Sends a message, without properties.</summary>
    public Task PublishAsync(string topic, string payload, int qos = 0, ushort packetId = 0)
    {
        byte[] id = qos > 0 ? [(byte)(packetId >> 8), (byte)packetId] : [];
        byte[] body = [0, (byte)topic.Length, .. Encoding.ASCII.GetBytes(topic), .. id, .. IsV5 ? [(byte)0] : Array.Empty<byte>(),
            .. Encoding.ASCII.GetBytes(payload)];
        return SendAsync([(byte)(0x30 | (qos << 1)), (byte)body.Length, .. body]);
    }

    /// <summary>The next packet that is no ping; pings are answered. Null: the connection has ended.</summary>
    public async Task<(byte Header, byte[] Body)?> NextAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                var one = new byte[1];
                await _stream.ReadExactlyAsync(one, cancellationToken).ConfigureAwait(false);
                var (header, length, shift) = (one[0], 0, 0);
                do
                {
                    await _stream.ReadExactlyAsync(one, cancellationToken).ConfigureAwait(false);
                    length |= (one[0] & 127) << shift;
                    shift += 7;
                }
                while (one[0] > 127);
                var body = new byte[length];
                await _stream.ReadExactlyAsync(body, cancellationToken).ConfigureAwait(false);
                if (header != 0xC0) { return (header, body); }
                await SendAsync([0xD0, 0]).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>All bytes that come until the connection ends or nobody waits any longer.</summary>
    public async Task<byte[]> RestAsync(CancellationToken cancellationToken)
    {
        var (all, buffer) = (new MemoryStream(), new byte[64 * 1024]);
        try
        {
            while (await _stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
            {
                all.Write(buffer, 0, read);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // that is all
        }

        return all.ToArray();
    }

    /// <summary>The body of the next packet.</summary>
    /// <exception cref="InvalidOperationException">Another came, or the connection ended.</exception>
    public async Task<byte[]> ReadAsync(int type)
    {
        var packet = await NextAsync().WaitAsync(ServerProcess.Patience).ConfigureAwait(false);
        if (packet is { } next && next.Header >> 4 == type) { return next.Body; }
        throw new InvalidOperationException($"expected a packet of type {type}, got {packet?.Header >> 4}; nothing: the connection ended");
    }

    /// <summary>The packet identifier and the text of the next message; its topic is <paramref name="topic"/>.</summary>
    public async Task<(ushort PacketId, string Text)> MessageAsync(string topic)
    {
        var body = await ReadAsync(3).ConfigureAwait(false);
        var at = 2 + topic.Length;
        return (BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at)), Encoding.ASCII.GetString(body.AsSpan(at + (IsV5 ? 3 : 2))));
    }

    /// <summary>Confirms a message.</summary>
    public Task ConfirmAsync(ushort packetId) => SendAsync([0x40, 2, (byte)(packetId >> 8), (byte)packetId]);
}
