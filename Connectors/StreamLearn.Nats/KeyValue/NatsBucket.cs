using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace StreamLearn.Nats;

/// <summary>A key-value bucket of a NATS server, of the same form as other clients use. Keys are letters, digits and <c>- _ = /</c>, in
/// levels parted by dots. Source: NATS ADR-8, "JetStream based Key-Value Stores".</summary>
/// <remarks>Beside what each method names, each throws <see cref="TransportException"/> and <see cref="JetStreamException"/>, as
/// <see cref="NatsJetStream"/> says; a bucket that is full refuses by the latter at once.</remarks>
public sealed class NatsBucket
{
    internal static readonly TimeSpan WatchKeptFor = TimeSpan.FromSeconds(30);
    private const int NotFound = 404;
    private const int Batch = 32;
    private readonly NatsJetStream _jetStream;
    private readonly string _prefix;
    private readonly string _stream;
    private readonly bool _readsDirect;     // one copy alone: what it says is the newest

    private NatsBucket(NatsJetStream jetStream, string name, NatsStreamStatus info)
    {
        (_jetStream, Name, _stream, _prefix) = (jetStream, name, StreamOf(name), $"$KV.{name}.");
        _readsDirect = info.Config is { AllowDirect: true, Replicas: 1 };
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Opens a bucket; makes it where it is missing. One that is there keeps its settings.</summary>
    /// <param name="jetStream">The server.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static async Task<NatsBucket> OpenAsync(NatsJetStream jetStream, NatsBucketOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(jetStream);
        ArgumentNullException.ThrowIfNull(options);
        var stream = await jetStream.RequireStreamAsync(options.ToStream(), cancellationToken).ConfigureAwait(false);
        return new(jetStream, options.Name, stream);
    }

    /// <summary>Opens a bucket that is there; null: there is none.</summary>
    /// <param name="jetStream">The server.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public static async Task<NatsBucket?> FindAsync(NatsJetStream jetStream, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(jetStream);
        return await jetStream.StreamAsync(StreamOf(CheckedName(name)), cancellationToken).ConfigureAwait(false) is { } info
            ? new(jetStream, name, info) : null;
    }

    /// <summary>Deletes a bucket with all it holds.</summary>
    /// <param name="jetStream">The server.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False: there is none.</returns>
    public static Task<bool> DeleteBucketAsync(NatsJetStream jetStream, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(jetStream);
        return jetStream.DeleteStreamAsync(StreamOf(CheckedName(name)), cancellationToken);
    }

    /// <summary>Sets a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; not kept after the call is done.</param>
    /// <param name="cancellationToken">Gives up waiting; the value may have been set.</param>
    /// <returns>Its revision.</returns>
    /// <exception cref="ArgumentException">The key cannot be one.</exception>
    public async ValueTask<long> PutAsync(string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        (await PublishAsync(key, value, Once(), cancellationToken).ConfigureAwait(false)).Sequence;

    /// <summary>Sets a key that has no value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; not kept after the call is done.</param>
    /// <param name="cancellationToken">Gives up waiting; the value may have been set.</param>
    /// <returns>Its revision; null: the key has a value.</returns>
    /// <exception cref="ArgumentException">The key cannot be one.</exception>
    public async ValueTask<long?> CreateAsync(string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        if (await UpdateAsync(key, value, revision: 0, cancellationToken).ConfigureAwait(false) is { } revision) { return revision; }
        var last = await ReadAsync(key, revision: null, cancellationToken).ConfigureAwait(false);
        return last is { Kind: not NatsEntryKind.Value }
            ? await UpdateAsync(key, value, last.Revision, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Sets a key that has a given revision, and no newer one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; not kept after the call is done.</param>
    /// <param name="revision">The revision it has; 0: it never had any.</param>
    /// <param name="cancellationToken">Gives up waiting; the value may have been set.</param>
    /// <returns>Its revision; null: it has another one than that given.</returns>
    /// <exception cref="ArgumentException">The key cannot be one.</exception>
    public async ValueTask<long?> UpdateAsync(
        string key, ReadOnlyMemory<byte> value, long revision, CancellationToken cancellationToken)
    {
        try
        {
            var options = Once() with { ExpectedLastSubjectSequence = revision };
            return (await PublishAsync(key, value, options, cancellationToken).ConfigureAwait(false)).Sequence;
        }
        catch (JetStreamException e) when (e.ErrorCode == JetStreamException.WrongLastSequence)
        {
            return null;
        }
    }

    /// <summary>The value of a key; null: it has none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">The key cannot be one.</exception>
    public async ValueTask<NatsEntry?> GetAsync(string key, CancellationToken cancellationToken) =>
        await ReadAsync(key, revision: null, cancellationToken).ConfigureAwait(false) is { Kind: NatsEntryKind.Value } entry ? entry : null;

    /// <summary>A revision of a key, be it a value or not; null: it is not kept.</summary>
    /// <param name="key">The key.</param>
    /// <param name="revision">The revision, from 1.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">The key cannot be one.</exception>
    public ValueTask<NatsEntry?> GetAsync(string key, long revision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(revision, 1);
        return ReadAsync(key, revision, cancellationToken);
    }

    /// <summary>Deletes a key; earlier revisions stay, as many as the bucket keeps.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">The key cannot be one.</exception>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken) =>
        await PublishAsync(key, default, Once() with { Operation = "DEL" }, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes a key with all its revisions; a mark that it is gone stays.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">The key cannot be one.</exception>
    public async ValueTask PurgeAsync(string key, CancellationToken cancellationToken) =>
        await PublishAsync(key, default, Once() with { Operation = "PURGE", Replaces = true }, cancellationToken).ConfigureAwait(false);

    /// <summary>Keys that have a value, in the order in which they were last set.</summary>
    /// <param name="filter">Which: <c>*</c> for a level, a last <c>&gt;</c> for the rest. Default all.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    public async IAsyncEnumerable<string> KeysAsync(
        string filter = ">", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var entry in ReadThereAsync(filter, NatsDeliverPolicy.LastPerSubject, cancellationToken).ConfigureAwait(false))
        {
            if (entry.Kind == NatsEntryKind.Value) { yield return entry.Key; }
        }
    }

    /// <summary>All revisions of a key that are kept, the oldest first.</summary>
    /// <param name="key">The key; or a filter, for those of many keys.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    public IAsyncEnumerable<NatsEntry> HistoryAsync(string key, CancellationToken cancellationToken) =>
        ReadThereAsync(key, NatsDeliverPolicy.All, cancellationToken);

    /// <summary>The newest revision of each key, then each change, without a gap, until it is canceled. It goes on over losses of the
    /// connection.</summary>
    /// <param name="filter">Which keys: <c>*</c> for a level, a last <c>&gt;</c> for the rest.</param>
    /// <param name="cancellationToken">Ends the sequence, without an exception.</param>
    public async IAsyncEnumerable<NatsEntry> WatchAsync(string filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in ReadAllAsync(filter, NatsDeliverPolicy.LastPerSubject, cancellationToken).ConfigureAwait(false))
        {
            if (entry is not null) { yield return entry; }
        }
    }

    internal static string StreamOf(string bucket) => $"KV_{bucket}";

    /// <exception cref="ArgumentException">The name has other characters than a bucket's.</exception>
    internal static string CheckedName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name
            : throw new ArgumentException("expected a bucket of letters, digits, '-' and '_'", nameof(name));
    }

    private async IAsyncEnumerable<NatsEntry> ReadThereAsync(
        string filter, NatsDeliverPolicy from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in ReadAllAsync(filter, from, cancellationToken).ConfigureAwait(false))
        {
            if (entry is null) { yield break; }
            yield return entry;
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Reads the bucket; null, once: that was all that was there.</summary>
    private async IAsyncEnumerable<NatsEntry?> ReadAllAsync(
        string filter, NatsDeliverPolicy from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (NatsSubject.FilterFault(NatsText.Utf8(filter)) is { } fault)
        {
            throw new ArgumentException($"{fault}, got '{filter}'");
        }

        var signal = new Signal();
        var reader = new JetReader(_jetStream, new()
        {
            Stream = _stream,
            Filter = _prefix + filter,
            Acknowledges = false,
            From = from,
            KeptFor = WatchKeptFor,
            Capacity = 256,
            SubjectPrefix = _prefix.Length,
        }, static _ => Task.CompletedTask, signal);
        using var registration = cancellationToken.UnsafeRegister(static s => ((Signal)s!).Raise(), signal);
        try
        {
            var taken = new JetMessage[Batch];
            var isOver = false;
            while (!cancellationToken.IsCancellationRequested)
            {
                var count = reader.Take(taken);
                for (var i = 0; i < count; i++)
                {
                    yield return EntryOf(taken[i]);
                    reader.Settle(taken[i].Id, Outcome.Release);
                }

                if (count > 0) { continue; }
                if (reader.FailureNow is { } failure) { throw failure; }
                if (!isOver && reader.IsThereOver)
                {
                    isOver = true;
                    yield return null;
                    continue;
                }

                await signal.WaitAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            reader.End();
        }
    }

    private NatsEntry EntryOf(in JetMessage message)
    {
        var kind = KindOf(message.Operation);
        return new(Encoding.UTF8.GetString(message.Subject.Span[_prefix.Length..]), message.Payload.ToArray(), message.Sequence,
            DateTimeOffset.UnixEpoch.AddTicks(message.Nanoseconds / 100), kind)
        {
            WasThere = message.IsRetained,
        };
    }

    /// <summary>Sent twice after a loss of the connection, the second is known as the first.</summary>
    private NatsPublishOptions Once() => new() { MessageId = _jetStream.Connection.NewId(), FailsWhenFull = true };

    private static NatsEntryKind KindOf(ReadOnlySpan<byte> operation) =>
        operation.SequenceEqual("DEL"u8) ? NatsEntryKind.Deleted
        : operation.SequenceEqual("PURGE"u8) ? NatsEntryKind.Purged : NatsEntryKind.Value;

    private ValueTask<NatsPublished> PublishAsync(
        string key, ReadOnlyMemory<byte> value, in NatsPublishOptions options, CancellationToken cancellationToken) =>
        _jetStream.PublishAsync(SubjectOf(key), value, options, cancellationToken);

    private string SubjectOf(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        var isKey = key[0] != '.' && key[^1] != '.' && !key.Contains("..", StringComparison.Ordinal)
            && key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '=' or '/' or '.');
        return isKey ? _prefix + key
            : throw new ArgumentException("expected a key of letters, digits and - _ = /, in levels parted by dots", nameof(key));
    }

    private async ValueTask<NatsEntry?> ReadAsync(string key, long? revision, CancellationToken cancellationToken)
    {
        var subject = SubjectOf(key);
        if (_readsDirect && revision is null) { return await ReadDirectAsync(key, subject, cancellationToken).ConfigureAwait(false); }
        var request = revision is { } sequence ? new MessageRequest((ulong)sequence, LastBySubj: null) : new MessageRequest(null, subject);
        var stored = await _jetStream.MessageAsync(_stream, request, cancellationToken).ConfigureAwait(false);
        if (stored is null || stored.Subject != subject) { return null; }
        var headers = Convert.FromBase64String(stored.Hdrs ?? "");
        var operation = headers.Length > 0 && NatsHeaders.FaultOf(headers) is null
            && new NatsHeaders(headers).TryFind("KV-Operation"u8, out var found) ? found : default;
        return new(key, Convert.FromBase64String(stored.Data ?? ""), (long)stored.Seq, stored.Time, KindOf(operation));
    }

    private async ValueTask<NatsEntry?> ReadDirectAsync(string key, string subject, CancellationToken cancellationToken)
    {
        var connection = _jetStream.Connection;
        var pending = connection.Rent();
        try
        {
            var asked = Encoding.UTF8.GetBytes($"$JS.API.DIRECT.GET.{_stream}.{subject}");
            var reply = await connection.RequestAsync(pending, asked, default, default, default, cancellationToken).ConfigureAwait(false);
            var headers = new NatsHeaders(reply.Headers);
            if (headers.Status == NotFound) { return null; }
            if (headers.Status != 0 || !headers.TryFind("Nats-Sequence"u8, out var sequence)
                || !long.TryParse(sequence, CultureInfo.InvariantCulture, out var revision))
            {
                throw new TransportException($"{subject}: the answer cannot be read", isTransient: false);
            }

            headers.TryFind("Nats-Time-Stamp"u8, out var time);
            DateTimeOffset.TryParse(Encoding.ASCII.GetString(time), CultureInfo.InvariantCulture, out var created);
            headers.TryFind("KV-Operation"u8, out var operation);
            return new(key, reply.Payload.ToArray(), revision, created, KindOf(operation));
        }
        finally
        {
            connection.Return(pending);
        }
    }
}
