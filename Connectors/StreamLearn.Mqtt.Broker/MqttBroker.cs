using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using MQTTnet;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Server;

namespace StreamLearn.Mqtt;

/// <summary>An in-process MQTT broker, 3.1.1 and 5.0, based on MQTTnet, for fleets on a machine without a server. Sessions and messages are
/// only in memory and end with the program. QoS is 0 or 1.</summary>
public sealed class MqttBroker : IAsyncDisposable
{
    private const int MaxClientId = 256;
    private static readonly TimeSpan LoginPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ExpiryPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private readonly MqttBrokerOptions _options;
    private readonly TimeProvider _time;
    private readonly BrokerCounts _counts = new();
    private readonly Dictionary<string, MqttBrokerLogin> _logins;
    private readonly Lock _retaining = new();
    private readonly Dictionary<string, long> _retained = new(StringComparer.Ordinal);
    private readonly BrokerSessions _sessions;
    private readonly BrokerListener _listener;
    private readonly MqttServer _server;
    private readonly CancellationTokenSource _ending = new();
    private Task _expiring = Task.CompletedTask;
    private long _retainedBytes;
    private int _isDisposed;

    private MqttBroker(MqttBrokerOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _logins = options.Logins.ToDictionary(static l => l.UserName, StringComparer.Ordinal);
        _sessions = new(options, time, _counts, DeleteAsync);
        _listener = new(options, time, _counts, _sessions);
        var settings = new MqttServerOptionsBuilder()
            .WithoutDefaultEndpoint().WithPersistentSessions().WithDefaultCommunicationTimeout(BrokerListener.Deadline)
            .WithMaxPendingMessagesPerClient(int.MaxValue)      // the sessions limit it and inform the client
            .WithPendingMessagesOverflowStrategy(MqttPendingMessagesOverflowStrategy.DropNewMessage).Build();
        _server = new(settings, [_listener], new MqttNetNullLogger());
        _server.ValidatingConnectionAsync += LetInAsync;
        _server.InterceptingPublishAsync += Checked;
        _server.InterceptingSubscriptionAsync += Checked;
        _server.InterceptingUnsubscriptionAsync += e =>
        {
            _sessions.Unsubscribe(e.ClientId, e.Topic);
            return Task.CompletedTask;
        };
        _server.InterceptingClientEnqueueAsync += async e =>
            e.AcceptEnqueue = await _sessions.AdmitAsync(e.SenderClientId, e.ReceiverClientId, e.ApplicationMessage).ConfigureAwait(false);
        _server.ClientAcknowledgedPublishPacketAsync += e =>
        {
            _sessions.Release(e.ClientId, e.PublishPacket);
            return Task.CompletedTask;
        };
        _server.SessionDeletedAsync += e =>
        {
            _sessions.Forget(e.Id);
            return Task.CompletedTask;
        };
    }

    /// <summary>The endpoint on which it listens.</summary>
    public IPEndPoint EndPoint => _listener.EndPoint;

    /// <summary>The address of the broker.</summary>
    public Uri Uri => new(FormattableString.Invariant($"{(_options.Certificate is null ? "mqtt" : "mqtts")}://{EndPoint}"));

    /// <summary>The current status.</summary>
    public MqttBrokerStatus Status => _sessions.AddTo(_counts.Status() with { Connections = _listener.Connections });

    /// <summary>Starts a broker; completes when clients can connect.</summary>
    /// <exception cref="ArgumentException">A setting is out of range, or a public address has no TLS or login.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address is in use or is not local.</exception>
    public static Task<MqttBroker> StartAsync(MqttBrokerOptions options) => StartAsync(options, TimeProvider.System);

    internal static async Task<MqttBroker> StartAsync(MqttBrokerOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var broker = new MqttBroker(options, time);
        try { await broker._server.StartAsync().ConfigureAwait(false); }
        catch
        {
            await broker.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        broker._expiring = broker.ExpireAsync();
        return broker;
    }

    /// <summary>Closes all connections within two seconds; queued messages are lost.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1) { return; }
        await _ending.CancelAsync().ConfigureAwait(false);
        await _expiring.ConfigureAwait(false);
        _sessions.End();
        var stopping = _server.StopAsync(new MqttServerStopOptions());      // MQTT 5 clients receive a reason
        try { await stopping.WaitAsync(StopPatience, _time).ConfigureAwait(false); }
        catch (TimeoutException)
        {
            await _listener.CloseAllAsync().ConfigureAwait(false);      // a client that does not read would block
            await stopping.ConfigureAwait(false);
        }

        _server.Dispose();
        _sessions.Dispose();
        _ending.Dispose();
    }

    internal bool HoldsBack => _sessions.HoldsBack;

    internal Task ExpireNowAsync() => _sessions.ExpireAsync();

    private async Task LetInAsync(ValidatingConnectionEventArgs e)
    {
        var connection = (BrokerConnection)e.ChannelAdapter;
        var isLogin = IsLogin(e.UserName, e.RawPassword);
        connection.ForgetPassword();
        if (!isLogin)
        {
            _counts.RefuseLogin();
            await Task.Delay(LoginPause, _time, e.CancellationToken).ConfigureAwait(false);       // slows down password guessing
            e.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
            return;
        }

        if (string.IsNullOrEmpty(e.ClientId))
        {
            if (e.ProtocolVersion != MqttProtocolVersion.V500) { return; }      // MQTTnet refuses the client itself
            e.AssignedClientIdentifier = NewClientId();
        }

        var clientId = string.IsNullOrEmpty(e.ClientId) ? e.AssignedClientIdentifier : e.ClientId;
        var isName = clientId.Length <= MaxClientId && !clientId.Contains('\0', StringComparison.Ordinal);
        var refused = !isName ? MqttConnectReasonCode.ClientIdentifierNotValid
            : await _sessions.OpenAsync(
                connection, clientId, OwnerOf(e.UserName), e.CleanSession ?? false, e.CancellationToken).ConfigureAwait(false);
        if (refused is not { } reason)
        {
            connection.LetIn();
            return;
        }

        if (reason == MqttConnectReasonCode.QuotaExceeded) { _counts.RefuseConnection(); }
        else { _counts.RefuseLogin(); }
        e.ReasonCode = reason == MqttConnectReasonCode.QuotaExceeded && e.ProtocolVersion != MqttProtocolVersion.V500
            ? MqttConnectReasonCode.ServerUnavailable : reason;
    }

    internal static string NewClientId() => $"auto-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))}";

    private bool IsLogin(string? userName, byte[]? password) => _logins.Count == 0
        || (userName is not null && _logins.TryGetValue(userName, out var login) && login.Has(password));

    private long MaxRetainedBytes => Math.Max(32 << 20, 4L * _options.MaxPacketBytes);

    private string? OwnerOf(string? userName) => _logins.Count > 0 ? userName : null;

    private Task Checked(InterceptingPublishEventArgs e)
    {
        var message = e.ApplicationMessage;
        if (!IsSound(message))
        {
            _counts.RefusePacket();
            (e.ProcessPublish, e.CloseConnection) = (false, true);
        }
        else if (_logins.Count > 0 && !(_logins.TryGetValue(e.UserName ?? "", out var login) && login.MayPublish(message.Topic)
            && (login.MayRetain || !message.Retain)))
        {
            Refuse(e, MqttPubAckReasonCode.NotAuthorized);
        }
        else if (message.Retain && !Retain(message)) { Refuse(e, MqttPubAckReasonCode.QuotaExceeded); }

        return Task.CompletedTask;
    }

    private void Refuse(InterceptingPublishEventArgs e, MqttPubAckReasonCode reason)
    {
        _counts.RefuseRequest();
        (e.ProcessPublish, e.Response.ReasonCode) = (false, reason);
        e.CloseConnection = !_sessions.HearsReasons(e.ClientId);       // an MQTT 3.1.1 client would read the answer as success
    }

    private Task Checked(InterceptingSubscriptionEventArgs e)
    {
        var filter = e.TopicFilter;
        if (filter.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce)
        {
            filter.QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce;
            e.Response.ReasonCode = MqttSubscribeReasonCode.GrantedQoS1;
        }

        if (_logins.Count > 0 && !(_logins.TryGetValue(e.UserName ?? "", out var login) && login.MaySubscribe(filter.Topic)))
        {
            _counts.RefuseRequest();
            e.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
        }
        else if (!_sessions.Subscribe(e.ClientId, filter.Topic, (int)filter.QualityOfServiceLevel))
        {
            _counts.RefuseRequest();
            e.Response.ReasonCode = MqttSubscribeReasonCode.QuotaExceeded;
        }

        return Task.CompletedTask;
    }

    /// <summary>Returns false for messages that make strict receivers disconnect.</summary>
    private static bool IsSound(MqttApplicationMessage message) =>
        TopicRights.IsTopic(message.Topic) && (message.ResponseTopic is not { Length: > 0 } answers || TopicRights.IsTopic(answers))
            && IsText(message.ContentType)
            && (message.UserProperties?.TrueForAll(static p => IsText(p.Name) && IsText(p.ValueBuffer.Span)) ?? true)
            && (message.PayloadFormatIndicator == MqttPayloadFormatIndicator.Unspecified
                || (message.PayloadFormatIndicator == MqttPayloadFormatIndicator.CharacterData
                    && (!message.Payload.IsSingleSegment || Utf8.IsValid(message.Payload.FirstSpan))));

    private static bool IsText(ReadOnlySpan<byte> text) => Utf8.IsValid(text) && !text.Contains((byte)0);

    /// <summary>Returns whether a string can be sent. Invalid UTF-8 grew when it was decoded, and can be too long.</summary>
    private static bool IsText(string? text) => text is null
        || (!text.Contains('\0', StringComparison.Ordinal) && Encoding.UTF8.GetByteCount(text) <= ushort.MaxValue);

    /// <summary>False if there is no space.</summary>
    private bool Retain(MqttApplicationMessage message)
    {
        lock (_retaining)
        {
            var before = _retained.GetValueOrDefault(message.Topic);
            var bytes = message.Payload.IsEmpty ? 0 : MessageBytes.Kept(message.Topic, message.Payload.Length, message.UserProperties);
            var isNew = before == 0 && bytes > 0;
            if (_retainedBytes - before + bytes > MaxRetainedBytes || (isNew && _retained.Count >= _options.MaxRetainedMessages))
            {
                return false;
            }

            _retainedBytes += bytes - before;
            if (bytes == 0) { _retained.Remove(message.Topic); }
            else { _retained[message.Topic] = bytes; }
            return true;
        }
    }

    private async Task DeleteAsync(string clientId)
    {
        try
        {
            var session = await _server.GetSessionAsync(clientId).ConfigureAwait(false);
            await session.DeleteAsync().ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            // the client is already gone
        }
    }

    private async Task ExpireAsync()
    {
        using var timer = new PeriodicTimer(ExpiryPause, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token).ConfigureAwait(false))
            {
                await _sessions.ExpireAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // the broker is ending
        }
    }
}
