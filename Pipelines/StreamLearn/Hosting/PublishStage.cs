using System.Buffers;

namespace StreamLearn;

/// <summary>Publishes messages, each with an identity that is never used again.</summary>
internal sealed class PublishStage : SinkStage
{
    private readonly Stack<ArrayBufferWriter<byte>> _free = [];      // its own lock
    private readonly PublishWork _work;
    private readonly Func<object, Topic> _topicOf;
    private readonly string _source;
    private long _freeBytes;
    private long _sequence;

    internal PublishStage(PipelineRun run, Node node)
        : base(run, node, ((PublishWork)node.Work).Window)
    {
        _work = (PublishWork)node.Work;
        _topicOf = _work.Topic.Open();
        _source = $"{run.Pipeline.Name}/{node.Name}";
    }

    protected override bool Owns(bool processed) => true;

    protected override ValueTask HandleAsync(Place place)
    {
        var value = place.Item.Value;
        var topic = _topicOf(value);
        var buffer = place.Payload = Rent();
        _work.Encode(value, buffer);
        place.Bytes = Math.Max(place.Bytes, buffer.WrittenCount);
        Metrics.Add("bytes-published", buffer.WrittenCount);
        var origin = new MessageOrigin(_source, _sequence++, Run.Epoch);
        var options = new PublishOptions(origin, _work.Options.Retain)
        {
            Codec = _work.Codec,
            Kind = _work.Kind,
            Tags = (value as ITagged)?.Tags ?? default,
            Properties = _work.Properties?.Invoke(value),
        };
        return _work.Transport.PublishAsync(topic, new(buffer.WrittenMemory), options, Run.Stopped);
    }

    /// <summary>Keeps the buffer for a later message: the last one always, of others as many bytes as an edge may hold.</summary>
    protected override void Ended(Place place)
    {
        if (place.Payload is not { } buffer) { return; }
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
