using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace Aggregator;

/// <summary>Receives published versions; keeps the newest periodically and the last at the end.</summary>
/// <remarks>Versions arrive after their checkpoint, so the number of a kept version is never reused for another model.</remarks>
internal sealed class KeptModels : ITransport
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IModelStore _store;
    private readonly TimeSpan _every;
    private readonly Func<Weights, double?> _judge;
    private readonly Action<string> _complain;
    private readonly BatchPool _pool = new();
    private readonly Lock _gate = new();
    private readonly SortedSet<string> _contributors = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _keeping;
    private Weights? _newest;
    private long _kept = -1;

    internal KeptModels(IModelStore store, TimeSpan every, Func<Weights, double?> judge, Action<string> complain)
    {
        (_store, _every, _judge, _complain) = (store, every, judge, complain);
        _keeping = KeepAsync();
    }

    public string Name => "models";

    /// <summary>Records the contributors to later versions.</summary>
    internal void Add(Round round)
    {
        lock (_gate)
        {
            foreach (var contribution in round.Contributions) { _contributors.Add(contribution.Device); }
        }
    }

    public ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        if (!Envelope.TryRead(payload, out _, out var bytes, out _) || !LearningCodecs.Weights.TryDecode(bytes, _pool, out var version))
        {
            throw new TransportException("expected a version of a model", isTransient: false);
        }

        lock (_gate) { _newest = version; }
        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<Message> SubscribeAsync(
        Topic filter, SubscribeOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        yield break;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task KeepAsync()
    {
        using var timer = new PeriodicTimer(_every, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false))
            {
                await KeepNewestAsync(_closing.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            await KeepNewestAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task KeepNewestAsync(CancellationToken cancellationToken)
    {
        Weights? version;
        ImmutableArray<string> contributors;
        lock (_gate) { (version, contributors) = (_newest, [.. _contributors]); }
        if (version is null || version.Version == _kept) { return; }
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await _store.AddAsync(version, contributors, _judge(version), patience.Token).ConfigureAwait(false);
            _kept = version.Version;
            lock (_gate) { _contributors.ExceptWith(contributors); }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TransportException or InvalidOperationException
            or InvalidDataException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var why = e is OperationCanceledException ? "no answer in time" : e.Message.ReplaceLineEndings(" ");
            _complain($"version {version.Version} is not in {_store.Place}: {why}");
        }
    }
}
