using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;

namespace StreamLearn.Testing;

/// <summary>What has happened to one message of a <see cref="ScriptedTransport"/>.</summary>
public sealed record MessageFate(int Acknowledged, int Refused, int Released)
{
    /// <summary>True if it was acknowledged or refused.</summary>
    public bool HasEnded => Acknowledged + Refused > 0;
}

/// <summary>A transport whose deliveries, confirmations and failures a test decides, and which counts what becomes of each
/// message.</summary>
/// <remarks>Ending a message twice, acknowledging and refusing it, or releasing it twice is written down in <see cref="Violations"/> and
/// throws; a payload that changes while it is published is written down.</remarks>
public sealed class ScriptedTransport(string name = "scripted") : ITransport, IMessageOwner
{
    private readonly Lock _lock = new();
    private readonly List<MessageFate> _fates = [];
    private readonly ConcurrentDictionary<string, Channel<Message>> _deliveries = new(StringComparer.Ordinal);
    private readonly List<(string Topic, string Payload, MessageOrigin Origin)> _published = [];
    private readonly List<PublishOptions> _options = [];
    private readonly List<int> _ended = [];
    private readonly List<int> _late = [];
    private readonly HashSet<string> _canceled = new(StringComparer.Ordinal);      // filters nobody listens to any more
    private readonly SortedDictionary<int, TaskCompletionSource> _held = [];
    private int _underWay;
    private int _maxUnderWay;
    private readonly Channel<ConnectionChange> _changes = Channel.CreateUnbounded<ConnectionChange>();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc />
    public string Name { get; } = name;

    /// <inheritdoc />
    public int MaxInFlight { get; init; } = 1;

    /// <summary>Publications that were under way at the same time, at most.</summary>
    public int MaxUnderWay => Volatile.Read(ref _maxUnderWay);

    /// <summary>True: a publication is confirmed only by <see cref="Confirm"/>.</summary>
    public bool HoldPublications { get; set; }

    /// <summary>True: a publication is confirmed a little later, on another thread.</summary>
    public bool YieldPublications { get; set; }

    /// <summary>Thrown by acknowledgements, if set.</summary>
    public Exception? AcknowledgeFailure { get; set; }

    /// <summary>What was done to messages that must not be done, a line each.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>What has become of each message, in the order of delivery.</summary>
    public ImmutableArray<MessageFate> Fates
    {
        get
        {
            lock (_lock) { return [.. _fates]; }
        }
    }

    /// <summary>The numbers of messages in the order in which they were acknowledged or refused.</summary>
    public ImmutableArray<int> Ended
    {
        get
        {
            lock (_lock) { return [.. _ended]; }
        }
    }

    /// <summary>The numbers of messages that came after their subscription had been canceled and had ended: nobody could take
    /// them.</summary>
    public ImmutableArray<int> Late
    {
        get
        {
            lock (_lock) { return [.. _late]; }
        }
    }

    /// <summary>What was published, as text.</summary>
    public ImmutableArray<(string Topic, string Payload, MessageOrigin Origin)> Published
    {
        get
        {
            lock (_lock) { return [.. _published]; }
        }
    }

    /// <summary>How each message was published.</summary>
    public ImmutableArray<PublishOptions> Options
    {
        get
        {
            lock (_lock) { return [.. _options]; }
        }
    }

    /// <summary>Delivers a message to the subscription of exactly this filter.</summary>
    public int Deliver(string filter, string payload, string? topic = null, bool retained = false, MessageProperties? properties = null,
        MessageOrigin? origin = null)
    {
        lock (_lock)
        {
            var id = _fates.Count;
            _fates.Add(new(0, 0, 0));
            if (_canceled.Contains(filter)) { _late.Add(id); }
            Of(filter).Writer.TryWrite(new(topic ?? filter, new(Encoding.UTF8.GetBytes(payload)), origin ?? new("script", id), this, id)
            {
                IsRetained = retained,
                Properties = properties,
            });
            return id;
        }
    }

    /// <summary>Ends a subscription: no more messages come.</summary>
    public void End(string filter) => Of(filter).Writer.TryComplete();

    /// <summary>Confirms a publication that is held.</summary>
    public void Confirm(Exception? failure = null, int? number = null)
    {
        TaskCompletionSource? held;
        lock (_lock)
        {
            if (_held.Count == 0) { throw new InvalidOperationException("no publication is held"); }
            _held.Remove(number ?? _held.Keys.First(), out held);
        }

        if (held is null) { throw new InvalidOperationException($"publication {number} is not held"); }
        if (failure is null) { held.SetResult(); }
        else { held.SetException(failure); }
    }

    /// <summary>Waits until a condition on this transport holds.</summary>
    public async Task UntilAsync(Func<ScriptedTransport, bool> condition, TimeSpan timeout)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (condition(this)) { return; }
                changed = _changed.Task;
            }

            await changed.WaitAsync(timeout).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public async ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        var text = Encoding.UTF8.GetString(payload);
        TaskCompletionSource? held = null;
        lock (_lock)
        {
            _maxUnderWay = Math.Max(_maxUnderWay, ++_underWay);
            if (HoldPublications) { _held.Add(_published.Count, held = new(TaskCreationOptions.RunContinuationsAsynchronously)); }
            _published.Add((topic.Value, text, options.Origin));
            _options.Add(options);
        }

        Changed();
        try
        {
            if (YieldPublications) { await Task.Yield(); }
            if (held is not null) { await held.Task.WaitAsync(cancellationToken).ConfigureAwait(false); }
        }
        finally
        {
            lock (_lock)
            {
                _underWay--;
                if (Encoding.UTF8.GetString(payload) != text)
                {
                    Violations.Enqueue($"payload '{text}' has changed before its call was done");
                }
            }
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<Message> SubscribeAsync(
        Topic filter, SubscribeOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = Of(filter.Value).Reader;
        lock (_lock) { _canceled.Remove(filter.Value); }
        while (true)
        {
            while (reader.TryRead(out var message)) { yield return message; }
            try
            {
                if (!await reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false)) { yield break; }
            }
            catch (OperationCanceledException)
            {
                if (TryLeave(filter.Value, reader)) { yield break; }
            }
        }
    }

    /// <summary>Tells a change of a connection to who listens.</summary>
    public void Tell(ConnectionChange change) => _changes.Writer.TryWrite(change);

    /// <inheritdoc />
    public async IAsyncEnumerable<ConnectionChange> ConnectionsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            while (_changes.Reader.TryRead(out var change)) { yield return change; }
            try
            {
                await _changes.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                yield break;
            }
        }
    }

    /// <inheritdoc />
    public void Acknowledge(long id)
    {
        if (AcknowledgeFailure is { } failure) { throw failure; }
        Set(id, f => f with { Acknowledged = f.Acknowledged + 1 });
    }

    /// <inheritdoc />
    public void Refuse(long id, string reason) => Set(id, f => f with { Refused = f.Refused + 1 });

    /// <inheritdoc />
    public void Release(long id) => Set(id, f => f with { Released = f.Released + 1 });

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Channel<Message> Of(string filter) => _deliveries.GetOrAdd(filter, _ => Channel.CreateUnbounded<Message>());

    /// <summary>Ends a subscription that was canceled.</summary>
    private bool TryLeave(string filter, ChannelReader<Message> reader)
    {
        lock (_lock)
        {
            if (reader.Count > 0) { return false; }
            _canceled.Add(filter);
            return true;
        }
    }

    private void Set(long id, Func<MessageFate, MessageFate> change)
    {
        MessageFate fate;
        lock (_lock)
        {
            var before = _fates[(int)id];
            _fates[(int)id] = fate = change(before);
            if (fate.HasEnded && !before.HasEnded) { _ended.Add((int)id); }
        }

        Changed();
        if (fate.Acknowledged + fate.Refused <= 1 && fate.Released <= 1) { return; }
        var violation = $"message {id}: {fate}";
        Violations.Enqueue(violation);
        throw new InvalidOperationException(violation);
    }

    private void Changed()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
