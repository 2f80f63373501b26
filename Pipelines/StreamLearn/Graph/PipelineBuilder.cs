using System.Runtime.CompilerServices;

namespace StreamLearn;

/// <summary>Collects a pipeline's blocks and edges in <see cref="Pipeline.Define"/>.</summary>
public sealed partial class PipelineBuilder
{
    private readonly List<Node> _nodes = [];
    private readonly List<Edge> _edges = [];
    private readonly Dictionary<int, Schema> _declared = [];
    private readonly List<string> _problems = [];
    private readonly List<(string What, StrongBox<bool> IsUsed)> _expected = [];
    private readonly SortedDictionary<string, TopicLevel> _levels = new(StringComparer.Ordinal);
    private readonly List<TopicLevel> _declaredLevels = [];
    private readonly List<MessageCodec> _codecs = [];
    private Flow<DeadLetter>? _deadLetters;

    internal PipelineBuilder(string name) => Name = name;

    /// <summary>The pipeline's name.</summary>
    public string Name { get; }

    /// <summary>Limits and policy of edges that have none of their own; by default 64 messages, 8 MiB, and wait.</summary>
    /// <exception cref="ArgumentException">A limit is below 1, or the policy cannot be a default.</exception>
    public EdgeOptions EdgeDefaults
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value.Checked();
        }
    } = new();

    /// <summary>Messages that failed in blocks with <see cref="ErrorPolicy.DeadLetter"/>, with the reasons.</summary>
    public Flow<DeadLetter> DeadLetters => _deadLetters ??= Single<DeadLetter>(AddNode("dead-letters", NodeKind.Operator, new NoOptions(),
        typeof(DeadLetter), [typeof(DeadLetter)],
        new OperatorWork(typeof(PassOn<DeadLetter>), static (_, ports) => new PassOn<DeadLetter>(ports.Port<DeadLetter>(0)))));

    /// <summary>Adds a local source that runs in both hosts.</summary>
    /// <param name="name">The unique name.</param>
    /// <param name="options">The options, checked by the caller.</param>
    /// <param name="create">Makes the source for a run; type the lambda's parameters.</param>
    /// <param name="schema">The batches' columns; others fail the run.</param>
    /// <param name="maxRows">Maximal batch rows, for <see cref="Pipeline.Explain"/>; more fail the run. Null: unknown.</param>
    public Flow<T> From<TOptions, T>(
        string name, TOptions options, Func<TOptions, OperatorContext, Source<T>> create, Schema? schema = null, int? maxRows = null)
        where TOptions : notnull
        where T : class
    {
        ArgumentNullException.ThrowIfNull(create);
        return Declare(
            Single<T>(AddNode(name, NodeKind.Source, options, null, [typeof(T)], new SourceWork(context => create(options, context)))),
            schema, maxRows);
    }

    /// <summary>Adds an asynchronous sequence; only in the dataflow host. It is read as fast as the pipeline accepts items. When the run
    /// drains, it ends, if necessary after one more message.</summary>
    /// <param name="name">The unique name.</param>
    /// <param name="open">Opens the sequence; the token is canceled when the run stops.</param>
    /// <param name="schema">The batches' columns; others fail the run.</param>
    /// <param name="maxRows">Maximal batch rows, for <see cref="Pipeline.Explain"/>; more fail the run. Null: unknown.</param>
    public Flow<T> FromSequence<T>(
        string name, Func<CancellationToken, IAsyncEnumerable<T>> open, Schema? schema = null, int? maxRows = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(open);
        return FromSequence(name, (_, token) => open(token), schema, maxRows);
    }

    /// <summary>Adds an asynchronous sequence that rents its batches from the run's pool; in steady state only their handles are
    /// allocated.</summary>
    /// <param name="name">The unique name.</param>
    /// <param name="open">Opens the sequence with the run's pool; the token is canceled when the run stops.</param>
    /// <param name="schema">The batches' columns; others fail the run.</param>
    /// <param name="maxRows">Maximal batch rows, for <see cref="Pipeline.Explain"/>; more fail the run. Null: unknown.</param>
    public Flow<T> FromSequence<T>(
        string name, Func<BatchPool, CancellationToken, IAsyncEnumerable<T>> open, Schema? schema = null, int? maxRows = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(open);
        return Sequence(name, new NoOptions(), (context, token) => Until(open(context.Pool, token), token), schema, maxRows);
    }

    /// <summary>Adds an asynchronous sequence with options, for a connector that exists only where the program runs. It must end when the
    /// token is canceled, and may first yield buffered messages.</summary>
    /// <param name="name">The block's unique name.</param>
    /// <param name="options">The options that the graph shows.</param>
    /// <param name="open">Opens the sequence; the token is canceled when the run drains or stops. Other threads may only call the context's
    /// <see cref="OperatorContext.Drop(object, string)"/>.</param>
    /// <param name="schema">The columns of the batches; other columns fail the run.</param>
    /// <param name="maxRows">Maximum number of rows per batch; null: unknown.</param>
    public Flow<T> FromSequence<T>(
        string name, IBlockOptions options, Func<OperatorContext, CancellationToken, IAsyncEnumerable<T>> open, Schema? schema = null,
        int? maxRows = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(open);
        return Sequence(name, options, open, schema, maxRows);
    }

    /// <summary>Adds an input that the program feeds (<see cref="PipelineRun.SendAsync{T}"/>).</summary>
    /// <param name="name">The unique name.</param>
    /// <param name="schema">The batches' columns; others are refused.</param>
    /// <param name="maxRows">Maximal batch rows, for <see cref="Pipeline.Explain"/>; more are refused. Null: unknown.</param>
    public Flow<T> Input<T>(string name, Schema? schema = null, int? maxRows = null)
        where T : class =>
        Declare(Single<T>(AddNode(name, NodeKind.Input, new NoOptions(), null, [typeof(T)], new InputWork())), schema, maxRows);

    /// <summary>Declares a named topic level for all subscriptions: its known names and their maximum number.</summary>
    /// <param name="level">The level, declared once per pipeline.</param>
    /// <exception cref="ArgumentException">Known names are too long, too many or not distinct.</exception>
    public void Level(TopicLevel level)
    {
        ArgumentNullException.ThrowIfNull(level);
        _declaredLevels.Add(level.Checked());
    }

    /// <summary>Sets the checkpoint codec of a message type. Batches, texts and messages of library blocks need none; others default to the
    /// codec of a publication or subscription.</summary>
    public void SaveWith<T>(ICodec<T> codec)
        where T : class => _codecs.Add(MessageCodec.Of(codec));

    /// <summary>Subscribes to a topic of a transport.</summary>
    /// <remarks> Filter levels may be named: <c>plant/{site}/{pump}/vibration</c> matches <c>plant/+/+/vibration</c> and adds int32 columns
    /// <c>site</c> and <c>pump</c> to batches. They hold codes of the names at these levels, the same in all subscriptions of the pipeline.
    /// <see cref="PipelineRun.LevelTexts"/> and <see cref="OperatorContext.LevelText"/> return the names. Messages that name their sender
    /// (<see cref="ISentOnTopic{TSelf}"/>) get the name at the one named level. Drops: <c>malformed</c>, <c>empty</c> (a batch without
    /// rows), <c>oversized</c>, <c>retained</c>, <c>level-bound</c>, <c>schema</c> (a column has a level's name). </remarks>
    /// <typeparam name="T">The messages; with named levels, batches or messages that name their sender.</typeparam>
    /// <param name="transport">The transport.</param>
    /// <param name="filter">The topic or filter; levels may be named.</param>
    /// <param name="codec">Decodes the payload; payloads that it refuses are dropped as <c>malformed</c>.</param>
    /// <param name="options">Capacity, payload bound and delivery level.</param>
    /// <param name="schema">The columns of the batches, for checks before the run; others are dropped as <c>schema</c>. Default: those of
    /// the codec, if it has any.</param>
    /// <exception cref="ArgumentException">The messages do not accept named levels, or a column has the name of a level.</exception>
    public Flow<T> Subscribe<T>(
        ITransport transport, Topic filter, ICodec<T> codec, SubscribeOptions? options = null, Schema? schema = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(codec);
        object? Decode(in Received message, BatchPool pool, out string? reason)
        {
            reason = null;
            return codec.TryDecode(message.Payload, pool, out var value) ? value : null;
        }

        schema ??= codec.Schema;
        var pattern = new TopicPattern(filter);
        if (pattern.Names.IsEmpty) { return Subscribe<T>(transport, filter, codec.Name, options, schema, _ => Decode, codec); }
        if (pattern.Names.Length == 1 && typeof(T).IsAssignableTo(typeof(ISentOnTopic<T>)))
        {
            return Subscribe<T>(transport, filter, codec.Name, options, schema, _ => new TopicSender<T>(pattern, codec).Decode, codec);
        }

        if (codec is not ICodec<Batch> batches)
        {
            throw new ArgumentException(
                $"named levels become columns: '{filter}' needs batches, or one level and messages that name their sender, "
                    + $"not {typeof(T).Name}", nameof(filter));
        }

        foreach (var name in pattern.Names) { _levels.TryAdd(name, new(name)); }
        schema = schema is null ? null : LevelColumns.Widened(schema, pattern);
        return Subscribe<T>(transport, filter, codec.Name, options, schema, levels => new LevelColumns(pattern, levels, batches).Decode);
    }

    /// <summary>Subscribes to a topic with a decoder that also receives the topic, the properties and the retain flag.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="filter">The topic or filter.</param>
    /// <param name="name">The decoder's name, for comparing and printing nodes.</param>
    /// <param name="decoder">Decodes one message at a time from payload, topic and properties. It has no state, because a pipeline may run
    /// repeatedly. It must not throw on invalid bytes, and must not keep the bytes, which are reused. Null: the message is dropped as
    /// <c>malformed</c>.</param>
    /// <param name="options">Capacity, payload bound and delivery level.</param>
    /// <param name="schema">The columns of the batches, for checks before the run; others are dropped as <c>schema</c>.</param>
    public Flow<T> Subscribe<T>(ITransport transport, Topic filter, string name, Func<Received, BatchPool, T?> decoder,
        SubscribeOptions? options = null, Schema? schema = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(decoder);
        object? Decode(in Received message, BatchPool pool, out string? reason)
        {
            reason = null;
            return decoder(message, pool);
        }

        return Subscribe<T>(transport, filter, name, options, schema, _ => Decode);
    }

    /// <summary>Reports when a transport connects and loses its connection, as data or control
    /// (<see cref="Flow{T}.ControlledBy{TControl}"/>).</summary>
    /// <remarks> Does not keep a run open: it ends when the run drains, when there are no receivers, or when only blocks that it feeds
    /// remain. In the simulation it reports <c>VirtualDevice.Disconnect</c> and <c>Connect</c>. </remarks>
    public Flow<ConnectionChange> Connections(ITransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        return Single<ConnectionChange>(AddNode($"connections {transport.Name}", NodeKind.Connections,
            new ConnectionsOptions(transport.Name), null, [typeof(ConnectionChange)], new ConnectionsWork(transport)));
    }

    /// <summary>Ends a sequence at the current message on cancellation, even if it ignores the token.</summary>
    private static async IAsyncEnumerable<T> Until<T>(
        IAsyncEnumerable<T> items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return item;
            if (cancellationToken.IsCancellationRequested) { yield break; }
        }
    }

    private Flow<T> Sequence<T>(
        string name, object options, Func<OperatorContext, CancellationToken, IAsyncEnumerable<T>> open, Schema? schema, int? maxRows)
        where T : class =>
        Declare(Single<T>(AddNode(name, NodeKind.Sequence, options, null, [typeof(T)], new SequenceWork(open))), schema, maxRows);

    private Flow<T> Subscribe<T>(ITransport transport, Topic filter, string codec, SubscribeOptions? options, Schema? schema,
        Func<TopicLevels, Decode> open, ICodec<T>? messages = null)
        where T : class
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Capacity, 65535);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxPayloadBytes, 1);
        var saved = messages is null ? null : MessageCodec.Of(messages);
        var pattern = new TopicPattern(filter);
        var work = new SubscribeWork(transport, pattern.Filter, options, open, saved);
        var link = new LinkOptions(transport.Name, filter.Value, codec);
        return Declare(Single<T>(AddNode($"subscribe {filter}", NodeKind.Subscribe, link, null, [typeof(T)], work)), schema);
    }

    internal Flow<T> Single<T>(int node)
        where T : class => new(this, [(node, 0)]);

    private Flow<T> Declare<T>(Flow<T> flow, Schema? schema, int? maxRows = null)
        where T : class
    {
        _nodes[flow.Origins[0].Node].MaxRows = maxRows;
        if (schema is not null) { _declared[flow.Origins[0].Node] = schema; }
        return flow;
    }
}
