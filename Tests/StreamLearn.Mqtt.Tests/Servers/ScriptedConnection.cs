using System.Buffers.Binary;
using System.Net.WebSockets;

namespace StreamLearn.Mqtt.Tests;

internal sealed record SentPacket(PacketType Type, byte Flags, byte[] Body)
{
    /// <summary>The packet identifier of an acknowledgement, SUBSCRIBE or UNSUBSCRIBE.</summary>
    internal ushort PacketId => BinaryPrimitives.ReadUInt16BigEndian(Body);

    /// <summary>The reason code of an acknowledgement.</summary>
    internal MqttReason AckReason => Body.Length > 2 ? (MqttReason)Body[2] : MqttReason.Success;

    /// <summary>The reason code of DISCONNECT.</summary>
    internal MqttReason EndReason => Body.Length > 0 ? (MqttReason)Body[0] : MqttReason.Success;
}

/// <summary>What a CONNECT asked for.</summary>
internal sealed record AskedFor(
    MqttVersion Version, string ClientId, bool CleanStart, int KeepAliveSeconds, string? UserName, byte[] Password,
    uint SessionExpirySeconds, int ReceiveMaximum, uint MaximumPacketSize, int TopicAliasMaximum, MqttWill? Will);

/// <summary>One connection to a <see cref="ScriptedServer"/>. It answers pings unless told otherwise, and nothing else by itself.</summary>
internal sealed class ScriptedConnection(Socket socket, Stream stream) : IAsyncDisposable
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private byte[] _input = new byte[64 * 1024];
    private int _begin, _end;

    /// <summary>False: PINGREQ is counted and not answered.</summary>
    internal bool AnswersPings { get; set; } = true;
    internal int Pings { get; private set; }

    /// <summary>Below the stream, where the server speaks WebSocket.</summary>
    internal WebSocket? WebSocket { get; init; }

    /// <summary>What the client asked in HTTP, where the server speaks WebSocket.</summary>
    internal string Upgrade { get; init; } = "";
    internal AskedFor Connect { get; private set; } = null!;
    private MqttVersion Version => Connect?.Version ?? MqttVersion.V5;
    public ValueTask DisposeAsync() => stream.DisposeAsync();
    internal void Cut() => socket.Close(0);
    internal void EndSending() => socket.Shutdown(SocketShutdown.Send);

    internal async Task ReadConnectAsync()
    {
        var packet = await ExpectAsync(PacketType.Connect);
        Assert.True(
            RequestReader.TryRead(new Frame(packet.Type, packet.Flags, packet.Body), out ConnectPacket connect, out var fault),
            fault.Text);
        Connect = new(
            connect.Version, connect.ClientId, connect.CleanStart, connect.KeepAliveSeconds, connect.UserName, connect.Password.ToArray(),
            connect.SessionExpirySeconds, connect.ReceiveMaximum, connect.MaximumPacketSize, connect.TopicAliasMaximum, connect.Will);
    }

    /// <summary>CONNACK with the standard's defaults.</summary>
    internal Task AcceptAsync(bool sessionPresent = false, ushort receiveMaximum = ushort.MaxValue, ushort topicAliasMaximum = 0,
        uint maximumPacketSize = uint.MaxValue, ushort? keepAliveSeconds = null, MqttReason reason = MqttReason.Success)
    {
        ServerPackets.ConnAck(_output, Version, new()
        {
            SessionPresent = sessionPresent,
            Reason = reason,
            ReceiveMaximum = receiveMaximum,
            MaximumQos = 2,
            RetainAvailable = true,
            MaximumPacketSize = maximumPacketSize,
            TopicAliasMaximum = topicAliasMaximum,
            WildcardsAvailable = true,
            SharedSubscriptionsAvailable = true,
            SubscriptionIdentifiersAvailable = true,
            ServerKeepAliveSeconds = keepAliveSeconds,
        });
        return FlushAsync();
    }

    /// <summary>Reads SUBSCRIBE and grants what it asks for.</summary>
    internal async Task<FilterRequest[]> GrantAsync()
    {
        var packet = await ExpectAsync(PacketType.Subscribe);
        var filters = new List<FilterRequest>();
        Assert.True(
            RequestReader.TryRead(new Frame(packet.Type, packet.Flags, packet.Body), Version, out var id, filters, out var fault),
            fault.Text);
        ServerPackets.SubAck(_output, Version, PacketType.SubAck, id, [.. filters.Select(f => f.Qos)]);
        await FlushAsync();
        return [.. filters];
    }

    internal Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, byte qos = 0, ushort packetId = 0, bool duplicate = false,
        bool retain = false)
    {
        PacketWriter.Publish(_output, Version, new()
        {
            Topic = Encoding.UTF8.GetBytes(topic),
            Payload = new(payload),
            Qos = qos,
            Retain = retain,
        }, packetId, duplicate);
        return FlushAsync();
    }

    internal Task AckAsync(PacketType type, ushort packetId, MqttReason reason = MqttReason.Success)
    {
        PacketWriter.Ack(_output, Version, type, packetId, reason);
        return FlushAsync();
    }

    internal Task DisconnectAsync(MqttReason reason)
    {
        PacketWriter.Disconnect(_output, Version, reason);
        return FlushAsync();
    }

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes) => await stream.WriteAsync(bytes, Cancellation);

    internal async Task<SentPacket?> ReadAsync()
    {
        while (true)
        {
            if (Cut(out var packet))
            {
                if (packet.Type != PacketType.PingReq) { return packet; }
                Pings++;
                if (!AnswersPings) { continue; }
                PacketWriter.Ping(_output, PacketType.PingResp);
                await FlushAsync();
                continue;
            }
            if (!await FillAsync()) { return null; }
        }
    }

    /// <summary>The next packet, which must be of a type.</summary>
    internal async Task<SentPacket> ExpectAsync(PacketType type)
    {
        var packet = await ReadAsync();
        Assert.True(packet is not null, $"expected {type}, got the end of the connection");
        Assert.Equal(type, packet.Type);
        return packet;
    }

    /// <summary>Reads until the connection ends, and gives the reason of the DISCONNECT that came before that; null: none came.</summary>
    internal async Task<MqttReason?> EndAsync()
    {
        MqttReason? reason = null;
        while (await ReadAsync() is { } packet)
        {
            if (packet.Type == PacketType.Disconnect) { reason = packet.EndReason; }
        }
        return reason;
    }

    internal async Task<byte[]> RawAsync()
    {
        if (_begin == _end && !await FillAsync()) { return []; }
        var bytes = _input[_begin.._end];
        _begin = _end;
        return bytes;
    }

    /// <summary>All bytes until the connection ends, as they come.</summary>
    internal async Task<byte[]> RestAsync()
    {
        var all = new List<byte>();
        while (await RawAsync() is { Length: > 0 } bytes) { all.AddRange(bytes); }
        return [.. all];
    }

    private bool Cut(out SentPacket packet)
    {
        var state = PacketCutter.Next(_input.AsSpan(_begin.._end), int.MaxValue, out var frame, out var consumed, out var fault);
        Assert.True(state != FrameState.Fault, $"the client sent a malformed packet: {fault.Text}");
        packet = state == FrameState.Whole ? new(frame.Type, frame.Flags, frame.Body.ToArray()) : null!;
        _begin += state == FrameState.Whole ? consumed : 0;
        return state == FrameState.Whole;
    }

    private async Task<bool> FillAsync()
    {
        _input.AsSpan(_begin.._end).CopyTo(_input);
        (_begin, _end) = (0, _end - _begin);
        if (_end == _input.Length) { Array.Resize(ref _input, 2 * _end); }
        try
        {
            var read = await ScriptedServer.Patiently(stream.ReadAsync(_input.AsMemory(_end), Cancellation).AsTask());
            _end += read;
            return read > 0;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or WebSocketException) { return false; }
    }

    private async Task FlushAsync()
    {
        await SendAsync(_output.WrittenMemory);
        _output.ResetWrittenCount();
    }
}
