using System.Runtime.CompilerServices;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Client.KeyValueStore;

namespace StreamLearn.Nats;

/// <summary><paramref name="Value"/>: null: the key was deleted.</summary>
internal readonly record struct RegistryEntry(string Key, byte[]? Value, ulong Revision);

internal class KeyStore
{
    private protected const int AsksWithinTimeout = 5;
    private const int Missing = 404, NoMessage = 10037, NameInUse = 10058, NoStream = 10059;
    private const int MaxSubjectsOfAnAnswer = 100_000;
    private const int MaxTries = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WatchedAtOnce = TimeSpan.FromMinutes(1);
    private readonly INatsKVStore _keys;
    private readonly string _place, _keyStream;
    private readonly Func<Patience, Task>? _make;

    private protected KeyStore(string place, INatsJSContext jetStream, INatsKVStore keys, Func<Patience, Task>? make = null) =>
        (_place, JetStream, _keys, _keyStream, _make) = (place, jetStream, keys, $"KV_{keys.Bucket}", make);

    /// <summary>An object that changes with each connection; revisions are valid only for the bucket as seen over the same one.</summary>
    internal object? Server => JetStream.Connection.ServerInfo;

    private protected INatsJSContext JetStream { get; }

    /// <summary>Creates the bucket if it is missing, now or later.</summary>
    internal static Task<KeyStore> OpenAsync(INatsConnection connection, NatsKVConfig bucket, CancellationToken cancellationToken)
    {
        var jetStream = Context(connection, AsksWithinTimeout);
        var (ofKeys, place) = (new NatsKVContext(jetStream), $"bucket '{bucket.Bucket}'");
        Task<INatsKVStore?> MakeAsync(Patience patience) => FindAsync(
            () => ofKeys.GetStoreAsync(bucket.Bucket, patience.Token), () => ofKeys.CreateStoreAsync(bucket, patience.Token));
        return AskAsync(connection, place, async patience =>
            new KeyStore(place, jetStream, (await MakeAsync(patience).ConfigureAwait(false))!, MakeAsync), cancellationToken);
    }

    /// <summary>Null: the key never had a revision.</summary>
    internal Task<RegistryEntry?> ReadAsync(string key, CancellationToken cancellationToken) => AskAsync<RegistryEntry?>(async patience =>
    {
        try
        {
            // from the leader, because an outdated replica could hide a pin
            var found = (await JetStream.JSRequestResponseAsync<StreamMsgGetRequest, StreamMsgGetResponse>(
                $"{JetStream.Opts.Prefix}.STREAM.MSG.GET.{_keyStream}", new() { LastBySubj = SubjectOf(key) }, patience.Token)
                .ConfigureAwait(false)).Message;
            var headers = found.Hdrs is { } hdrs ? Encoding.ASCII.GetString(Convert.FromBase64String(hdrs)) : "";
            var isValue = !headers.Contains("\r\nKV-Operation:", StringComparison.OrdinalIgnoreCase);
            return new(key, isValue ? found.Data.ToArray() : null, found.Seq);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == NoMessage) { return null; }
    }, cancellationToken);

    /// <summary>Null: another revision. <paramref name="server"/>: that of the read, if a server may lose the bucket; null: any.</summary>
    internal Task<ulong?> TryWriteAsync(
        string key, byte[] value, ulong revision, CancellationToken cancellationToken, object? server = null) =>
        AskAsync<ulong?>(async patience =>
        {
            if (server is not null && server != Server) { return null; }
            var written = await _keys.TryUpdateAsync(key, value, revision, NatsRawSerializer<byte[]>.Default, patience.Token)
                .ConfigureAwait(false);
            if (written.Success) { return written.Value; }
            return written.Error is NatsKVWrongLastRevisionException ? null : throw written.Error;
        }, cancellationToken);

    internal Task WriteAsync(string key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) => AskAsync(
        async patience => await _keys.PutAsync(key, value, NatsRawSerializer<ReadOnlyMemory<byte>>.Default, patience.Token)
            .ConfigureAwait(false),
        cancellationToken);

    internal Task DeleteAsync(string key, CancellationToken cancellationToken) => AskAsync(async patience =>
    {
        await _keys.DeleteAsync(key, cancellationToken: patience.Token).ConfigureAwait(false);
        return true;
    }, cancellationToken);

    /// <summary>Removes keys with their history.</summary>
    internal Task PurgeAsync(string filter, CancellationToken cancellationToken) => AskAsync(
        patience => JetStream.PurgeStreamAsync(_keyStream, new() { Filter = SubjectOf(filter) }, patience.Token).AsTask(),
        cancellationToken);

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

    /// <summary>Returns the current revisions, then each change.</summary>
    internal async IAsyncEnumerable<RegistryEntry> WatchAsync(string filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (created, seen) = (default(DateTimeOffset), 0UL);
        while (!cancellationToken.IsCancellationRequested)
        {
            // restarted after each loss of the connection and periodically, because a watch does not report that its stream is gone
            using var turn = new Patience(JetStream.Connection, WatchedAtOnce, cancellationToken);
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

    /// <summary>Retries while the server cannot be reached; returns default if canceled.</summary>
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

    /// <summary>A stream without a leader, for seconds after a server died, does not answer, so requests are retried.</summary>
    private protected static NatsJSContext Context(INatsConnection connection, int asks) =>
        new(connection, new NatsJSOpts(connection.Opts, requestTimeout: connection.Opts.RequestTimeout / asks));

    private protected static async Task<T?> FindAsync<T>(Func<ValueTask<T>> find, Func<ValueTask<T>>? create)
        where T : class
    {
        try { return await find().ConfigureAwait(false); }
        catch (NatsJSApiException e) when (e.Error.Code == Missing)
        {
            if (create is null) { return null; }
        }

        try { return await create().ConfigureAwait(false); }
        catch (NatsJSApiException e) when (e.Error.ErrCode == NameInUse)      // another writer created it in the meantime
        {
            return await find().ConfigureAwait(false);
        }
    }

    private protected static async Task<T> AskAsync<T>(
        INatsConnection connection, string place, Func<Patience, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var patience = new Patience(connection, connection.Opts.RequestTimeout, cancellationToken);
        for (var tries = 1; ; tries++)
        {
            try { return await ask(patience).ConfigureAwait(false); }
            catch (Exception e) when (NatsFailure.Of(place, e, connection) is { } failure)
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

    private protected Task<T> AskAsync<T>(Func<Patience, Task<T>> ask, CancellationToken cancellationToken) =>
        AskAsync(JetStream.Connection, _place, async patience =>
        {
            try { return await ask(patience).ConfigureAwait(false); }
            catch (Exception e) when (_make is not null && IsOfMissing(e))
            {
                await _make(patience).ConfigureAwait(false);
                return await ask(patience).ConfigureAwait(false);
            }
        }, cancellationToken);

    private static bool IsOfMissing(Exception failure) => failure is NatsNoRespondersException or NatsJSPublishNoResponseException
        or NatsJSApiException { Error.ErrCode: NoStream };

    private string SubjectOf(string key) => $"$KV.{_keys.Bucket}.{key}";

    /// <summary><paramref name="filter"/>: subjects with messages to count, or null; <paramref name="offset"/>: subjects to skip.</summary>
    private protected async Task<StreamInfo> InfoAsync(string stream, string? filter, int offset, Patience patience) =>
        (await JetStream.GetStreamAsync(
            stream, filter is null ? null : new() { SubjectsFilter = filter, Offset = offset }, patience.Token)
            .ConfigureAwait(false)).Info;
}
