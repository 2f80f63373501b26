using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Client.KeyValueStore;
using NATS.Client.ObjectStore;
using NATS.Client.ObjectStore.Models;

namespace StreamLearn.Nats;

/// <summary>The newest revision of a key. <paramref name="Value"/>: its value; null: it was deleted.</summary>
internal readonly record struct RegistryEntry(string Key, byte[]? Value, ulong Revision);

/// <summary>The bucket and the object store of a registry. The official stores do the work; here is what they leave to the
/// caller.</summary>
internal sealed class RegistryStores
{
    private const int ChunkBytes = 128 * 1024;
    private const int Missing = 404, NoMessage = 10037, NameInUse = 10058;
    private const int MaxSubjectsOfAnAnswer = 100_000;
    private const int AsksWithinTimeout = 5, StoresWithinTimeout = 3, MaxTries = 100;
    private static readonly SearchValues<char> NoLevel = SearchValues.Create(" .*>\r\n\t");     // not in one level of a subject
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WatchedAtOnce = TimeSpan.FromMinutes(1);
    private readonly INatsJSContext _jetStream;
    private readonly INatsKVStore _keys;
    private readonly INatsObjStore _objects;
    private readonly string _keyStream, _objectStream;

    private RegistryStores(INatsJSContext jetStream, INatsKVStore keys, INatsObjStore objects) =>
        (_jetStream, _keys, _objects, _keyStream, _objectStream) = (jetStream, keys, objects, $"KV_{keys.Bucket}", $"OBJ_{objects.Bucket}");

    /// <summary>Opens the stores of a registry. <paramref name="options"/>: how to create what is missing; null: not at all.</summary>
    /// <returns>Null: there is none, and it was not to be created.</returns>
    internal static Task<RegistryStores?> OpenAsync(
        INatsConnection connection, string name, ModelRegistryOptions? options, CancellationToken cancellationToken)
    {
        var jetStream = Context(connection, AsksWithinTimeout);
        var (ofKeys, ofObjects) = (new NatsKVContext(jetStream), new NatsObjContext(Context(connection, StoresWithinTimeout)));
        return AskAsync<RegistryStores?>(connection, name, async patience =>
        {
            var keys = await FindAsync(
                () => ofKeys.GetStoreAsync(name, patience.Token),
                options is null ? null : () => ofKeys.CreateStoreAsync(options.Entries, patience.Token)).ConfigureAwait(false);
            var objects = await FindAsync(
                () => ofObjects.GetObjectStoreAsync(name, patience.Token),
                options is null ? null : () => ofObjects.CreateObjectStoreAsync(options.Objects, patience.Token)).ConfigureAwait(false);
            return keys is null || objects is null ? null : new(jetStream, keys, objects);
        }, cancellationToken);
    }

    /// <summary>The newest revision of a key; null: it never had any.</summary>
    internal Task<RegistryEntry?> ReadAsync(string key, CancellationToken cancellationToken) => AskAsync<RegistryEntry?>(async patience =>
    {
        try
        {
            // from the leader: a replica may give an older one, by which a pin would be overlooked
            var found = (await _jetStream.JSRequestResponseAsync<StreamMsgGetRequest, StreamMsgGetResponse>(
                $"{_jetStream.Opts.Prefix}.STREAM.MSG.GET.{_keyStream}", new() { LastBySubj = SubjectOf(key) }, patience.Token)
                .ConfigureAwait(false)).Message;
            var headers = found.Hdrs is { } hdrs ? Encoding.ASCII.GetString(Convert.FromBase64String(hdrs)) : "";
            var isValue = !headers.Contains("\r\nKV-Operation:", StringComparison.OrdinalIgnoreCase);
            return new(key, isValue ? found.Data.ToArray() : null, found.Seq);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == NoMessage)
        {
            return null;
        }
    }, cancellationToken);

    /// <summary>Sets a key that has a given revision, and no newer one.</summary>
    /// <returns>False: it has another one. If the answer to an earlier attempt was lost, it may be the one that was to be set.</returns>
    internal Task<bool> TryWriteAsync(string key, byte[] value, ulong revision, CancellationToken cancellationToken) =>
        AskAsync(async patience =>
        {
            var written = await _keys.TryUpdateAsync(key, value, revision, NatsRawSerializer<byte[]>.Default, patience.Token)
                .ConfigureAwait(false);
            if (written.Success) { return true; }
            return written.Error is NatsKVWrongLastRevisionException ? false : throw written.Error;
        }, cancellationToken);

    /// <summary>Sets a key.</summary>
    internal Task WriteAsync(string key, byte[] value, CancellationToken cancellationToken) => AskAsync(
        async patience => await _keys.PutAsync(key, value, NatsRawSerializer<byte[]>.Default, patience.Token).ConfigureAwait(false),
        cancellationToken);

    /// <summary>Deletes a key.</summary>
    internal Task DeleteAsync(string key, CancellationToken cancellationToken) => AskAsync(async patience =>
    {
        await _keys.DeleteAsync(key, cancellationToken: patience.Token).ConfigureAwait(false);
        return true;
    }, cancellationToken);

    /// <summary>The keys that a filter takes, those that were deleted among them.</summary>
    internal Task<List<string>> KeysAsync(string filter, CancellationToken cancellationToken) => AskAsync(async patience =>
    {
        List<string> keys = [];
        for (var isAll = false; !isAll;)
        {
            var page = (await InfoAsync(_keyStream, SubjectOf(filter), keys.Count, patience).ConfigureAwait(false)).State.Subjects;
            if (page is not null) { keys.AddRange(page.Keys.Select(s => s[SubjectOf("").Length..])); }
            isAll = page is null || page.Count < MaxSubjectsOfAnAnswer;
        }

        return keys;
    }, cancellationToken);

    /// <summary>The newest revision of each key that a filter takes.</summary>
    internal Task<List<RegistryEntry>> ListAsync(string filter, CancellationToken cancellationToken) => AskAsync(async patience =>
    {
        List<RegistryEntry> entries = [];
        var options = new NatsKVWatchOpts { OnNoData = static _ => ValueTask.FromResult(true) };
        await foreach (var entry in _keys.WatchAsync(filter, NatsRawSerializer<byte[]>.Default, options, patience.Token)
            .ConfigureAwait(false))
        {
            entries.Add(Of(entry));
            patience.Restart();
            if (entry.Delta == 0) { break; }
        }

        return entries;
    }, cancellationToken);

    /// <summary>The newest revision of each key that a filter takes, then each change, until it is canceled.</summary>
    internal async IAsyncEnumerable<RegistryEntry> WatchAsync(string filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (created, seen) = (default(DateTimeOffset), 0UL);
        while (!cancellationToken.IsCancellationRequested)
        {
            // anew after each loss of the connection, and from time to time: a watch does not tell when its stream is gone
            using var turn = new Patience(_jetStream.Connection, WatchedAtOnce, cancellationToken);
            var info = await PersistAsync(() => AskAsync(p => InfoAsync(_keyStream, filter: null, offset: 0, p), cancellationToken),
                cancellationToken).ConfigureAwait(false);
            if (info is not null)
            {
                var isAnother = info.Created != created || (ulong)info.State.LastSeq < seen;
                (created, seen) = (info.Created, isAnother ? 0 : seen);
                var entries = _keys.WatchAsync(filter, NatsRawSerializer<byte[]>.Default, cancellationToken: turn.Token)
                    .GetAsyncEnumerator(CancellationToken.None);
                await using var _ = entries.ConfigureAwait(false);
                while (await TryNextAsync(entries).ConfigureAwait(false))
                {
                    if (entries.Current.Revision <= seen) { continue; }
                    seen = entries.Current.Revision;
                    yield return Of(entries.Current);
                }
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks for as long as the server cannot be reached; default: it was canceled.</summary>
    internal static async Task<T?> PersistAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try { return await ask().ConfigureAwait(false); }
            catch (TransportException e) when (e.IsTransient) { }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested) { }
        }

        return default;
    }

    /// <summary>Stores a model under a name. Where it fails, what was stored of it is removed, if the server can be reached.</summary>
    /// <returns>What its chunks are named by.</returns>
    internal Task<string> StoreAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var bytes = MemoryMarshal.TryGetArray(content, out var array) ? array : new(content.ToArray());
        return AskAsync(async patience =>
        {
            var entry = new ObjectMetadata { Name = name, Options = new() { MaxChunkSize = ChunkBytes } };
            try
            {
                await _objects.PutAsync(entry, new ModelStream(bytes, patience), cancellationToken: patience.Token).ConfigureAwait(false);
                return entry.Nuid!;
            }
            catch
            {
                if (entry.Nuid is { } chunks && await TrySettleAsync(chunks).ConfigureAwait(false))
                {
                    await RemoveUnusedAsync(name, chunks, isUsed: true).ConfigureAwait(false);
                }

                throw;
            }
        }, cancellationToken);
    }

    /// <summary>Removes an object that is not used, and chunks that are not those of the object. They stay if the server does not answer:
    /// the caller has a result or an error already.</summary>
    internal async Task RemoveUnusedAsync(string name, string chunks, bool isUsed)
    {
        try
        {
            var stored = await FindAsync(name, CancellationToken.None).ConfigureAwait(false);
            if (stored?.Nuid == chunks && isUsed) { return; }
            await AskAsync(async patience =>
            {
                if (stored is not null && !isUsed) { await _objects.DeleteAsync(name, patience.Token).ConfigureAwait(false); }
                return await _jetStream.PurgeStreamAsync(_objectStream, new() { Filter = ChunksOf(chunks) }, patience.Token)
                    .ConfigureAwait(false);
            }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TransportException) { }
    }

    /// <summary>Reads a model; null: it is missing or damaged.</summary>
    internal async Task<byte[]?> LoadAsync(string name, int length, CancellationToken cancellationToken)
    {
        for (string? before = null; ;)
        {
            var stored = await FindAsync(name, cancellationToken).ConfigureAwait(false);
            if (stored is not { Nuid: { Length: > 0 } chunks } || stored.Size != (ulong)length || chunks.AsSpan().ContainsAny(NoLevel)
                || chunks == before)
            {
                return null;
            }

            if (await TryLoadAsync(stored, new byte[length], cancellationToken).ConfigureAwait(false) is { } content) { return content; }
            before = chunks;        // of one that is being replaced they may be gone already: then there is another one
        }
    }

    /// <summary>A stream that has no leader, as for seconds after a server of a cluster died, gives no answer: it is asked again.</summary>
    private static NatsJSContext Context(INatsConnection connection, int asks) =>
        new(connection, new NatsJSOpts(connection.Opts, requestTimeout: connection.Opts.RequestTimeout / asks));

    private static async Task<T?> FindAsync<T>(Func<ValueTask<T>> find, Func<ValueTask<T>>? create)
        where T : class
    {
        try
        {
            return await find().ConfigureAwait(false);
        }
        catch (NatsJSApiException e) when (e.Error.Code == Missing)
        {
            if (create is null) { return null; }
        }

        try
        {
            return await create().ConfigureAwait(false);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == NameInUse)      // somebody else created it meanwhile
        {
            return await find().ConfigureAwait(false);
        }
    }

    /// <summary>Asks until there is an answer; again while the server says "not now" or cannot be reached.</summary>
    /// <exception cref="TransportException">It refused, or did not answer in time.</exception>
    private static async Task<T> AskAsync<T>(
        INatsConnection connection, string name, Func<Patience, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var patience = new Patience(connection, connection.Opts.RequestTimeout, cancellationToken);
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await ask(patience).ConfigureAwait(false);
            }
            catch (Exception e) when (NatsFailure.Of($"registry '{name}'", e, connection) is { } failure)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!failure.IsTransient || patience.IsOver || tries == MaxTries) { throw failure; }
            }

            await patience.PauseAsync(Pause).ConfigureAwait(false);
        }
    }

    private static async ValueTask<bool> TryNextAsync<T>(IAsyncEnumerator<T> sequence)
    {
        try { return await sequence.MoveNextAsync().ConfigureAwait(false); }
        catch (Exception e) when (e is OperationCanceledException or NatsException) { return false; }
    }

    private static RegistryEntry Of(NatsKVEntry<byte[]> entry) =>
        new(entry.Key, entry.Operation == NatsKVOperation.Put ? entry.Value ?? [] : null, entry.Revision);

    private Task<T> AskAsync<T>(Func<Patience, Task<T>> ask, CancellationToken cancellationToken) =>
        AskAsync(_jetStream.Connection, _keys.Bucket, ask, cancellationToken);

    private string SubjectOf(string key) => $"$KV.{_keys.Bucket}.{key}";

    private string ChunksOf(string id) => $"$O.{_objects.Bucket}.C.{id}";

    /// <summary>A stream as it is now. <paramref name="filter"/>: subjects of which the number of messages is asked for; null: of none.
    /// <paramref name="offset"/>: how many of these subjects are left out.</summary>
    private async Task<StreamInfo> InfoAsync(string stream, string? filter, int offset, Patience patience) =>
        (await _jetStream.GetStreamAsync(
            stream, filter is null ? null : new() { SubjectsFilter = filter, Offset = offset }, patience.Token)
            .ConfigureAwait(false)).Info;

    /// <summary>Waits until the stream has all that was sent to it. It takes messages in order, but answers and purges out of it: before it
    /// refuses this one, it has all before.</summary>
    /// <returns>False: it does not answer, or is gone.</returns>
    private async Task<bool> TrySettleAsync(string chunks)
    {
        try
        {
            await AskAsync(async patience =>
            {
                await InfoAsync(_objectStream, filter: null, offset: 0, patience).ConfigureAwait(false);
                return await _jetStream.PublishAsync(ChunksOf(chunks), [], NatsRawSerializer<byte[]>.Default,
                    new() { ExpectedStream = "none" }, cancellationToken: patience.Token).ConfigureAwait(false);
            }, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (TransportException)
        {
            return false;
        }
    }

    /// <summary>What is said of an object; null: there is none, or it cannot be read.</summary>
    private Task<ObjectMetadata?> FindAsync(string name, CancellationToken cancellationToken) => AskAsync<ObjectMetadata?>(async patience =>
    {
        try { return await _objects.GetInfoAsync(name, cancellationToken: patience.Token).ConfigureAwait(false); }
        catch (Exception e) when (e is NatsObjException or JsonException) { return null; }
    }, cancellationToken);

    /// <summary>Reads an object; null: it is not what is said of it.</summary>
    private Task<byte[]?> TryLoadAsync(ObjectMetadata stored, byte[] content, CancellationToken cancellationToken) =>
        AskAsync<byte[]?>(async patience =>
        {
            if (content.Length == 0) { return content; }
            // the store waits for ever for a chunk that is missing at the end
            var filter = ChunksOf(stored.Nuid!);
            var info = await InfoAsync(_objectStream, filter, offset: 0, patience).ConfigureAwait(false);
            if (info.State.Subjects?.TryGetValue(filter, out var chunks) != true || chunks < stored.Chunks) { return null; }
            var stream = new ModelStream(content, patience);
            // in a cluster, the server that was to give the chunks may be dead
            var token = patience.Hurry(StoresWithinTimeout);
            try { await _objects.GetAsync(stored.Name, stream, leaveOpen: true, token).ConfigureAwait(false); }
            catch (Exception e) when (e is NatsObjException or NotSupportedException) { return null; }
            return stream.Position == content.Length ? content : null;
        }, cancellationToken);
}
