using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace StreamLearn;

/// <summary>Publishes messages, each with an identity that is never used again. Under an error policy, what its transport refuses is
/// repeated, and a message that fails for good is dropped or becomes a dead letter.</summary>
internal sealed class PublishStage : SinkStage
{
    private readonly Stack<ArrayBufferWriter<byte>> _free = [];      // its own lock
    private readonly ConcurrentQueue<Item> _letters = [];            // on their way to the pump; no more than the window
    private readonly PublishWork _work;
    private readonly Func<object, Topic> _topicOf;
    private readonly string _source;
    private long _freeBytes;
    private long _sequence;
    private long _lettersMade;

    internal PublishStage(PipelineRun run, Node node)
        : base(run, node, ((PublishWork)node.Work).Window)
    {
        _work = (PublishWork)node.Work;
        _topicOf = _work.Topic.Open();
        _source = $"{run.Pipeline.Name}/{node.Name}";
    }

    protected override bool Busy => base.Busy || !_letters.IsEmpty;

    protected override bool Owns(bool processed) => true;

    protected override bool TryStep()
    {
        if (!_letters.TryDequeue(out var letter)) { return base.TryStep(); }
        Out.Pending.Add((Ports.DeadLetters, letter));
        return true;
    }

    protected override ValueTask HandleAsync(Place place)
    {
        if (Node.Errors == ErrorPolicy.Fail) { return Publish(place, Encode(place)); }
        PublishOptions options;
        try
        {
            options = Encode(place);
        }
        catch (Exception e)
        {
            Metrics.Threw();
            SetAside(place, e);
            return default;
        }

        return PublishGuardedAsync(place, options);
    }

    protected override void Release()
    {
        while (_letters.TryDequeue(out var letter)) { letter.End(processed: false); }
    }

    private async ValueTask PublishGuardedAsync(Place place, PublishOptions options)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await Publish(place, options).ConfigureAwait(false);
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
            await Run.DelayAsync(Node.Errors.DelayBefore(attempt)).ConfigureAwait(false);
        }
    }

    /// <summary>Does with a message that failed what the policy says.</summary>
    private void SetAside(Place place, Exception failure)
    {
        var item = place.Item;
        place.IsSetAside = true;
        switch (Node.Errors.Action)
        {
            case ErrorAction.Skip:
                Metrics.Dropped("error", 1, item.Rows);
                break;
            case ErrorAction.DeadLetter:
                Metrics.Dropped("dead-letter", 1, item.Rows);
                _letters.Enqueue(item.ToLetter(Node, failure, Run.TimeAt(Run.Timestamp), Interlocked.Increment(ref _lettersMade) - 1));
                Schedule();
                break;
            default:
                ExceptionDispatchInfo.Throw(failure);
                break;
        }
    }

    private ValueTask Publish(Place place, PublishOptions options) =>
        Instruments.Begin(Run.Activity, _work.Transport.Name, place.Topic, options.Origin) is { } activity
            ? TracedAsync(place, options, activity)
            : Send(place, options);

    private async ValueTask TracedAsync(Place place, PublishOptions options, Activity activity)
    {
        try
        {
            await Send(place, options).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            activity.End(e);
            throw;
        }

        activity.End(failure: null);
    }

    private ValueTask Send(Place place, PublishOptions options) =>
        _work.Transport.PublishAsync(place.Topic, new(place.Payload!.WrittenMemory), options, Run.Stopped);

    private PublishOptions Encode(Place place)
    {
        var value = place.Item.Value;
        place.Topic = _topicOf(value);
        var buffer = place.Payload = Rent();
        _work.Encode(value, buffer);
        place.Bytes = Math.Max(place.Bytes, buffer.WrittenCount);
        var origin = new MessageOrigin(_source, _sequence++, Run.Epoch);
        return new(origin, _work.Options.Retain)
        {
            Codec = _work.Codec,
            Kind = _work.Kind,
            Tags = (value as ITagged)?.Tags ?? default,
            Properties = _work.Properties?.Invoke(value),
        };
    }

    /// <summary>Keeps the buffer for a later message: the last one always, of others as many bytes as an edge may hold.</summary>
    protected override void Ended(Place place, bool processed)
    {
        if (place.Payload is not { } buffer) { return; }
        if (processed && !place.IsSetAside) { Metrics.Add("bytes-published", buffer.WrittenCount); }
        place.Payload = null;
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
