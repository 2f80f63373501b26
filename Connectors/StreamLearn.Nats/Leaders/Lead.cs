using System.Security.Cryptography;
using NATS.Client.Core;

namespace StreamLearn.Nats;

/// <summary>Leadership among several processes, with the newest checkpoint of their run in a key-value bucket. When the leader is gone,
/// another process resumes from the bucket, without the disk of the leader.</summary>
/// <remarks>The leader renews at a third of its lease and with each checkpoint. Renewal, checkpoints and takeover use compare-and-set on
/// one key, so that an earlier leader can store nothing once another process leads. Clocks only measure durations. Standby processes poll
/// four times per lease; time without replies from the server does not count.</remarks>
public sealed class Lead : IAsyncDisposable
{
    private const int PartBytes = 128 * 1024;
    private const int Renewals = 3, Looks = 4;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConnectsWithin = TimeSpan.FromSeconds(30);
    private readonly KeyStore _keys;
    private readonly LeadOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _lost = new(), _ending = new();
    private readonly Task _renewing;
    private LeadHead _head;
    private ulong _revision;
    private object? _server;        // the server from which it was read or to which it was written
    private long _remade;
    private long _places;

    private Lead(KeyStore keys, LeadOptions options, TimeProvider time, LeadHead head, ulong revision, object? server)
    {
        (_keys, _options, _time, _head, _revision, _server) = (keys, options, time, head, revision, server);
        (Id, Epoch, Own, Lost) = (head.Id, head.Epoch, new(head.Holder, head.Since), _lost.Token);
        _renewing = RenewAsync();
    }

    /// <summary>The newest checkpoint of any leader; null: none.</summary>
    public Checkpoint? Newest { get; private set; }

    /// <summary>Greater than that of every earlier leader, and at least the milliseconds since 1970: for
    /// <see cref="RunOptions.Epoch"/>.</summary>
    public long Epoch { get; }

    /// <summary>This process, as others see it: its display name, and its start by its clock.</summary>
    public (string Holder, DateTimeOffset Since) Own { get; }

    /// <summary>How often the server lost the stored leadership and this process rewrote it.</summary>
    public long Remade => Interlocked.Read(ref _remade);

    /// <summary>Canceled when another process leads; pass it to the run.</summary>
    public CancellationToken Lost { get; }

    private string Id { get; }

    /// <summary>Acquires leadership: at once if it is free, otherwise when the leader releases it or is silent for the duration of its
    /// lease.</summary>
    /// <param name="connection">The server; waits while it is unavailable.</param>
    /// <param name="options">The settings.</param>
    /// <param name="standsBy">Called with each new leader, and with null if the server does not reply; null: it is not called.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    /// <exception cref="TransportException">The server has no JetStream, or refuses.</exception>
    /// <exception cref="StateException">The stored state cannot be read.</exception>
    public static async Task<Lead> TakeAsync(INatsConnection connection, LeadOptions options,
        Action<(string Holder, DateTimeOffset Since)?>? standsBy, TimeProvider? time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        time ??= TimeProvider.System;
        var key = KeyOf(options.Checked());
        var id = RandomNumberGenerator.GetHexString(16, lowercase: true);
        var pause = options.Lease / Looks < LongestPause ? options.Lease / Looks : LongestPause;
        KeyStore? keys = null;
        var (seen, silent) = (default(ulong?), TimeSpan.Zero);      // only pauses count, because an answer may have waited for the server
        var known = new LeadHead();         // who led last
        var (told, wasReported) = (default((string Holder, DateTimeOffset Since)?), false);
        while (true)
        {
            (string Holder, DateTimeOffset Since)? leader = null;
            try
            {
                keys ??= await KeyStore.OpenAsync(connection, options.ToBucket(), cancellationToken).ConfigureAwait(false);
                var server = keys.Server;
                var entry = await keys.ReadAsync(key, cancellationToken).ConfigureAwait(false);
                var isLost = entry is null && known.Id.Length > 0;
                var head = isLost ? known : LeadHead.Read(entry);
                known = head;
                if (head.Id == id && !isLost)
                {
                    return await BeginAsync(new(keys, options, time, head, entry!.Value.Revision, server), cancellationToken)
                        .ConfigureAwait(false);
                }

                (seen, silent) = (entry?.Revision, entry?.Revision == seen ? silent + pause : TimeSpan.Zero);
                // if the server lost its data, only the leader has the state, so it gets time to reconnect
                if (head.Id.Length == 0 || silent >= head.Lease + (isLost ? ConnectsWithin : TimeSpan.Zero))
                {
                    await keys.TryWriteAsync(key, Next(head, id, options, time.GetUtcNow()).ToBytes(), entry?.Revision ?? 0,
                        cancellationToken, server).ConfigureAwait(false);
                    continue;       // the next check shows the holder
                }

                leader = new(head.Holder, head.Since);
            }
            catch (TransportException e) when (e.IsTransient || (keys is not null && NatsFailure.IsOfFullStore(e)))
            {
                (seen, silent) = (null, TimeSpan.Zero);     // the leader cannot renew its lease either
            }

            if (!wasReported || told != leader) { standsBy?.Invoke(leader); }
            (told, wasReported) = (leader, true);

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stores a checkpoint: for <see cref="CheckpointOptions(Func{ReadOnlyMemory{byte}, CancellationToken, Task})"/>. Completes
    /// when the next leader would resume from it.</summary>
    /// <param name="checkpoint">The bytes of the checkpoint.</param>
    /// <param name="cancellationToken">Cancels the call; the checkpoint may still be stored.</param>
    /// <exception cref="IOException">The server refuses the checkpoint, or another process leads.</exception>
    public async Task KeepAsync(ReadOnlyMemory<byte> checkpoint, CancellationToken cancellationToken)
    {
        // never reuse a key: a former leader may still write there after a takeover
        var (place, former) = (string.Create(CultureInfo.InvariantCulture, $"{_head.Term}-{++_places}-{Id}"), _head.Place);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, PartsOf(checkpoint.Length)).Select(part => _keys.WriteAsync(
                KeyOf(place, part), checkpoint[(part * PartBytes)..Math.Min((part + 1) * PartBytes, checkpoint.Length)],
                cancellationToken))).ConfigureAwait(false);
            if (!await TryWriteAsync(head => head with { Place = place, Bytes = checkpoint.Length }, cancellationToken)
                .ConfigureAwait(false))
            {
                throw new IOException($"another process leads '{_options.Name}': the state of this one is no longer kept");
            }

            if (former.Length > 0) { await _keys.PurgeAsync(KeyOf(former, "*"), cancellationToken).ConfigureAwait(false); }
        }
        catch (TransportException e) { throw new IOException(e.Message, e); }
    }

    /// <summary>Releases leadership, unless it was lost, so a standby process need not wait.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested) { return; }
        await _ending.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        using var patience = new CancellationTokenSource(NatsLink.MaxGoodbye, TimeProvider.System);
        try { await TryWriteAsync(static head => head with { Id = "" }, patience.Token).ConfigureAwait(false); }
        catch (Exception e) when (e is TransportException or OperationCanceledException) { }        // it expires with its lease
        _ending.Dispose();
        _gate.Dispose();
    }

    private static string KeyOf(LeadOptions options) => $"{options.Name}.head";

    private static int PartsOf(int bytes) => (bytes + PartBytes - 1) / PartBytes;

    private static LeadHead Next(LeadHead before, string id, LeadOptions options, DateTimeOffset now) => before with
    {
        Id = id,
        Holder = options.Holder,
        Term = before.Term + 1,
        Epoch = Math.Max(now.ToUnixTimeMilliseconds(), before.Epoch + 1),
        Since = now,
        Lease = options.Lease,
        Beat = 0,
    };

    private static async Task<Lead> BeginAsync(Lead lead, CancellationToken cancellationToken)
    {
        var head = lead._head;
        try
        {
            lead.Newest = await KeyStore.PersistAsync(() => lead.LoadAsync(head, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return lead;
        }
        catch
        {
            await lead.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<Checkpoint?> LoadAsync(LeadHead head, CancellationToken cancellationToken)
    {
        foreach (var left in (await _keys.KeysAsync(KeyOf("*", "*"), cancellationToken).ConfigureAwait(false))
            .Select(static k => k.Split('.')[1]).Distinct().Where(p => IsOfEarlier(p, head)))
        {
            await _keys.PurgeAsync(KeyOf(left, "*"), cancellationToken).ConfigureAwait(false);
        }

        if (head.Place.Length == 0) { return null; }
        var parts = await Task.WhenAll(Enumerable.Range(0, PartsOf(head.Bytes)).Select(part =>
            _keys.ReadAsync(KeyOf(head.Place, part), cancellationToken))).ConfigureAwait(false);
        return Checkpoint.Read(parts.SelectMany(static p => p?.Value ?? []).ToArray());
    }

    /// <summary>Returns true for the key of an earlier leader; those of later leaders must stay.</summary>
    private static bool IsOfEarlier(string place, LeadHead head) => place != head.Place
        && long.TryParse(place.AsSpan(0, Math.Max(0, place.IndexOf('-'))), NumberStyles.None, CultureInfo.InvariantCulture, out var term)
        && term < head.Term;

    private string KeyOf(string place, object part) => string.Create(CultureInfo.InvariantCulture, $"{_options.Name}.{place}.{part}");

    private async Task<bool> TryWriteAsync(Func<LeadHead, LeadHead> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (!_lost.IsCancellationRequested)
            {
                var next = change(_head) with { Beat = _head.Beat + 1 };
                var bytes = next.ToBytes();
                if (await _keys.TryWriteAsync(KeyOf(_options), bytes, _revision, cancellationToken, _server).ConfigureAwait(false)
                    is { } revision)
                {
                    if (_revision == 0) { Interlocked.Increment(ref _remade); }
                    (_head, _revision) = (next, revision);
                    return true;
                }

                // another process leads, the connection changed, or the reply to an earlier attempt was lost
                _server = _keys.Server;
                var entry = await _keys.ReadAsync(KeyOf(_options), cancellationToken).ConfigureAwait(false);
                if (entry is null)
                {
                    (_head, _revision) = (_head with { Place = "", Bytes = 0 }, 0);  // the server has lost the record, and nobody holds it
                    continue;
                }

                var isWritten = entry?.Value is { } there && there.AsSpan().SequenceEqual(bytes);
                if (!isWritten && LeadHead.Read(entry).Id != Id)
                {
                    _ = _lost.CancelAsync();        // callbacks of the run execute in it
                    return false;
                }

                (_head, _revision) = (LeadHead.Read(entry), entry!.Value.Revision);
                if (isWritten) { return true; }
            }

            return false;
        }
        finally { _gate.Release(); }
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(_options.Lease / Renewals, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token).ConfigureAwait(false))
            {
                try
                {
                    if (!await TryWriteAsync(static head => head, _ending.Token).ConfigureAwait(false)) { return; }
                }
                catch (TransportException) { }      // the server is unreachable for the standby too
            }
        }
        catch (OperationCanceledException) { }
    }
}
