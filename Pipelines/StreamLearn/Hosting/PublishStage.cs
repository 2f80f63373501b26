using System.Buffers;

namespace StreamLearn;

/// <summary>Publishes messages, each with an identity that is never used again.</summary>
internal sealed class PublishStage : SinkStage
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);
    private readonly PublishWork _work;
    private readonly Func<object, Topic> _topicOf;
    private readonly string _source;
    private long _sequence;

    internal PublishStage(PipelineRun run, Node node)
        : base(run, node)
    {
        _work = (PublishWork)node.Work;
        _topicOf = _work.Topic.Open();
        _source = $"{run.Pipeline.Name}/{node.Name}";
    }

    protected override bool Owns(bool processed) => true;

    protected override ValueTask HandleAsync(Item item)
    {
        var topic = _topicOf(item.Value);
        _buffer.ResetWrittenCount();
        _work.Encode(item.Value, _buffer);
        Metrics.Add("bytes-published", _buffer.WrittenCount);
        var origin = new MessageOrigin(_source, _sequence++, Run.Epoch);
        var options = new PublishOptions(origin, _work.Retain)
        {
            Codec = _work.Codec,
            Tags = (item.Value as ITagged)?.Tags ?? default,
            Properties = _work.Properties?.Invoke(item.Value),
        };
        return _work.Transport.PublishAsync(topic, new(_buffer.WrittenMemory), options, Run.Stopped);
    }
}
