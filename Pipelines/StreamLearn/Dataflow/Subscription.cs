using System.Buffers;

namespace StreamLearn;

internal sealed class Subscription(PipelineRun run, Node node, SubscribeWork work, CancellationToken ending) : ITokenTarget
{
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = [];
    private Message[] _inFlight = new Message[8];
    private IAsyncEnumerable<Message> _messages = AsyncEnumerable.Empty<Message>();      // empty until subscribed
    private readonly Decode _decode = work.Open(run.Levels);
    private readonly bool _withholds = run.Checkpoints is not null && work.Options.AfterCheckpoint;
    private readonly Queue<Withheld> _withheld = [];     // messages not acknowledged, in order of arrival; changed under the lock
    private readonly KnownMessages _known = new(work.Options.Capacity);
    private long _taken;             // number over all runs, without redeliveries
    private long _saved;             // of these, the number in the current checkpoint
    private int _used;

    /// <summary>Called after the state is restored, before any block publishes.</summary>
    internal void Subscribe() => _messages = work.Transport.SubscribeAsync(work.Filter, work.Options, ending);

    internal async Task ReadAsync(InletStage stage)
    {
        await foreach (var received in _messages.ConfigureAwait(false))
        {
            var message = received;
            if (run.Stopping)
            {
                message.Refuse("stopped");
                message.Dispose();
                continue;
            }

            if (stage.HasEnded)
            {
                // the subscription ended before the checkpoint: nobody receives the message, but its publisher may wait
                stage.Metrics.Dropped("after-end", 1, 0);
                Acknowledge(message, processed: true);
                message.Dispose();
                continue;
            }

            if (Envelope.IsOn(message.Topic) && !TryOpen(stage, ref message)) { continue; }
            if (_withholds)
            {
                if (await TakeAsync(stage, message).ConfigureAwait(false)) { continue; }
                return;
            }

            var token = run.Tokens.Rent(this, Keep(message));
            if (Take(message, token, out var value) is { } reason)
            {
                token.Release(processed: true);
                if (reason == SubscribeWork.End) { return; }
                stage.Metrics.Dropped(reason, 1, 0);
                continue;
            }

            await stage.TryAddAsync(value!, token).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the envelope. An invalid one drops the message as <c>malformed</c>, unless plain payloads are accepted.</summary>
    private bool TryOpen(InletStage stage, ref Message message)
    {
        var fault = Envelope.TryRead(message.Payload, out var envelope, out var payload);
        if (fault == EnvelopeFault.None)
        {
            if ((envelope.Flags & EnvelopeFlags.EdgeOnly) != 0 && work.Options.Carries == PrivacyLabel.Public)
            {
                stage.Metrics.Dropped("privacy", 1, 0);
                message.Dispose();
                Acknowledge(message, processed: true);
                return false;
            }

            message = message.Opened(payload, envelope.Origin);
            return true;
        }

        if (work.Options.TakesPlain && !Envelope.Begins(message.Payload)) { return true; }
        stage.Metrics.Dropped("malformed", 1, 0);
        stage.Metrics.Add(EnvelopeFaults.Counters[(int)fault], 1);
        message.Dispose();
        Acknowledge(message, processed: true);
        return false;
    }

    /// <summary>Saves or restores the identities of the messages that the state contains, to drop redeliveries. <paramref name="given"/>:
    /// number of messages received so far.</summary>
    internal void State(ref StateStream s, long given)
    {
        lock (_lock)
        {
            _known.State(ref s, leavesNewest: s.IsWriting && _taken > given);
            if (s.IsReading) { _taken = given; }
            else { _saved = given; }
        }
    }

    internal void AcknowledgeSaved() => End(_saved, processed: true);

    internal void EndAll(long given, bool processed)
    {
        if (processed) { End(given, processed: true); }
        End(long.MaxValue, processed: false);
    }

    private void End(long upTo, bool processed)
    {
        while (true)
        {
            Message message;
            lock (_lock)
            {
                if (!_withheld.TryPeek(out var next) || next.Number > upTo) { return; }
                message = _withheld.Dequeue().Message;
            }

            Acknowledge(message, processed);
        }
    }

    /// <summary>Receives a message whose acknowledgement waits for a checkpoint. Duplicates are dropped, but acknowledged no earlier than
    /// the original: the server may have no other copy.</summary>
    private async ValueTask<bool> TakeAsync(InletStage stage, Message message)
    {
        object? value = null;
        var origin = _known.Of(message.Origin, message.Topic);
        bool isCopy;
        lock (_lock) { isCopy = _known.Contains(origin); }       // a checkpoint that is written settles what is known
        if (isCopy) { message.Dispose(); }
        if ((isCopy ? "duplicate" : Take(message, null, out value)) is { } reason)
        {
            var isEnd = reason == SubscribeWork.End;        // acknowledging it early could make its publisher wait forever
            if (!isEnd) { stage.Metrics.Dropped(reason, 1, 0); }
            if (!(isCopy || isEnd) || !TryWithholdAfter(message)) { Acknowledge(message, processed: true); }
            else { WantCheckpoint(); }
            return !isEnd;
        }

        lock (_lock)
        {
            _withheld.Enqueue(new(message, ++_taken));
            _known.Add(origin);
        }

        if (!await stage.TryAddAsync(value!, null).ConfigureAwait(false)) { return false; }
        WantCheckpoint();
        return true;
    }

    private bool TryWithholdAfter(in Message message)
    {
        lock (_lock)
        {
            if (_withheld.Count == 0) { return false; }
            _withheld.Enqueue(new(message, _taken));
            return true;
        }
    }

    private void WantCheckpoint()
    {
        int count;
        lock (_lock) { count = _withheld.Count; }
        run.Checkpoints!.Want(count, work.Options.Capacity);
    }

    public void Ended(long id, bool processed)
    {
        Message message;
        lock (_lock)
        {
            message = _inFlight[id];
            _inFlight[id] = default;
            _free.Push((int)id);
        }

        Acknowledge(message, processed);
    }

    private void Acknowledge(in Message message, bool processed)
    {
        try
        {
            if (processed) { message.Acknowledge(); }
            else { message.Refuse("stopped"); }
        }
        catch (Exception e)
        {
            // the block that ended the message did not cause this failure
            run.Fail(new(run.Pipeline.Name, node.Name, message.Origin.Sequence, e));
        }
    }

    /// <summary>Records the arrival. Codes of topic levels are assigned in that order.</summary>
    private string? Take(in Message message, Token? token, out object? value)
    {
        if (run.Log is not { } log) { return Decode(message, token, out value); }
        var payload = log.KeepsContent ? message.Payload.ToArray() : null;      // decoding releases the payload of the message
        lock (run.Levels)
        {
            var reason = Decode(message, token, out value);
            if (reason is not null) { return reason; }
            try
            {
                log.Arrived(node, message, payload, run.TimeAt(run.Timestamp));
                return null;
            }
            catch
            {
                new Item(value!, token, 0, 0, 0, 0).End(processed: false);
                throw;
            }
        }
    }

    private string? Decode(in Message message, Token? token, out object? value)
    {
        value = null;
        try
        {
            var received = new Received(message.Topic, message.Payload, message.IsRetained, message.Properties, message.IsRedelivered,
                message.Origin);
            return work.TryRead(node.Declared, _decode, received, run.Pool, out value);
        }
        catch
        {
            if (token is null) { Acknowledge(message, processed: false); }
            token?.Release(processed: false);
            throw;
        }
        finally { message.Dispose(); }
    }

    private long Keep(in Message message)
    {
        lock (_lock)
        {
            if (!_free.TryPop(out var id))
            {
                if (_used == _inFlight.Length) { Array.Resize(ref _inFlight, _used * 2); }
                id = _used++;
            }

            _inFlight[id] = message;
            return id;
        }
    }

    /// <summary>Waits for a checkpoint. <paramref name="Number"/>: messages received when the state includes its effect.</summary>
    private readonly record struct Withheld(Message Message, long Number);
}
