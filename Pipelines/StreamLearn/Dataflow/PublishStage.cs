using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace StreamLearn;

/// <summary>Publishes messages with identities that are never reused. Under an error policy, it retries refused messages; those that
/// finally fail are dropped or become dead letters.</summary>
internal sealed class PublishStage : SinkStage
{
    private readonly Stack<ArrayBufferWriter<byte>> _free = [];      // guarded by its own lock
    private readonly ConcurrentQueue<Item> _letters = [];            // messages that wait for the pump; at most as many as the window holds
    private readonly PublishWork _work;
    private readonly Func<object, Topic> _topicOf;
    private readonly string _source;
    private readonly HeldQueue<(SavedPublication Message, Token? Token)> _held = new();      // encoded messages that wait for a checkpoint
    private readonly bool _holds;
    private long _heldBytes;
    private long _freeBytes;
    private long _sequence;
    private long _lettersMade;
    private int _repeating;      // publications waiting for a retry

    internal PublishStage(PipelineRun run, Node node)
        : base(run, node, ((PublishWork)node.Work).Window)
    {
        _work = (PublishWork)node.Work;
        _topicOf = _work.Topic.Open();
        _source = $"{run.Pipeline.Name}/{node.Name}";
        _holds = run.Checkpoints is not null && _work.WaitsForCheckpoint;
    }

    internal override string HostFormat => RemovedBlock.Publication;

    private protected override bool HasDue => Volatile.Read(ref _repeating) > 0;

    protected override bool Busy => base.Busy || (!Run.Stopping && (!_letters.IsEmpty || _held.Count > 0));

    private protected override void OwnState(ref StateStream s, SavedMessages messages, DateTimeOffset now)
    {
        s.Value(ref _sequence);
        if (s.IsReading)
        {
            Read(ref s, messages);
            return;
        }

        HoldEnds();
        try
        {
            s.Value(OpenPlaces);
            for (var i = FirstPlace; i < LastPlace; i++)
            {
                if (OpenAt(i) is not { } place) { continue; }
                SavedPublication.Write(ref s, place.Topic, place.Payload!.WrittenSpan[place.HeaderBytes..], place.Options, place.Item.Rows);
            }

            var held = 0;
            foreach (var (_, token) in _held) { held += token is null ? 1 : 0; }
            s.Value(held);
            foreach (var (message, token) in _held)
            {
                if (token is null) { SavedPublication.State(ref s, message); }
            }

            _held.Save();
            SaveLetters(ref s, messages);
        }
        finally { EndOver(); }
    }

    /// <summary>Saves dead letters, including those of unfinished messages. None is added meanwhile, because no message ends.</summary>
    private void SaveLetters(ref StateStream s, SavedMessages messages)
    {
        for (var i = FirstPlace; i < LastPlace; i++)
        {
            if (PlaceOf(i) is { IsOpen: false } place) { TakeDeadLetter(place); }
        }

        s.Value(_letters.Count);
        if (_letters.IsEmpty) { return; }
        foreach (var letter in _letters) { messages.State(ref s, typeof(DeadLetter), letter); }
    }

    private void TakeDeadLetter(Place place)
    {
        if (place.TakeDeadLetter() is { } letter) { _letters.Enqueue(letter); }
    }

    private void Read(ref StateStream s, SavedMessages messages)
    {
        for (var count = s.Value(0, 0, int.MaxValue); count > 0; count--)
        {
            var message = WithRoom(SavedPublication.State(ref s, null));
            Hold(message, null);
            Metrics.TakesAgain(message.Rows);
        }

        for (var count = s.Value(0, 0, int.MaxValue); count > 0; count--) { Hold(WithRoom(SavedPublication.State(ref s, null)), null); }
        _held.Save();
        _held.Release();     // they are in the checkpoint from which the run resumes
        for (var count = s.Value(0, 0, int.MaxValue); count > 0; count--)
        {
            _letters.Enqueue(messages.State(ref s, typeof(DeadLetter), default));
        }
    }

    internal void ReleaseSaved()
    {
        if (_held.Release()) { Schedule(); }
    }

    protected override bool Owns(bool processed) => true;

    protected override bool TryStep()
    {
        if (_letters.TryDequeue(out var letter))
        {
            Out.Pending.Add((Ports.DeadLetters, letter));
            return true;
        }

        if (_held.MayGo) { return TryBeginReleased(); }
        return _holds ? TryHold() : base.TryStep();
    }

    private bool TryBeginReleased()
    {
        if (!HasPlace || !_held.TryTake(out var held)) { return false; }
        _heldBytes -= held.Message.SizeBytes;
        Begin(Inputs[0].Queue, Item.Of(held.Message, held.Token, 0, 0), isLogged: true);
        return true;
    }

    /// <summary>Encodes the next message, which then waits for a checkpoint. The window and the edge's bytes limit how many wait.</summary>
    private bool TryHold()
    {
        var isFull = _held.Count >= _work.Window || _heldBytes >= Inputs[0].Queue.Edge.Options.CapacityBytes || !HasPlace;
        if (isFull || !TryTakeNext(out var queue, out var item))
        {
            if (!isFull && !Busy && HaveInputsEnded) { InputEnded(); }
            return false;
        }

        if (_work.Refusal(Node.Name, item.Value) is not null)
        {
            Begin(queue, item);      // the message is refused there
            return true;
        }

        LogCall(queue, item);
        SavedPublication message;
        try
        {
            var (topic, payload, options, headerBytes) = Encode(item.Value);
            message = new(topic, payload, options, item.Rows) { HeaderBytes = headerBytes };
        }
        catch (Exception)
        {
            Begin(queue, item, isLogged: true);      // the message fails again and is handled there
            return true;
        }

        Ownership.End(item.Value);
        Hold(message, item.Token);
        Run.Checkpoints!.Want(_held.Count, _work.Window);
        return true;
    }

    private void Hold(SavedPublication message, Token? token)
    {
        _held.Add((message, token));
        _heldBytes += message.SizeBytes;
    }

    protected override ValueTask HandleAsync(Place place)
    {
        if (_work.Refusal(Node.Name, place.Item.Value) is { } refusal)
        {
            Refuse(place, refusal);
            return default;
        }

        if (Node.Errors == ErrorPolicy.Fail)
        {
            Prepare(place);
            return Publish(place);
        }

        try { Prepare(place); }
        catch (Exception e)
        {
            Metrics.Threw();
            SetAside(place, e);
            return default;
        }

        return PublishGuardedAsync(place);
    }

    protected override void Release()
    {
        while (_letters.TryDequeue(out var letter)) { letter.End(processed: false); }
        while (_held.TryTake(out var held))
        {
            Metrics.Dropped(Run.Unprocessed, 1, held.Message.Rows);
            held.Token?.Release(processed: false);
        }
    }

    private async ValueTask PublishGuardedAsync(Place place)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await Publish(place).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (!(Run.Stopping && e is OperationCanceledException))
            {
                Metrics.Threw();
                if (!Node.Errors.Repeats(e, attempt))
                {
                    SetAside(place, e);
                    return;
                }
            }

            Metrics.Add("retries", 1);
            Interlocked.Increment(ref _repeating);
            try { await Run.DelayAsync(Node.Errors.DelayBefore(attempt)).ConfigureAwait(false); }
            finally { Interlocked.Decrement(ref _repeating); }
        }
    }

    /// <summary>Never sends data too private for the link, under any policy; the run continues.</summary>
    private void Refuse(Place place, PrivacyException refusal)
    {
        var item = place.Item;
        Metrics.Dropped("privacy", 1, item.Rows);
        var becomesLetter = Node.Errors.Action == ErrorAction.DeadLetter;
        place.SetAside(becomesLetter
            ? item.ToLetter(Node, refusal, Run.TimeAt(Run.Timestamp), Interlocked.Increment(ref _lettersMade) - 1)
            : null);
    }

    private void SetAside(Place place, Exception failure)
    {
        var item = place.Item;
        switch (Node.Errors.Action)
        {
            case ErrorAction.Skip:
                place.SetAside(letter: null);
                Metrics.Dropped("error", 1, item.Rows);
                break;
            case ErrorAction.DeadLetter when Original(item) is { } original:
                Metrics.Dropped("dead-letter", 1, item.Rows);
                place.SetAside(original.ToLetter(Node, failure, Run.TimeAt(Run.Timestamp), Interlocked.Increment(ref _lettersMade) - 1));
                if (!ReferenceEquals(original.Value, item.Value)) { Ownership.End(original.Value); }
                break;
            default:
                ExceptionDispatchInfo.Throw(failure);
                break;
        }
    }

    private Item? Original(in Item item)
    {
        if (item.Value is not SavedPublication encoded) { return item; }
        var bytes = encoded.Payload.WrittenMemory[encoded.HeaderBytes..];
        return _work.Saved.Decode(bytes, Run.Pool) is { } value ? item with { Value = value } : null;
    }

    private ValueTask Publish(Place place) =>
        Instruments.Begin(Run.Activity, _work.Transport.Name, place.Topic, place.Options.Origin) is { } activity
            ? TracedAsync(place, activity)
            : Send(place);

    private async ValueTask TracedAsync(Place place, Activity activity)
    {
        try { await Send(place).ConfigureAwait(false); }
        catch (Exception e)
        {
            activity.End(e);
            throw;
        }

        activity.End(failure: null);
    }

    private ValueTask Send(Place place) =>
        _work.Transport.PublishAsync(place.Topic, new(place.Payload!.WrittenMemory), place.Options, Run.Stopped);

    private void Prepare(Place place)
    {
        var (topic, payload, options, headerBytes) = place.Item.Value is SavedPublication ready
            ? (ready.Topic, ready.Payload, ready.Options, ready.HeaderBytes)
            : Encode(place.Item.Value);
        (place.Topic, place.Payload, place.Options, place.HeaderBytes) = (topic, payload, options, headerBytes);
        place.Bytes = Math.Max(place.Bytes, payload.WrittenCount - headerBytes);
        if (headerBytes == 0) { return; }
        var header = MemoryMarshal.AsMemory(payload.WrittenMemory[..headerBytes]).Span;      // the memory of this message alone
        Envelope.Write(Envelope.Of(topic, options, Run.TimeAt(Run.Timestamp)), new(payload.WrittenMemory[headerBytes..]), header);
    }

    private (Topic Topic, ArrayBufferWriter<byte> Payload, PublishOptions Options, int HeaderBytes) Encode(object value)
    {
        var topic = _topicOf(value);
        var options = new PublishOptions(new(_source, _sequence, Run.Epoch), _work.Options.Retain)
        {
            Codec = _work.Codec,
            Kind = _work.Kind,
            Tags = (value as ITagged)?.Tags ?? default,
            Privacy = (value as IPrivate)?.Privacy ?? PrivacyLabel.Public,
            Properties = _work.Properties?.Invoke(value),
        };
        var (buffer, headerBytes) = (Rent(), Envelope.HeaderBytes(topic, options));
        try
        {
            Skip(buffer, headerBytes);
            _work.Encode(value, buffer);
            Run.Log?.Published(Node, _sequence, buffer.WrittenSpan[headerBytes..]);
            _sequence++;
            return (topic, buffer, options, headerBytes);
        }
        catch
        {
            Return(buffer);
            throw;
        }
    }

    private SavedPublication WithRoom(SavedPublication saved)
    {
        var headerBytes = Envelope.HeaderBytes(saved.Topic, saved.Options);
        if (headerBytes == 0) { return saved; }
        var buffer = Rent();
        Skip(buffer, headerBytes);
        buffer.Write(saved.Payload.WrittenSpan);
        return saved with { Payload = buffer, HeaderBytes = headerBytes };
    }

    private static void Skip(ArrayBufferWriter<byte> buffer, int bytes)
    {
        buffer.GetSpan(bytes);
        buffer.Advance(bytes);
    }

    /// <summary>Keeps buffers for reuse: the last one always, others up to the edge's limit of bytes.</summary>
    protected override void Ended(Place place, bool processed)
    {
        TakeDeadLetter(place);
        if (place.Payload is not { } buffer) { return; }
        if (processed && !place.IsSetAside) { Metrics.Add("bytes-published", buffer.WrittenCount - place.HeaderBytes); }
        place.Payload = null;
        Return(buffer);
    }

    private void Return(ArrayBufferWriter<byte> buffer)
    {
        lock (_free)
        {
            if (_free.Count > 0 && _freeBytes + buffer.Capacity > Inputs[0].Queue.Edge.Options.CapacityBytes) { return; }
            _free.Push(buffer);
            _freeBytes += buffer.Capacity;
        }
    }

    private ArrayBufferWriter<byte> Rent()
    {
        lock (_free)
        {
            if (!_free.TryPop(out var buffer)) { return new(256); }
            _freeBytes -= buffer.Capacity;
            buffer.ResetWrittenCount();
            return buffer;
        }
    }
}
