using System.Collections.Immutable;
using System.Security.Cryptography;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace StreamLearn.Nats;

internal sealed class KeptPlaces(NatsLink link, NatsApi api, NatsKeep keep)
{
    private const int Unbounded = -1;       // each reader limits its own pulls
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WatchKeptFor = TimeSpan.FromSeconds(30);
    private readonly Lock _lock = new();
    private Task? _making;
    private bool _onlyLooks;        // this login may not create missing ones

    internal bool IsReady => Volatile.Read(ref _making) is { IsCompletedSuccessfully: true };

    /// <summary>Creates streams that are missing; waits until the server is ready.</summary>
    /// <exception cref="TransportException">The server has no JetStream, or refuses.</exception>
    internal Task ReadyAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_making is null || _making.IsFaulted || _making.IsCanceled)
            {
                _making = MakeAsync(link.Leaving);
                NatsLink.Forget(_making);       // its failure may stay unobserved
            }

            return _making.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Opens readers for retained messages, which are older, and for the stream if it keeps the whole filter.</summary>
    internal IEnumerable<JetReader> Open(Topic filter, string group, SubscribeOptions options, Signal toDeliver)
    {
        var (subject, parent) = NatsTopic.Subscription(filter);
        if (group.Length == 0 && keep.Retains(filter))
        {
            foreach (var retained in new[] { parent, subject }.OfType<string>())
            {
                yield return new(link, api, new(keep.BucketStream, new()
                {
                    FilterSubject = $"$KV.{keep.Bucket}.{retained}",
                    AckPolicy = ConsumerConfigAckPolicy.None,
                    DeliverPolicy = options.SkipRetained ? ConsumerConfigDeliverPolicy.New : ConsumerConfigDeliverPolicy.LastPerSubject,
                    AckWait = keep.AckWait,
                    InactiveThreshold = WatchKeptFor,
                })
                {
                    Capacity = options.Capacity,
                    Heartbeat = keep.Heartbeat,
                    SubjectPrefix = "$KV.".Length + keep.Bucket.Length + 1,
                }, MakeAsync, toDeliver);
            }
        }

        if (!keep.Keeps(filter)) { yield break; }
        // a/# also matches a, which needs a second consumer with a small part of the space
        var small = parent is null ? 0 : Math.Max(1, options.Capacity / 8);
        if (parent is not null) { yield return OpenStream(parent, group, options, small, toDeliver, isOptional: true); }
        yield return OpenStream(subject, group, options, Math.Max(1, options.Capacity - small), toDeliver, isOptional: false);
    }

    private JetReader OpenStream(string subject, string group, SubscribeOptions options, int capacity, Signal toDeliver, bool isOptional)
    {
        var durable = DurableOf(subject, group, options);
        return new(link, api, new(keep.Stream, new()
        {
            DurableName = durable,
            FilterSubject = subject,
            AckPolicy = ConsumerConfigAckPolicy.Explicit,
            DeliverPolicy = options.From is { Sequence: not null } ? ConsumerConfigDeliverPolicy.ByStartSequence
                : options.From is { Time: not null } ? ConsumerConfigDeliverPolicy.ByStartTime
                : options.From == StartPosition.All ? ConsumerConfigDeliverPolicy.All
                : options.From == StartPosition.LastPerTopic ? ConsumerConfigDeliverPolicy.LastPerSubject
                : ConsumerConfigDeliverPolicy.New,
            OptStartSeq = (ulong)(options.From.Sequence ?? 0),
            OptStartTime = options.From.Time ?? default,
            AckWait = keep.AckWait,
            MaxAckPending = Unbounded,
            InactiveThreshold = durable is not null ? default : options.Durable ? keep.KeptFor : WatchKeptFor,
        })
        {
            IsOptional = isOptional,
            Capacity = capacity,
            Heartbeat = keep.Heartbeat,
        }, MakeAsync, toDeliver);
    }

    private string? DurableOf(string subject, string group, SubscribeOptions options)
    {
        if (group.Length > 0) { return $"{options.Name ?? "group"}-{Short($"{group}\n{subject}")}"; }
        if (!options.Durable) { return null; }
        return options.Name is { } name ? $"{name}-{Short(subject)}"
            : keep.Reader.Length > 0 ? $"{keep.Reader}-{Short(subject)}" : null;
    }

    private static string Short(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 6));

    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        while (true)
        {
            try
            {
                await RequireAsync(keep.ToStream(), keep.Subjects, cancellationToken).ConfigureAwait(false);
                await RequireAsync(keep.ToBucket(), [$"$KV.{keep.Bucket}.>"], cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (NatsJSApiException e) when (!NatsApi.IsTransient(e))
            {
                var stream = FormattableString.Invariant($"{link.Name}: the stream, for {keep.MaxBytes} bytes (NatsKeep.MaxBytes)");
                throw new TransportException(NatsApi.Text(stream, e.Error), isTransient: false, e);
            }
            catch (NatsJSApiException e) { link.Note(NatsApi.Text("the stream", e.Error)); }
            catch (TransportException e) when (e.IsTransient) { link.Note(e.Message); }

            await Task.Delay(Pause, link.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Creates a missing stream; without permission to create it, waits until it exists.</summary>
    private async Task<StreamInfo> FindOrCreateAsync(StreamConfig stream, CancellationToken cancellationToken)
    {
        try
        {
            if (!Volatile.Read(ref _onlyLooks)) { return await api.RequireStreamAsync(stream, cancellationToken).ConfigureAwait(false); }
        }
        catch (TransportException e) when (NatsViolation.IsOfCreation(e, stream.Name!))
        {
            Volatile.Write(ref _onlyLooks, true);       // the server logs each attempt
        }

        return await api.StreamAsync(stream.Name!, cancellationToken).ConfigureAwait(false) ?? throw new TransportException(
            $"there is no stream '{stream.Name}' yet, and this login is not permitted to create it", isTransient: true);
    }

    private async Task RequireAsync(StreamConfig stream, ImmutableArray<string> needed, CancellationToken cancellationToken)
    {
        var there = await FindOrCreateAsync(stream, cancellationToken).ConfigureAwait(false);
        var kept = there.Config.Subjects ?? [];
        if (needed.All(s => kept.Any(k => NatsSubject.Covers(k, s)))) { return; }
        throw new TransportException($"expected the stream '{stream.Name}' to keep {string.Join(", ", needed)}, it keeps "
            + $"{string.Join(", ", kept)}: choose another one in NatsKeep.Stream", isTransient: false);
    }
}
