using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace StreamLearn.Nats;

/// <summary>Streams, consumers and messages that a server keeps, over the connection of a <see cref="NatsTransport"/>. Source: NATS
/// documentation, "JetStream API".</summary>
/// <remarks>What it takes and gives are subjects of NATS (<c>orders.p7</c>, <c>orders.&gt;</c>), not topics (<c>orders/p7</c>). Each
/// request waits for the connection, as long as its token lets it; once there is one it has <see cref="NatsOptions.ReplyDeadline"/>,
/// within which it is repeated while there is no leader to answer it. A full stream makes those who publish into it wait as well. Beside
/// what each method names, each throws <see cref="TransportException"/>: the connection was lost, no answer came in time, or the server has
/// no JetStream; and <see cref="JetStreamException"/>: the server refused.</remarks>
public sealed class NatsJetStream
{
    private const string Prefix = "$JS.API.";
    private const int MaxTries = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly NatsConnection _connection;

    internal NatsJetStream(NatsConnection connection) => _connection = connection;

    internal NatsConnection Connection => _connection;

    /// <summary>Creates a stream. One that is there with the same settings is left as it is.</summary>
    /// <param name="stream">Its settings.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<NatsStreamStatus> CreateStreamAsync(NatsStream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return AskAsync($"STREAM.CREATE.{Checked(stream.Name)}", stream, ApiJson.Default.NatsStream, ApiJson.Default.NatsStreamStatus,
            cancellationToken);
    }

    /// <summary>The stream that has a name; made where it is missing. One that is there is left as it is.</summary>
    internal async Task<NatsStreamStatus> RequireStreamAsync(NatsStream stream, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            if (await StreamAsync(stream.Name, cancellationToken).ConfigureAwait(false) is { } there) { return there; }
            try
            {
                return await CreateStreamAsync(stream, cancellationToken).ConfigureAwait(false);
            }
            catch (JetStreamException e) when (tries < MaxTries && JetStreamException.IsMadeByOthers(e))
            {
                // somebody else is faster: its subjects are taken before it can be found by its name
                await Task.Delay(Pause, _connection.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Changes a stream: all settings become those given.</summary>
    /// <param name="stream">Its settings.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<NatsStreamStatus> UpdateStreamAsync(NatsStream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return AskAsync($"STREAM.UPDATE.{Checked(stream.Name)}", stream, ApiJson.Default.NatsStream, ApiJson.Default.NatsStreamStatus,
            cancellationToken);
    }

    /// <summary>How a stream is; null: there is none.</summary>
    /// <param name="name">The stream.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<NatsStreamStatus?> StreamAsync(string name, CancellationToken cancellationToken) =>
        FoundAsync(AskAsync<object, NatsStreamStatus>($"STREAM.INFO.{Checked(name)}", null, null, ApiJson.Default.NatsStreamStatus,
            cancellationToken));

    /// <summary>All streams, in the order of their names.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async IAsyncEnumerable<NatsStreamStatus> StreamsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var at = 0; ;)
        {
            var page = await AskAsync("STREAM.LIST", new PageRequest(at), ApiJson.Default.PageRequest, ApiJson.Default.StreamPage,
                cancellationToken).ConfigureAwait(false);
            if (page.Streams.IsDefaultOrEmpty) { yield break; }
            foreach (var stream in page.Streams) { yield return stream; }
            at += page.Streams.Length;
            if (at >= page.Total) { yield break; }
        }
    }

    /// <summary>Deletes a stream with its messages and consumers.</summary>
    /// <param name="name">The stream.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False: there is none.</returns>
    public async Task<bool> DeleteStreamAsync(string name, CancellationToken cancellationToken) =>
        await FoundAsync(AskAsync<object, ApiAnswer>($"STREAM.DELETE.{Checked(name)}", null, null, ApiJson.Default.ApiAnswer,
            cancellationToken)).ConfigureAwait(false) is not null;

    /// <summary>Removes messages of a stream.</summary>
    /// <param name="name">The stream.</param>
    /// <param name="subject">Those of these subjects alone; null: all.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>How many were removed.</returns>
    public async Task<long> PurgeStreamAsync(string name, string? subject, CancellationToken cancellationToken) =>
        (await AskAsync($"STREAM.PURGE.{Checked(name)}", new(subject, Keep: null), ApiJson.Default.PurgeRequest, ApiJson.Default.ApiAnswer,
            cancellationToken).ConfigureAwait(false)).Purged ?? 0;

    /// <summary>Creates a consumer, or changes the one that has its name.</summary>
    /// <param name="stream">The stream that it reads.</param>
    /// <param name="consumer">Its settings.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<NatsConsumerStatus> CreateConsumerAsync(string stream, NatsConsumer consumer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(consumer);
        var subject = (consumer.DurableName ?? consumer.Name) is not { } name ? $"CONSUMER.CREATE.{Checked(stream)}"
            : $"CONSUMER.CREATE.{Checked(stream)}.{Checked(name)}{FilterIn(consumer)}";
        consumer = consumer with { Name = consumer.Name ?? consumer.DurableName };
        return AskAsync(subject, new(stream, consumer), ApiJson.Default.ConsumerRequest, ApiJson.Default.NatsConsumerStatus,
            cancellationToken);
    }

    /// <summary>How a consumer is; null: there is none, or no such stream.</summary>
    /// <param name="stream">The stream that it reads.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<NatsConsumerStatus?> ConsumerAsync(string stream, string name, CancellationToken cancellationToken) =>
        FoundAsync(AskAsync<object, NatsConsumerStatus>($"CONSUMER.INFO.{Checked(stream)}.{Checked(name)}", null, null,
            ApiJson.Default.NatsConsumerStatus, cancellationToken));

    /// <summary>All consumers of a stream, in the order of their names.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async IAsyncEnumerable<NatsConsumerStatus> ConsumersAsync(
        string stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var at = 0; ;)
        {
            var page = await AskAsync($"CONSUMER.LIST.{Checked(stream)}", new PageRequest(at), ApiJson.Default.PageRequest,
                ApiJson.Default.ConsumerPage, cancellationToken).ConfigureAwait(false);
            if (page.Consumers.IsDefaultOrEmpty) { yield break; }
            foreach (var consumer in page.Consumers) { yield return consumer; }
            at += page.Consumers.Length;
            if (at >= page.Total) { yield break; }
        }
    }

    /// <summary>Deletes a consumer.</summary>
    /// <param name="stream">The stream that it reads.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False: there is none.</returns>
    public async Task<bool> DeleteConsumerAsync(string stream, string name, CancellationToken cancellationToken) =>
        await FoundAsync(AskAsync<object, ApiAnswer>($"CONSUMER.DELETE.{Checked(stream)}.{Checked(name)}", null, null,
            ApiJson.Default.ApiAnswer, cancellationToken)).ConfigureAwait(false) is not null;

    /// <summary>Reads a consumer: as many messages as there is space for are pulled ahead of who reads. It goes on over losses of the
    /// connection; what came before one and is delivered again is not given twice.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="consumer">The consumer, which is there and has <see cref="NatsAckPolicy.Explicit"/>.</param>
    /// <param name="options">How many at a time; null: as many as by default.</param>
    /// <param name="cancellationToken">Ends the sequence, without an exception.</param>
    /// <returns>Messages, each of which is to be answered: see <see cref="NatsStreamMessage"/>. At the end, those that were not given
    /// go back to the server.</returns>
    /// <exception cref="ArgumentException">A name cannot be one, or a setting is out of range. Thrown at once.</exception>
    /// <exception cref="TransportException">Thrown by the sequence: there is no such consumer, it is none that is pulled from and
    /// acknowledged message by message, or it has been gone for <see cref="NatsOptions.ReplyDeadline"/>.</exception>
    public IAsyncEnumerable<NatsStreamMessage> ReadAsync(
        string stream, string consumer, NatsReadOptions? options = null, CancellationToken cancellationToken = default) =>
        ConsumerReading.ReadAsync(this, Checked(stream), Checked(consumer), (options ?? new()).Checked(), cancellationToken);

    /// <summary>Publishes a message to a stream; done when the stream has it. Waits for the server while it is away, for a leader of the
    /// stream, and for space in it. After a loss of the connection it is sent again, with the same message id where it has one. Where
    /// nobody has answered for two seconds and the server has no stream that takes the subject, it fails.</summary>
    /// <param name="subject">Where to: a subject of NATS, such as <c>orders.p7</c>.</param>
    /// <param name="payload">The payload; not kept after the call is done.</param>
    /// <param name="options">What it asks of the stream.</param>
    /// <param name="cancellationToken">Gives up waiting; the message may have been taken.</param>
    /// <exception cref="ArgumentException">The subject, or what is asked of the stream, cannot be sent.</exception>
    /// <exception cref="TransportException">The server has no JetStream; no stream takes the subject; or it has had no leader for
    /// <see cref="NatsOptions.ReplyDeadline"/>.</exception>
    public ValueTask<NatsPublished> PublishAsync(string subject, ReadOnlyMemory<byte> payload, NatsPublishOptions options,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        var bytes = NatsText.Utf8(subject);
        if (NatsSubject.PublishFault(bytes) is { } fault) { throw new ArgumentException($"{fault}, got '{subject}'", nameof(subject)); }
        var headers = new ArrayBufferWriter<byte>();
        options.Write(headers);
        return _connection.Publisher.PublishAsync(
            bytes, headers.WrittenSpan, default, new(payload), options.FailsWhenFull, cancellationToken);
    }

    /// <summary>True if the server says that no stream takes a subject; false: one does, or it does not say.</summary>
    internal async Task<bool> IsUntakenAsync(string subject, CancellationToken cancellationToken)
    {
        try
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(new(subject), ApiJson.Default.NamesRequest);
            var names = await AskOnceAsync("STREAM.NAMES", body, ApiJson.Default.StreamNames, cancellationToken).ConfigureAwait(false);
            return names is { Total: 0, Streams: null or [] };
        }
        catch (Exception e) when (e is TransportException or JetStreamException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Reads a stored message; null: there is none.</summary>
    internal async Task<StoredMessage?> MessageAsync(string stream, MessageRequest request, CancellationToken cancellationToken) =>
        (await FoundAsync(AskAsync($"STREAM.MSG.GET.{stream}", request, ApiJson.Default.MessageRequest, ApiJson.Default.ApiAnswer,
            cancellationToken)).ConfigureAwait(false))?.Message;

    /// <summary>Names of streams and consumers are levels of subjects, and names of folders.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    internal static string Checked(string name)
    {
        const int MaxLength = 255;
        ArgumentException.ThrowIfNullOrEmpty(name);
        foreach (var character in name)
        {
            if (character is > ' ' and < (char)0x7F and not ('.' or '*' or '>' or '/' or '\\')) { continue; }
            throw new ArgumentException($"expected a name of visible ASCII without . * > / \\, got '{NatsText.Plain(name)}'", nameof(name));
        }

        return name.Length <= MaxLength ? name
            : throw new ArgumentException($"expected a name of at most {MaxLength} characters, got {name.Length}", nameof(name));
    }

    /// <summary>The error of what needs JetStream where there is none.</summary>
    internal static TransportException None(NatsConnection connection, Exception? cause) =>
        new($"{connection.Name}: the server has no JetStream (nats-server -js)", isTransient: false, cause);

    /// <summary>What a consumer reads, at the end of the subject that creates it. A server then refuses another filter in the message, so
    /// that a login can be permitted to read some subjects alone. Nothing can be published to a subject with wildcards.</summary>
    private static string FilterIn(NatsConsumer consumer) =>
        consumer.FilterSubject is { Length: > 0 } filter && NatsSubject.PublishFault(NatsText.Utf8(filter)) is null ? $".{filter}" : "";

    private async Task<TAnswer> AskAsync<TRequest, TAnswer>(string what, TRequest? request, JsonTypeInfo<TRequest>? requestType,
        JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
        where TAnswer : class
    {
        var body = request is null ? [] : JsonSerializer.SerializeToUtf8Bytes(request, requestType!);
        var since = _connection.Time.GetTimestamp();
        while (true)
        {
            try
            {
                return await AskOnceAsync(what, body, answerType, cancellationToken).ConfigureAwait(false);
            }
            catch (TransportException e) when (e.IsTransient && !_connection.HasJetStream)
            {
                throw None(_connection, e);
            }
            catch (Exception e) when (e is TransportException { IsTransient: true } or JetStreamException { IsTransient: true })
            {
                // a stream gets a leader, or the connection comes back: that takes seconds
                if (_connection.Time.GetElapsedTime(since) >= _connection.ReplyDeadline) { throw; }
                lock (_connection.Gate) { _connection.Counters.LastFault = e.Message; }
            }

            await Task.Delay(Pause, _connection.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<TAnswer> AskOnceAsync<TAnswer>(
        string what, byte[] body, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
        where TAnswer : class
    {
        var pending = _connection.Rent();
        try
        {
            var reply = await _connection.RequestAsync(pending, Encoding.UTF8.GetBytes(Prefix + what), default, default, new(body),
                cancellationToken, _connection.AnswerWithin).ConfigureAwait(false);
            return Read(what, reply, answerType);
        }
        finally
        {
            _connection.Return(pending);
        }
    }

    private static TAnswer Read<TAnswer>(string what, in NatsReply reply, JsonTypeInfo<TAnswer> type)
        where TAnswer : class
    {
        try
        {
            if (JsonSerializer.Deserialize(reply.Payload, ApiJson.Default.ApiAnswer)?.Error is { } error)
            {
                throw JetStreamException.Of(what, error);
            }

            return JsonSerializer.Deserialize(reply.Payload, type) ?? throw new JsonException("expected an object");
        }
        catch (JsonException e)
        {
            throw new TransportException($"{what}: the answer cannot be read", isTransient: false, e);
        }
    }

    private static async Task<T?> FoundAsync<T>(Task<T> asked)
        where T : class
    {
        try
        {
            return await asked.ConfigureAwait(false);
        }
        catch (JetStreamException e) when (e.Status == 404)
        {
            return null;
        }
    }
}
