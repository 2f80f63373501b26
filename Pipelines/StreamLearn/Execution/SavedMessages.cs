namespace StreamLearn;

/// <summary>Serializes messages with the codecs of the pipeline, its blocks and its transports, in that order.</summary>
internal sealed class SavedMessages
{
    private readonly Dictionary<Type, MessageCodec> _byType = [];
    private readonly Dictionary<string, MessageCodec> _byName = new(StringComparer.Ordinal);

    internal SavedMessages(Pipeline pipeline)
    {
        Add([.. pipeline.Codecs, new BatchMessages(), new TextMessages(), new ConnectionMessages(), new LetterMessages(this)]);
        foreach (var node in pipeline.Nodes)
        {
            if (node.Options is IBlockOptions options) { Add(options.MessageCodecs); }
        }

        foreach (var node in pipeline.Nodes)
        {
            var codec = node.Work switch
            {
                PublishWork work => work.Saved,
                SubscribeWork work => work.Saved,
                _ => null,
            };
            if (codec is not null) { Add([codec]); }
        }
    }

    internal IEnumerable<(Type Type, Edge Edge)> Missing(Pipeline pipeline) =>
        pipeline.Edges.Select(e => (Type: TypeOf(pipeline, e), Edge: e))
            .Where(e => !_byType.ContainsKey(e.Type)).DistinctBy(static e => e.Type);

    internal static Type TypeOf(Pipeline pipeline, Edge edge) =>
        edge.Port == Ports.DeadLetters ? typeof(DeadLetter) : pipeline.Nodes[edge.From].Outputs[edge.Port];

    internal static Type TypeOf(Node node, int port) => port == Ports.DeadLetters ? typeof(DeadLetter)
        : port < node.Outputs.Length ? node.Outputs[port]
        : throw new StateException($"a message waits on its output {port + 1}, but it now has {node.Outputs.Length}");

    internal string CodecOf(Type type) => _byType.GetValueOrDefault(type)?.Name ?? "";

    internal Item State(ref StateStream s, Type type, in Item item)
    {
        var (first, last) = (s.Value(item.First), s.Value(item.Last));
        var message = Of(type).State(ref s, item.Value);
        if (s.IsWriting) { return item; }
        Ownership.PassOn(message);
        return Item.Of(message, null, first, last);
    }

    private MessageCodec Of(Type type) =>
        _byType.TryGetValue(type, out var codec) ? codec : throw new StateException(
            $"messages of type {type.Name} have no codec: name one with SaveWith");

    private void Add(IEnumerable<MessageCodec> codecs)
    {
        foreach (var codec in codecs)
        {
            _byType.TryAdd(codec.Type, codec);
            _byName.TryAdd(codec.Name, codec);
        }
    }

    private sealed class LetterMessages(SavedMessages all) : MessageCodec
    {
        internal override Type Type => typeof(DeadLetter);

        internal override string Name => "dead-letter";

        internal override object State(ref StateStream s, object? message)
        {
            var letter = (DeadLetter?)message;
            var (block, reason) = (s.Value(letter?.Block ?? ""), s.Value(letter?.Reason ?? ""));
            var (time, name) = (s.Time(letter?.Time) ?? default, s.Value(letter is null ? "" : all.Of(letter.Item.GetType()).Name));
            var codec = all._byName.GetValueOrDefault(name)
                ?? throw new StateException($"messages were saved by codec '{name}': name it with SaveWith");
            var item = codec.State(ref s, letter?.Item);
            return letter ?? new(block, reason, time, item);
        }
    }
}
