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

/// <summary>The newest revision of a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">Its value; null: it was deleted.</param>
/// <param name="Revision">Its number in the bucket.</param>
internal readonly record struct RegistryEntry(string Key, byte[]? Value, ulong Revision);

/// <summary>The bucket and the object store of a registry. The official stores do the work; here is what they leave to the
/// caller.</summary>
internal sealed class RegistryStores
{
    private const int ChunkBytes = 128 * 1024;
    private const int NameInUse = 10058;
    private const int MaxSubjectsOfAnAnswer = 100_000;
    private const int AsksWithinTimeout = 5, StoresWithinTimeout = 2;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WatchedAtOnce = TimeSpan.FromMinutes(1);
    private readonly INatsJSContext _jetStream;
    private readonly INatsKVStore _keys;
    private readonly INatsObjStore _objects;
    private readonly INatsJSStream _keyStream, _objectStream;
    private readonly string _place;

    private RegistryStores(
        INatsJSContext jetStream, INatsKVStore keys, INatsObjStore objects, INatsJSStream keyStream, INatsJSStream objectStream)
    {
        (_jetStream, _keys, _objects, _keyStream, _objectStream) = (jetStream, keys, objects, keyStream, objectStream);
        _place = $"registry '{keys.Bucket}'";
    }

    /// <summary>Opens the stores of a registry; creates what is missing.</summary>
    internal static Task<RegistryStores> OpenAsync(
        INatsConnection connection, ModelRegistryOptions options, CancellationToken cancellationToken)
    {
        var (entries, objects, jetStream) = (options.Entries, options.Objects, Context(connection, AsksWithinTimeout));
        var (ofKeys, ofObjects) = (new NatsKVContext(jetStream), new NatsObjContext(Context(connection, StoresWithinTimeout)));
        return AskAsync(connection, $"registry '{options.Name}'", async patience => await OfAsync(
            jetStream,
            await FindOrCreateAsync(
                () => ofKeys.GetStoreAsync(options.Name, patience.Token),
                () => ofKeys.CreateStoreAsync(entries, patience.Token)).ConfigureAwait(false),
            await FindOrCreateAsync(
                () => ofObjects.GetObjectStoreAsync(options.Name, patience.Token),
                () => ofObjects.CreateObjectStoreAsync(objects, patience.Token)).ConfigureAwait(false),
            patience.Token).ConfigureAwait(false), cancellationToken);
    }

    /// <summary>Opens the stores of a registry; null: there are none.</summary>
    internal static Task<RegistryStores?> FindAsync(INatsConnection connection, string name, CancellationToken cancellationToken)
    {
        var (jetStream, ofObjects) = (
            Context(connection, AsksWithinTimeout), new NatsObjContext(Context(connection, StoresWithinTimeout)));
        return AskAsync<RegistryStores?>(connection, $"registry '{name}'", async patience =>
        {
            try
            {
                var keys = await new NatsKVContext(jetStream).GetStoreAsync(name, patience.Token).ConfigureAwait(false);
                var objects = await ofObjects.GetObjectStoreAsync(name, patience.Token).ConfigureAwait(false);
                return await OfAsync(jetStream, keys, objects, patience.Token).ConfigureAwait(false);
            }
            catch (NatsJSApiException e) when (NatsFailure.IsMissing(e))
            {
                return null;
            }
        }, cancellationToken);
    }

    /// <summary>The newest revision of a key; null: it never had any.</summary>
    internal Task<RegistryEntry?> ReadAsync(string key, CancellationToken cancellationToken) => AskAsync<RegistryEntry?>(async patience =>
    {
        try
        {
            // from the leader: a replica may give an older one, by which a pin would be overlooked
            var found = (await _keyStream.GetAsync(new() { LastBySubj = SubjectOf(key) }, patience.Token).ConfigureAwait(false)).Message;
            var headers = found.Hdrs is { } hdrs ? Encoding.ASCII.GetString(Convert.FromBase64String(hdrs)) : "";
            var isValue = !headers.Contains("\r\nKV-Operation:", StringComparison.OrdinalIgnoreCase);
            return new(key, isValue ? found.Data.ToArray() : null, found.Seq);
        }
        catch (NatsJSApiException e) when (NatsFailure.IsNoMessage(e))
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
            var request = new StreamInfoRequest { SubjectsFilter = SubjectOf(filter), Offset = keys.Count };
            var info = await _jetStream.GetStreamAsync($"KV_{_keys.Bucket}", request, patience.Token).ConfigureAwait(false);
            var page = info.Info.State.Subjects;
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
            patience.Restart();
            entries.Add(Of(entry));
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
            if (await TryInfoAsync(cancellationToken).ConfigureAwait(false) is { } info)
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

    /// <summary>Stores a model under a name. Where it fails, what was stored of it is removed, if the server can be reached.</summary>
    /// <returns>What its chunks are named by.</returns>
    internal Task<string> StoreAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var bytes = MemoryMarshal.TryGetArray(content, out var array) ? array : new(content.ToArray());
        return AskAsync(async patience =>
        {
            var entry = new ObjectMetadata { Name = name, Options = new() { MaxChunkSize = ChunkBytes } };
            var stored = false;
            try
            {
                await _objects.PutAsync(entry, new ModelStream(bytes, patience), cancellationToken: patience.Token).ConfigureAwait(false);
                stored = true;
                return entry.Nuid!;
            }
            finally
            {
                if (!stored && entry.Nuid is { } chunks) { await RemoveUnusedAsync(name, chunks).ConfigureAwait(false); }
            }
        }, cancellationToken);
    }

    /// <summary>Removes chunks unless they are those of the object. They stay if the server does not answer: the caller has a result or an
    /// error already.</summary>
    internal async Task RemoveUnusedAsync(string name, string chunks)
    {
        try
        {
            if ((await FindAsync(name, CancellationToken.None).ConfigureAwait(false))?.Nuid == chunks) { return; }
            await AskAsync(async patience =>
            {
                await _objectStream.RefreshAsync(patience.Token).ConfigureAwait(false);     // one that is gone ends it here
                // a stream takes messages in order, but is purged out of it: before it refuses this one, it has all that were sent
                var last = new NatsJSPubOpts { ExpectedStream = "none" };
                await _jetStream.PublishAsync(ChunksOf(chunks), [], NatsRawSerializer<byte[]>.Default, last, cancellationToken: patience.Token)
                    .ConfigureAwait(false);
                return await _objectStream.PurgeAsync(new() { Filter = ChunksOf(chunks) }, patience.Token).ConfigureAwait(false);
            }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TransportException) { }
    }

    /// <summary>Removes an object.</summary>
    internal Task RemoveAsync(string name, CancellationToken cancellationToken) => AskAsync(async patience =>
    {
        try
        {
            await _objects.DeleteAsync(name, patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (NatsObjNotFoundException)
        {
            return false;
        }
    }, cancellationToken);

    /// <summary>Reads a model; null: it is missing or damaged.</summary>
    internal async Task<byte[]?> LoadAsync(string name, int length, CancellationToken cancellationToken)
    {
        for (string? before = null; ;)
        {
            var stored = await FindAsync(name, cancellationToken).ConfigureAwait(false);
            if (stored is not { Nuid: { Length: > 0 } chunks } || stored.Size != (ulong)length || chunks.AsSpan().ContainsAny(" .*>\r\n\t")
                || chunks == before)
            {
                return null;
            }

            if (await TryLoadAsync(stored, new byte[length], cancellationToken).ConfigureAwait(false) is { } content) { return content; }
            before = chunks;        // of one that is being replaced they may be gone already: then there is another one
        }
    }

    private static async Task<RegistryStores> OfAsync(
        NatsJSContext jetStream, INatsKVStore keys, INatsObjStore objects, CancellationToken cancellationToken) => new(
        jetStream, keys, objects,
        await jetStream.GetStreamAsync($"KV_{keys.Bucket}", cancellationToken: cancellationToken).ConfigureAwait(false),
        await jetStream.GetStreamAsync($"OBJ_{objects.Bucket}", cancellationToken: cancellationToken).ConfigureAwait(false));

    /// <summary>A stream that has no leader, as for seconds after a server of a cluster died, gives no answer: it is asked again.</summary>
    private static NatsJSContext Context(INatsConnection connection, int asks) =>
        new(connection, new NatsJSOpts(connection.Opts, requestTimeout: connection.Opts.RequestTimeout / asks));

    private static async Task<T> FindOrCreateAsync<T>(Func<ValueTask<T>> find, Func<ValueTask<T>> create)
    {
        try
        {
            return await find().ConfigureAwait(false);
        }
        catch (NatsJSApiException e) when (NatsFailure.IsMissing(e)) { }

        try
        {
            return await create().ConfigureAwait(false);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == NameInUse)        // somebody else created it meanwhile
        {
            return await find().ConfigureAwait(false);
        }
    }

    /// <summary>Asks until there is an answer; again while the server says "not now" or cannot be reached.</summary>
    /// <exception cref="TransportException">It refused, or did not answer in time.</exception>
    private static async Task<T> AskAsync<T>(
        INatsConnection connection, string place, Func<Patience, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var patience = new Patience(connection, connection.Opts.RequestTimeout, cancellationToken);
        while (true)
        {
            try
            {
                return await ask(patience).ConfigureAwait(false);
            }
            catch (Exception e) when (NatsFailure.Of(place, e, connection) is { } failure)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!failure.IsTransient || patience.IsOver) { throw failure; }
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
        AskAsync(_jetStream.Connection, _place, ask, cancellationToken);

    private string SubjectOf(string key) => $"$KV.{_keys.Bucket}.{key}";

    private string ChunksOf(string id) => $"$O.{_objects.Bucket}.C.{id}";

    /// <summary>The stream of the keys as it is now; null: the server cannot be reached.</summary>
    private async Task<StreamInfo?> TryInfoAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(async patience => (await _jetStream.GetStreamAsync(
                $"KV_{_keys.Bucket}", cancellationToken: patience.Token).ConfigureAwait(false)).Info, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or TransportException { IsTransient: true })
        {
            return null;
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
            var info = await _jetStream.GetStreamAsync($"OBJ_{_objects.Bucket}", new() { SubjectsFilter = filter }, patience.Token)
                .ConfigureAwait(false);
            if (info.Info.State.Subjects?.TryGetValue(filter, out var chunks) != true || chunks < stored.Chunks) { return null; }
            var stream = new ModelStream(content, patience);
            try { await _objects.GetAsync(stored.Name, stream, leaveOpen: true, patience.Token).ConfigureAwait(false); }
            catch (Exception e) when (e is NatsObjException or NotSupportedException) { return null; }
            return stream.Position == content.Length ? content : null;
        }, cancellationToken);
}
