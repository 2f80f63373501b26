using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace StreamLearn.Nats;

/// <summary>Named values of any size, stored in chunks with a SHA-256 digest, in the form that other clients use. Source: NATS ADR-20,
/// "JetStream based Object Stores".</summary>
/// <remarks>A value is there when its last chunk is: who reads sees the old one until then. Beside what each method names, each throws
/// <see cref="TransportException"/> and <see cref="JetStreamException"/>, as <see cref="NatsJetStream"/> says; a store that is full refuses
/// by the latter at once.</remarks>
public sealed class NatsObjects
{
    private const int ChunkBytes = 128 * 1024;
    private const int MaxUnderWay = 32;         // chunks; beyond what is written at once, so that the next is ready
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private const string DigestPrefix = "SHA-256=";
    private readonly NatsJetStream _jetStream;
    private readonly string _stream;

    private NatsObjects(NatsJetStream jetStream, string name) => (_jetStream, Name, _stream) = (jetStream, name, $"OBJ_{name}");

    /// <summary>The name of the store.</summary>
    public string Name { get; }

    /// <summary>Opens a store; makes it where it is missing. One that is there keeps its settings.</summary>
    /// <param name="jetStream">The server.</param>
    /// <param name="options">Its settings; it keeps one revision of each object, whatever they say of history.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static async Task<NatsObjects> OpenAsync(
        NatsJetStream jetStream, NatsBucketOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(jetStream);
        ArgumentNullException.ThrowIfNull(options);
        var objects = new NatsObjects(jetStream, NatsBucket.CheckedName(options.Name));
        var stream = options.ToStream() with
        {
            Name = objects._stream,
            Subjects = [$"$O.{options.Name}.C.>", $"$O.{options.Name}.M.>"],
            MaxMessagesPerSubject = -1,
            DenyDelete = false,
        };
        await jetStream.RequireStreamAsync(stream, cancellationToken).ConfigureAwait(false);
        return objects;
    }

    /// <summary>Opens a store that is there; null: there is none.</summary>
    /// <param name="jetStream">The server.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public static async Task<NatsObjects?> FindAsync(NatsJetStream jetStream, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(jetStream);
        var objects = new NatsObjects(jetStream, NatsBucket.CheckedName(name));
        return await jetStream.StreamAsync(objects._stream, cancellationToken).ConfigureAwait(false) is null ? null : objects;
    }

    /// <summary>Stores a value, in place of the one that has its name. Of several that are stored under a name at once the last one stays,
    /// whole, and nothing of the others.</summary>
    /// <remarks>Where it gives up or fails, what was stored of it is removed before it ends. Chunks stay where that cannot be: the program
    /// ends meanwhile, the server does not answer within <see cref="NatsOptions.ReplyDeadline"/> after the token was canceled, or a client
    /// that does not look what it replaces, as others do not, writes the same name at once.</remarks>
    /// <param name="name">Its name, any text.</param>
    /// <param name="value">The value; not kept after the call is done.</param>
    /// <param name="cancellationToken">Gives up: the value is stored, if the server had all of it, or else what was stored of it is
    /// removed, which takes <see cref="NatsOptions.ReplyDeadline"/> twice at most.</param>
    /// <exception cref="ArgumentException">The name is empty, or has half of a surrogate pair.</exception>
    public async Task<NatsObject> PutAsync(string name, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        MetaOf(name);
        cancellationToken.ThrowIfCancellationRequested();
        var stored = new NatsObject
        {
            Name = name,
            Bucket = Name,
            Nuid = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(15)),
            Size = value.Length,
            Mtime = _jetStream.Connection.Time.GetUtcNow(),
            Chunks = (value.Length + ChunkBytes - 1) / ChunkBytes,
            Digest = DigestOf(value.Span),
            Options = new(ChunkBytes),
        };
        var isUnknown = false;              // the server may have the entry, or get it yet: then its chunks stay
        NatsObject? replaced = null;
        try
        {
            await SendAsync(ChunksOf(stored.Nuid), value, cancellationToken).ConfigureAwait(false);
            while (true)
            {
                var (last, sequence) = await LastAsync(name, cancellationToken).ConfigureAwait(false);
                if (last?.Nuid == stored.Nuid) { break; }
                (replaced, isUnknown) = (last, true);
                if (await TryPublishAsync(stored, sequence, cancellationToken).ConfigureAwait(false)) { break; }
                isUnknown = false;
            }
        }
        catch (Exception e) when (!isUnknown || e is JetStreamException)
        {
            await GiveUpAsync(stored).ConfigureAwait(false);
            throw;
        }

        if (replaced is { Deleted: false }) { await RemoveAsync(replaced).ConfigureAwait(false); }
        return stored;
    }

    /// <summary>What is stored under a name; null: nothing.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidDataException">What is said of it cannot be read.</exception>
    public async Task<NatsObject?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var message = await EntryAsync(name, cancellationToken).ConfigureAwait(false);
        return message is not null && Read(name, message) is { Deleted: false } there ? there : null;
    }

    /// <summary>Reads a value; null: nothing is stored under its name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="maxBytes">Bytes that are taken at most.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidDataException">It is larger, chunks are missing, it does not have its digest, or what is said of it cannot
    /// be read.</exception>
    public async Task<byte[]?> GetAsync(string name, int maxBytes, CancellationToken cancellationToken)
    {
        for (NatsObject? before = null; ;)
        {
            if (await FindAsync(name, cancellationToken).ConfigureAwait(false) is not { } stored) { return null; }
            if (stored.Size < 0 || stored.Size > maxBytes)
            {
                throw new InvalidDataException($"object '{name}': expected at most {maxBytes} bytes, it has {stored.Size}");
            }

            if (await ReadAsync(stored, cancellationToken).ConfigureAwait(false) is { } value) { return value; }
            // chunks of a value that is being replaced may be gone already: then there is another one
            if (before?.Nuid == stored.Nuid)
            {
                throw new InvalidDataException($"object '{name}': expected {stored.Size} bytes in {stored.Chunks} chunks with digest "
                    + $"{NatsText.Plain(stored.Digest)}, got others");
            }

            before = stored;
        }
    }

    /// <summary>Removes a value; a mark that it is gone stays.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False: there is none.</returns>
    /// <exception cref="InvalidDataException">What is said of it cannot be read.</exception>
    public async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await EntryAsync(name, cancellationToken).ConfigureAwait(false) is not { } message
                || Read(name, message) is not { Deleted: false } there) { return false; }
            var mark = there with { Deleted = true, Size = 0, Chunks = 0, Digest = "", Mtime = _jetStream.Connection.Time.GetUtcNow() };
            if (!await TryPublishAsync(mark, (long)message.Seq, cancellationToken).ConfigureAwait(false)) { continue; }
            await RemoveAsync(there).ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>With padding: there are clients that read no other.</summary>
    private static string DigestOf(ReadOnlySpan<byte> value) => DigestPrefix + Padded(SHA256.HashData(value));

    private static string Padded(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '_');

    /// <summary>Some clients end a digest with the padding of Base64, others leave it out.</summary>
    private static bool IsDigest(string digest, ReadOnlySpan<byte> value) => digest.TrimEnd('=') == DigestOf(value).TrimEnd('=');

    /// <summary>Reads a value; null: it is not what is said of it.</summary>
    private async Task<byte[]?> ReadAsync(NatsObject stored, CancellationToken cancellationToken)
    {
        var (value, at, chunks) = (new byte[stored.Size], 0, 0);
        await foreach (var chunk in ChunksAsync(stored, cancellationToken).ConfigureAwait(false))
        {
            if (chunk.Length > value.Length - at) { return null; }
            chunk.Span.CopyTo(value.AsSpan(at));
            at += chunk.Length;
            if (++chunks == stored.Chunks) { break; }
        }

        return at == value.Length && IsDigest(stored.Digest, value) ? value : null;
    }

    private Task<StoredMessage?> EntryAsync(string name, CancellationToken cancellationToken) =>
        _jetStream.MessageAsync(_stream, new(null, MetaOf(name)), cancellationToken);

    private NatsObject Read(string name, StoredMessage message)
    {
        try
        {
            var stored = JsonSerializer.Deserialize(Convert.FromBase64String(message.Data ?? ""), ObjectJson.Default.NatsObject)
                ?? throw new JsonException("expected an object");
            if (stored.Name != name) { throw new JsonException("expected its name"); }
            if (stored.Nuid.Contains('.', StringComparison.Ordinal)
                || NatsSubject.PublishFault(Encoding.UTF8.GetBytes(ChunksOf(stored.Nuid))) is not null)
            {
                throw new JsonException("expected a name of its chunks that is a level of a subject");
            }

            return stored;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"object '{NatsText.Plain(name)}': expected what is said of a value", e);
        }
    }

    /// <summary>What a value takes the place of, and the number of its message. Null: of nothing, then 0, or of what cannot be
    /// read.</summary>
    private async Task<(NatsObject? Entry, long Sequence)> LastAsync(string name, CancellationToken cancellationToken)
    {
        if (await EntryAsync(name, cancellationToken).ConfigureAwait(false) is not { } message) { return (null, 0); }
        try { return (Read(name, message), (long)message.Seq); }
        catch (InvalidDataException) { return (null, (long)message.Seq); }
    }

    private string ChunksOf(string id) => $"$O.{Name}.C.{id}";

    private string MetaOf(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return $"$O.{Name}.M.{Padded(NatsText.Utf8(name))}";
    }

    private NatsPublishOptions Once() => new() { MessageId = _jetStream.Connection.NewId(), FailsWhenFull = true };

    /// <summary>Publishes the chunks of a value. When it ends, however it does, none is under way any more, as far as the server
    /// answers.</summary>
    private async Task SendAsync(string subject, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        using var end = new Patience(_jetStream.Connection, cancellationToken);
        Queue<Task> sent = [];
        try
        {
            for (var at = 0; at < value.Length; at += ChunkBytes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (sent.Count == MaxUnderWay) { await sent.Dequeue().ConfigureAwait(false); }
                var chunk = value.Slice(at, Math.Min(ChunkBytes, value.Length - at));
                sent.Enqueue(_jetStream.PublishAsync(subject, chunk, Once(), end.Token).AsTask());
            }

            while (sent.TryDequeue(out var last)) { await last.ConfigureAwait(false); }
        }
        catch
        {
            // one that is removed before it has come would stay
            end.Begin();
            foreach (var other in sent) { await other.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); }
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>Publishes what is said of a value, in the place of what was read.</summary>
    /// <param name="entry">What is said.</param>
    /// <param name="sequence">The number of the message that was read; 0: there was none.</param>
    /// <param name="cancellationToken">Gives up when the server does not answer, either.</param>
    /// <returns>False: there is another one meanwhile.</returns>
    private async Task<bool> TryPublishAsync(NatsObject entry, long sequence, CancellationToken cancellationToken)
    {
        using var end = new Patience(_jetStream.Connection, cancellationToken);
        var json = JsonSerializer.SerializeToUtf8Bytes(entry, ObjectJson.Default.NatsObject);
        try
        {
            var options = Once() with { Replaces = true, ExpectedLastSubjectSequence = sequence };
            await _jetStream.PublishAsync(MetaOf(entry.Name), json, options, end.Token).ConfigureAwait(false);
            return true;
        }
        catch (JetStreamException e) when (e.ErrorCode == JetStreamException.WrongLastSequence)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }

    /// <summary>Removes the chunks of a value that does not come to be, unless it is there after all.</summary>
    private async Task GiveUpAsync(NatsObject stored)
    {
        using var end = new Patience(_jetStream.Connection, CancellationToken.None);
        end.Begin();
        try
        {
            var (last, _) = await LastAsync(stored.Name, end.Token).ConfigureAwait(false);
            if (last?.Nuid == stored.Nuid) { return; }
            await _jetStream.PurgeStreamAsync(_stream, ChunksOf(stored.Nuid), end.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TransportException or JetStreamException or OperationCanceledException) { }
    }

    /// <summary>False: a value was replaced or removed, and the rest of its chunks does not come.</summary>
    private async Task<bool> IsThereAsync(NatsObject stored, CancellationToken cancellationToken)
    {
        try { return (await FindAsync(stored.Name, cancellationToken).ConfigureAwait(false))?.Nuid == stored.Nuid; }
        catch (TransportException e) when (e.IsTransient) { return true; }
    }

    /// <summary>Removes the chunks of a value that is not there any more, also where the caller gives up: nobody else does.</summary>
    private async Task RemoveAsync(NatsObject stored)
    {
        using var end = new Patience(_jetStream.Connection, CancellationToken.None);
        end.Begin();
        try
        {
            await _jetStream.PurgeStreamAsync(_stream, ChunksOf(stored.Nuid), end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw new TransportException(
                $"object '{NatsText.Plain(stored.Name)}': its chunks stay in the store, as the server did not answer",
                isTransient: true, e);
        }
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ChunksAsync(
        NatsObject stored, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (stored.Chunks == 0) { yield break; }
        var signal = new Signal();
        var reader = new JetReader(_jetStream, new()
        {
            Stream = _stream,
            Filter = ChunksOf(stored.Nuid),
            Acknowledges = false,
            Capacity = 32,
            KeptFor = NatsBucket.WatchKeptFor,
        }, static _ => Task.CompletedTask, signal);
        using var registration = cancellationToken.UnsafeRegister(static s => ((Signal)s!).Raise(), signal);
        using var look = _jetStream.Connection.Time.CreateTimer(static s => ((Signal)s!).Raise(), signal, LookEvery, LookEvery);
        var taken = new JetMessage[16];
        try
        {
            for (var idle = 0; ; idle++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var count = reader.Take(taken);
                for (var i = 0; i < count; i++)
                {
                    yield return taken[i].Payload;
                    reader.Settle(taken[i].Id, Outcome.Release);
                }

                if (count > 0)
                {
                    idle = 0;
                    continue;
                }

                if (reader.FailureNow is { } failure) { throw failure; }
                if (reader.IsThereOver) { yield break; }
                if (idle > 1 && !await IsThereAsync(stored, cancellationToken).ConfigureAwait(false)) { yield break; }
                await signal.WaitAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            reader.End();
        }
    }

    /// <summary>What is under way goes on when the caller gives up, for as long as an answer may take.</summary>
    private sealed class Patience : IDisposable
    {
        private readonly CancellationTokenSource _end;
        private readonly TimeSpan _deadline;
        private readonly CancellationTokenRegistration _given;

        internal Patience(NatsConnection connection, CancellationToken given)
        {
            (_end, _deadline) = (new(Timeout.InfiniteTimeSpan, connection.Time), connection.ReplyDeadline);
            _given = given.UnsafeRegister(static patience => ((Patience)patience!).Begin(), this);
        }

        internal CancellationToken Token => _end.Token;

        internal void Begin() => _end.CancelAfter(_deadline);

        /// <inheritdoc />
        public void Dispose()
        {
            _given.Dispose();
            _end.Dispose();
        }
    }
}
