using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;

namespace StreamLearn.Mqtt;

/// <summary>Limits what MQTTnet does not: packet sizes before allocation, allowed packets, unread replies, receive maximum.</summary>
internal sealed partial class BrokerConnection : IMqttChannelAdapter
{
    private const int SmallBytes = 16 << 10, BatchBytes = 64 << 10, MaxBatch = 64, MaxOwed = 256, InputBytes = 4096;
    private static readonly TimeSpan LargeDeadline = TimeSpan.FromSeconds(30);

    private readonly Stream _stream;
    private readonly MqttBrokerOptions _options;
    private readonly TimeProvider _time;
    private readonly BrokerCounts _counts;
    private readonly BrokerSessions _sessions;
    private readonly ReceiveBudget _large;
    private readonly Action _onLetIn;
    private readonly byte[] _input = new byte[InputBytes];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly Queue<MqttPacket> _answers = [];
    private readonly Queue<MqttPublishPacket> _messages = [];
    private readonly HashSet<ushort> _inFlight = [];
    private readonly List<MqttPacket> _batch = [];
    private int _begin, _end, _owed, _taken, _receiveMaximum = ushort.MaxValue;
    private MqttConnectPacket? _connect;
    private TaskCompletionSource? _answered;
    private Task _pump = Task.CompletedTask;
    private bool _pumps, _isClosed;

    internal BrokerConnection(
        Stream stream, Socket socket, MqttBrokerOptions options, TimeProvider time, BrokerCounts counts, BrokerSessions sessions,
        ReceiveBudget large, Action onLetIn)
    {
        (_stream, _options, _time, _counts, _sessions, _large, _onLetIn) = (stream, options, time, counts, sessions, large, onLetIn);
        (RemoteEndPoint, LocalEndPoint) = (socket.RemoteEndPoint, socket.LocalEndPoint);
        PacketFormatterAdapter = new(new MqttBufferWriter(256, BatchBytes));
    }

    internal BrokerSession? Session { get; set; }

    internal Task Ended => _ended.Task;

    internal long MaxPacketBytes => _connect is { MaximumPacketSize: > 0 and var bytes } ? bytes : long.MaxValue;

    internal TimeSpan Expiry { get; private set; }

    private int MaxBodyBytes => _connect is null ? SmallBytes : _options.MaxPacketBytes;

    public MqttPacketFormatterAdapter PacketFormatterAdapter { get; }

    public EndPoint? RemoteEndPoint { get; }

    public EndPoint? LocalEndPoint { get; }

    public bool IsSecureConnection => _stream is SslStream;

    public X509Certificate2? ClientCertificate => null;

    public long BytesReceived { get; private set; }

    public long BytesSent { get; private set; }

    public void ResetStatistics() => (BytesReceived, BytesSent) = (0, 0);

    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DisconnectAsync(CancellationToken cancellationToken)
    {
        Close();
        return Task.CompletedTask;
    }

    public void Dispose() => Close();

    public async Task<MqttPacket?> ReceivePacketAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                ReleaseBody();      // MQTTnet asks for the next packet when it has processed this one
                await AnsweredAsync(cancellationToken).ConfigureAwait(false);
                if (await HeaderAsync(cancellationToken).ConfigureAwait(false) is not var (first, length)) { return null; }
                if (ClientPackets.Fault(first, length, MaxBodyBytes, isFirst: _connect is null) is { } fault)
                {
                    return await RefuseAsync(fault).ConfigureAwait(false);
                }

                if (await BodyAsync(length, cancellationToken).ConfigureAwait(false) is not { } body) { return null; }
                var received = new ReceivedMqttPacket(first, body, length + 2);
                if (_connect is null)
                {
                    PacketFormatterAdapter.DetectProtocolVersion(received);
                    if (PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V310)
                    {
                        return await RefuseAsync(MqttDisconnectReasonCode.ProtocolError).ConfigureAwait(false);
                    }
                }

                var packet = PacketFormatterAdapter.Decode(received);
                if (ClientPackets.Fault(packet, canKeepSession: Expiry > TimeSpan.Zero) is { } unsound)
                {
                    return await RefuseAsync(unsound).ConfigureAwait(false);
                }

                if (Take(packet)) { return packet; }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return null;
        }
        catch (Exception e) when (e is MqttProtocolViolationException or ArgumentException or IndexOutOfRangeException
            or NotSupportedException or InvalidOperationException or OverflowException)
        {
            return await RefuseAsync(MqttDisconnectReasonCode.MalformedPacket).ConfigureAwait(false);      // thrown by its reader
        }
    }

    public Task SendPacketAsync(MqttPacket packet, CancellationToken cancellationToken)
    {
        if (packet is MqttConnAckPacket answer) { Announce(answer); }
        lock (_gate)
        {
            if (packet is MqttPublishPacket message) { _messages.Enqueue(message); }
            else { _answers.Enqueue(packet); }
            Pump();
            var isLast = packet is MqttConnAckPacket or MqttDisconnectPacket;
            return isLast ? _pump.WaitAsync(cancellationToken) : Task.CompletedTask;
        }
    }

    internal void LetIn() => _onLetIn();

    internal void ForgetPassword()
    {
        if (_connect is not { Password: { } password } connect) { return; }
        CryptographicOperations.ZeroMemory(password);
        connect.Password = null;
    }

    internal void EndSession()
    {
        if (_connect is { } connect) { (connect.SessionExpiryInterval, connect.CleanSession) = (0, true); }
        Close();
    }

    internal void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _answered?.TrySetResult();
        }

        _stream.Dispose();
    }

    internal void End()
    {
        Close();
        ReleaseBody();
        _sessions.Leave(this);
        _ended.TrySetResult();
    }

    private bool Take(MqttPacket packet)
    {
        if (packet is MqttPublishPacket message) { message.Dup = false; }       // MQTTnet would forward the flag, and fail on it at QoS 0
        switch (packet)
        {
            case MqttConnectPacket connect:
                _connect = connect;
                // [MQTT-3.1.3-6]: a server may assign an identifier to a 3.1.1 client without one; MQTTnet does not
                if (string.IsNullOrEmpty(connect.ClientId) && connect.CleanSession
                    && PacketFormatterAdapter.ProtocolVersion != MqttProtocolVersion.V500)
                {
                    connect.ClientId = MqttBroker.NewClientId();
                }

                if (connect.ReceiveMaximum > 0) { _receiveMaximum = connect.ReceiveMaximum; }
                Expiry = PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500 ? Kept(connect.SessionExpiryInterval)
                    : connect.CleanSession ? TimeSpan.Zero : _options.MaxSessionExpiry;
                // sessions expire only here: MQTTnet would remove an expired one from only one of its tables
                if (connect.SessionExpiryInterval > 0) { connect.SessionExpiryInterval = uint.MaxValue; }
                break;
            case MqttDisconnectPacket { SessionExpiryInterval: > 0 and var seconds } last:
                (Expiry, last.SessionExpiryInterval) = (Kept(seconds), 0);
                break;
            case MqttPubAckPacket answer:
                lock (_gate)
                {
                    if (!_inFlight.Remove(answer.PacketIdentifier)) { return false; }
                    Pump();
                }

                break;
            case MqttSubscribePacket or MqttUnsubscribePacket or MqttPingReqPacket or MqttPublishPacket { QualityOfServiceLevel: > 0 }:
                lock (_gate) { _owed++; }
                break;
        }

        return true;
    }

    private TimeSpan Kept(uint seconds) => TimeSpan.FromSeconds(Math.Min(seconds, _options.MaxSessionExpiry.TotalSeconds));

    private void Announce(MqttConnAckPacket answer)
    {
        answer.MaximumPacketSize = (uint)_options.MaxPacketBytes;
        answer.MaximumQoS = MqttQualityOfServiceLevel.AtLeastOnce;
        answer.TopicAliasMaximum = 0;
        answer.RetainAvailable = _options.MaxRetainedMessages > 0;
        answer.SessionExpiryInterval = (uint)Expiry.TotalSeconds;
    }

    private async Task<MqttPacket?> RefuseAsync(MqttDisconnectReasonCode reason)
    {
        _counts.RefusePacket();
        if (_connect is not null && PacketFormatterAdapter.ProtocolVersion == MqttProtocolVersion.V500)
        {
            try
            {
                await SendPacketAsync(new MqttDisconnectPacket { ReasonCode = reason }, CancellationToken.None)
                    .WaitAsync(BrokerListener.Deadline, _time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // the client does not read
            }
        }

        Close();
        return null;
    }

    private Task AnsweredAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_owed < MaxOwed || _isClosed) { return Task.CompletedTask; }
            return (_answered ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Null if the connection has ended; length −1: too many bytes.</summary>
    private async ValueTask<(byte First, int Length)?> HeaderAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (length, shift) = (0, 0);
            for (var i = _begin + 1; i < _end; i++, shift += 7)
            {
                length |= (_input[i] & 127) << shift;
                if ((_input[i] & 128) != 0 && shift < 21) { continue; }
                var first = _input[_begin];
                var isTooLong = (_input[i] & 128) != 0;
                _begin = i + 1;
                return (first, isTooLong ? -1 : length);
            }

            _input.AsSpan(_begin, _end - _begin).CopyTo(_input);
            (_begin, _end) = (0, _end - _begin);
            var read = await _stream.ReadAsync(_input.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0) { return null; }
            _end += read;
            BytesReceived += read;
        }
    }

    /// <summary>Null if the connection has ended. Memory grows with the bytes received, not with the announced length.</summary>
    private async ValueTask<byte[]?> BodyAsync(int length, CancellationToken cancellationToken)
    {
        var body = length == 0 ? [] : new byte[Math.Min(length, SmallBytes)];
        var have = Math.Min(body.Length, _end - _begin);
        _input.AsSpan(_begin, have).CopyTo(body);
        _begin += have;
        if (length <= SmallBytes) { return await ReadAsync(body, have, cancellationToken).ConfigureAwait(false) ? body : null; }
        using var deadline = new CancellationTokenSource(LargeDeadline, _time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        while (await ReadAsync(body, have, over.Token).ConfigureAwait(false))
        {
            have = body.Length;
            if (have == length) { return body; }
            var more = Math.Min(length - have, have);
            await _large.TakeAsync(Session?.UserName, more, over.Token).ConfigureAwait(false);
            _taken += more;
            Array.Resize(ref body, have + more);
        }

        return null;
    }

    /// <summary>Releases the budget of the previous packet, because the sessions of its receivers count it now.</summary>
    private void ReleaseBody()
    {
        _large.Release(Session?.UserName, _taken);
        _taken = 0;
    }

    private async ValueTask<bool> ReadAsync(byte[] body, int have, CancellationToken cancellationToken)
    {
        while (have < body.Length)
        {
            var read = await _stream.ReadAsync(body.AsMemory(have), cancellationToken).ConfigureAwait(false);
            if (read == 0) { return false; }
            have += read;
            BytesReceived += read;
        }

        return true;
    }
}
