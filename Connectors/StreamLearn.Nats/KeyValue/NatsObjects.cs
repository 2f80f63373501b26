using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace StreamLearn.Nats;

/// <summary>Named values of any size, stored in chunks with a SHA-256 digest, in the form that other clients use. Source: NATS ADR-20,
/// "JetStream based Object Stores".</summary>
/// <remarks>A value is there when its last chunk is: who reads sees the old one until then. Beside what each method names, each throws
/// <see cref="TransportException"/> and <see cref="JetStreamException"/>, as <see cref="NatsJetStream"/> says.</remarks>
public sealed class NatsObjects
{
    private const int ChunkBytes = 128 * 1024;
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

    /// <summary>Stores a value, in place of the one that has its name.</summary>
    /// <param name="name">Its name, any text.</param>
    /// <param name="value">The value; not kept after the call is done.</param>
    /// <param name="cancellationToken">Gives up: the value may have been stored, or else what was stored of it is removed.</param>
    public async Task<NatsObject> PutAsync(string name, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var before = await BeforeAsync(name, cancellationToken).ConfigureAwait(false);
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(15));
        var chunks = ChunksOf(id);
        try
        {
            List<Task> sent = [];
            for (var at = 0; at < value.Length; at += ChunkBytes)
            {
                var chunk = value.Slice(at, Math.Min(ChunkBytes, value.Length - at));
                sent.Add(_jetStream.PublishAsync(chunks, chunk, Once(), cancellationToken).AsTask());
            }

            await Task.WhenAll(sent).ConfigureAwait(false);
        }
        catch
        {
            await GiveUpAsync(chunks).ConfigureAwait(false);
            throw;
        }

        var stored = new NatsObject
        {
            Name = name,
            Bucket = Name,
            Nuid = id,
            Size = value.Length,
            Mtime = _jetStream.Connection.Time.GetUtcNow(),
            Chunks = (value.Length + ChunkBytes - 1) / ChunkBytes,
            Digest = DigestOf(value.Span),
            Options = new(ChunkBytes),
        };
        try
        {
            await PublishAsync(stored, cancellationToken).ConfigureAwait(false);
        }
        catch (JetStreamException)
        {
            await GiveUpAsync(chunks).ConfigureAwait(false);
            throw;
        }

        // from here on, and whenever no answer came, the value may be there: its chunks stay
        if (before is not null) { await RemoveAsync(before, cancellationToken).ConfigureAwait(false); }
        return stored;
    }

    /// <summary>What is stored under a name; null: nothing.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidDataException">What is said of it cannot be read.</exception>
    public async Task<NatsObject?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var message = await _jetStream.MessageAsync(_stream, new(null, MetaOf(name)), cancellationToken).ConfigureAwait(false);
        return message is null ? null : Read(name, Convert.FromBase64String(message.Data ?? "")) is { Deleted: false } there ? there : null;
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
                    + $"{stored.Digest}, got others");
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
        if (await FindAsync(name, cancellationToken).ConfigureAwait(false) is not { } there) { return false; }
        var mark = there with { Deleted = true, Size = 0, Chunks = 0, Digest = "", Mtime = _jetStream.Connection.Time.GetUtcNow() };
        await PublishAsync(mark, cancellationToken).ConfigureAwait(false);
        await RemoveAsync(there, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static string DigestOf(ReadOnlySpan<byte> value) => DigestPrefix + Base64Url.EncodeToString(SHA256.HashData(value));

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

    private NatsObject Read(string name, byte[] json)
    {
        try
        {
            var stored = JsonSerializer.Deserialize(json, ObjectJson.Default.NatsObject) ?? throw new JsonException("expected an object");
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
            throw new InvalidDataException($"object '{name}': expected what is said of a value", e);
        }
    }

    /// <summary>What a value takes the place of; null: of nothing, or of what cannot be read.</summary>
    private async Task<NatsObject?> BeforeAsync(string name, CancellationToken cancellationToken)
    {
        try { return await FindAsync(name, cancellationToken).ConfigureAwait(false); }
        catch (InvalidDataException) { return null; }
    }

    private string ChunksOf(string id) => $"$O.{Name}.C.{id}";

    private string MetaOf(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var padded = Convert.ToBase64String(Encoding.UTF8.GetBytes(name)).Replace('+', '-').Replace('/', '_');
        return $"$O.{Name}.M.{padded}";
    }

    private NatsPublishOptions Once() => new() { MessageId = _jetStream.Connection.NewId() };

    private async Task PublishAsync(NatsObject stored, CancellationToken cancellationToken) => await _jetStream.PublishAsync(
        MetaOf(stored.Name), JsonSerializer.SerializeToUtf8Bytes(stored, ObjectJson.Default.NatsObject), Once() with { Replaces = true },
        cancellationToken).ConfigureAwait(false);

    /// <summary>Removes the chunks of a value that does not come to be.</summary>
    private async Task GiveUpAsync(string chunks)
    {
        using var patience = new CancellationTokenSource(_jetStream.Connection.ReplyDeadline, _jetStream.Connection.Time);
        try { await _jetStream.PurgeStreamAsync(_stream, chunks, patience.Token).ConfigureAwait(false); }
        catch (Exception e) when (e is TransportException or JetStreamException or OperationCanceledException) { }
    }

    /// <summary>False: a value was replaced or removed, and the rest of its chunks does not come.</summary>
    private async Task<bool> IsThereAsync(NatsObject stored, CancellationToken cancellationToken)
    {
        try { return (await FindAsync(stored.Name, cancellationToken).ConfigureAwait(false))?.Nuid == stored.Nuid; }
        catch (TransportException e) when (e.IsTransient) { return true; }
    }

    private Task<long> RemoveAsync(NatsObject stored, CancellationToken cancellationToken) =>
        _jetStream.PurgeStreamAsync(_stream, ChunksOf(stored.Nuid), cancellationToken);

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
}
