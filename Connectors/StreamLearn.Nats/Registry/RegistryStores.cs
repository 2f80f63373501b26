using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.KeyValueStore;
using NATS.Client.ObjectStore;
using NATS.Client.ObjectStore.Models;

namespace StreamLearn.Nats;

internal sealed class RegistryStores : KeyStore
{
    private const int ChunkBytes = 128 * 1024;
    private const int StoresWithinTimeout = 3;
    private static readonly SearchValues<char> NoLevel = SearchValues.Create(" .*>\r\n\t");     // characters not allowed in a subject level
    private readonly INatsObjStore _objects;
    private readonly string _objectStream;

    private RegistryStores(string place, INatsJSContext jetStream, INatsKVStore keys, INatsObjStore objects)
        : base(place, jetStream, keys) => (_objects, _objectStream) = (objects, $"OBJ_{objects.Bucket}");

    /// <summary><paramref name="options"/>: null: nothing that is missing is created.</summary>
    internal static Task<RegistryStores?> OpenAsync(
        INatsConnection connection, string name, ModelRegistryOptions? options, CancellationToken cancellationToken)
    {
        var jetStream = Context(connection, AsksWithinTimeout);
        var (ofKeys, ofObjects) = (new NatsKVContext(jetStream), new NatsObjContext(Context(connection, StoresWithinTimeout)));
        var place = $"registry '{name}'";
        return AskAsync<RegistryStores?>(connection, place, async patience =>
        {
            var keys = await FindAsync(
                () => ofKeys.GetStoreAsync(name, patience.Token),
                options is null ? null : () => ofKeys.CreateStoreAsync(options.Entries, patience.Token)).ConfigureAwait(false);
            var objects = await FindAsync(
                () => ofObjects.GetObjectStoreAsync(name, patience.Token),
                options is null ? null : () => ofObjects.CreateObjectStoreAsync(options.Objects, patience.Token)).ConfigureAwait(false);
            return keys is null || objects is null ? null : new(place, jetStream, keys, objects);
        }, cancellationToken);
    }

    /// <summary>On failure, removes what was stored if the server can be reached.</summary>
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

    /// <summary>Ignores failures, because the caller already has a result or an exception.</summary>
    internal async Task RemoveUnusedAsync(string name, string chunks, bool isUsed)
    {
        try
        {
            var stored = await FindAsync(name, CancellationToken.None).ConfigureAwait(false);
            if (stored?.Nuid == chunks && isUsed) { return; }
            await AskAsync(async patience =>
            {
                if (stored is not null && !isUsed) { await _objects.DeleteAsync(name, patience.Token).ConfigureAwait(false); }
                return await JetStream.PurgeStreamAsync(_objectStream, new() { Filter = ChunksOf(chunks) }, patience.Token)
                    .ConfigureAwait(false);
            }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TransportException) { }
    }

    /// <summary>Null: missing or damaged.</summary>
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
            before = chunks;        // chunks of a replaced object may be gone, but then there is a newer one
        }
    }

    private string ChunksOf(string id) => $"$O.{_objects.Bucket}.C.{id}";

    /// <summary>Waits until the stream has processed everything that was sent. Messages are in order, but answers and purges are not, so a
    /// refusal of this message comes after all earlier ones.</summary>
    private async Task<bool> TrySettleAsync(string chunks)
    {
        try
        {
            await AskAsync(async patience =>
            {
                await InfoAsync(_objectStream, filter: null, offset: 0, patience).ConfigureAwait(false);
                return await JetStream.PublishAsync(ChunksOf(chunks), [], NatsRawSerializer<byte[]>.Default,
                    new() { ExpectedStream = "none" }, cancellationToken: patience.Token).ConfigureAwait(false);
            }, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (TransportException) { return false; }
    }

    /// <summary>Null if it is missing or cannot be read.</summary>
    private Task<ObjectMetadata?> FindAsync(string name, CancellationToken cancellationToken) => AskAsync<ObjectMetadata?>(async patience =>
    {
        try { return await _objects.GetInfoAsync(name, cancellationToken: patience.Token).ConfigureAwait(false); }
        catch (Exception e) when (e is NatsObjException or JsonException) { return null; }
    }, cancellationToken);

    /// <summary>Null: it does not match its metadata.</summary>
    private Task<byte[]?> TryLoadAsync(ObjectMetadata stored, byte[] content, CancellationToken cancellationToken) =>
        AskAsync<byte[]?>(async patience =>
        {
            if (content.Length == 0) { return content; }
            // the store would wait forever for a missing last chunk
            var filter = ChunksOf(stored.Nuid!);
            var info = await InfoAsync(_objectStream, filter, offset: 0, patience).ConfigureAwait(false);
            if (info.State.Subjects?.TryGetValue(filter, out var chunks) != true || chunks < stored.Chunks) { return null; }
            var stream = new ModelStream(content, patience);
            // in a cluster, the server that delivers the chunks may be dead
            var token = patience.Hurry(StoresWithinTimeout);
            try { await _objects.GetAsync(stored.Name, stream, leaveOpen: true, token).ConfigureAwait(false); }
            catch (Exception e) when (e is NatsObjException or NotSupportedException) { return null; }
            return stream.Position == content.Length ? content : null;
        }, cancellationToken);
}
