using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace StreamLearn;

/// <summary>The messages from one or more blocks in the definition of a pipeline. Using a flow twice branches it.</summary>
public sealed class Flow<T>
    where T : class
{
    private readonly StrongBox<bool>? _isUsed;      // set for intermediate flows, to detect unused ones

    internal Flow(
        PipelineBuilder builder, ImmutableArray<(int Node, int Port)> origins, EdgeOptions? edge = null, StrongBox<bool>? isUsed = null) =>
        (Builder, Origins, Edge, _isUsed) = (builder, origins, edge ?? builder.EdgeDefaults, isUsed);

    internal PipelineBuilder Builder { get; }

    internal ImmutableArray<(int Node, int Port)> Origins { get; }

    internal EdgeOptions Edge { get; }

    /// <summary>Sends the flow through an operator with one output.</summary>
    /// <typeparam name="TOptions">The options record; may implement <see cref="IBlockOptions"/>.</typeparam>
    /// <typeparam name="TOut">Output messages.</typeparam>
    /// <typeparam name="TOperator">The operator.</typeparam>
    /// <param name="name">The unique name.</param>
    /// <param name="options">The options, checked by the caller.</param>
    /// <param name="create">Creates the operator for a run. The lambda's parameters need explicit types.</param>
    public Flow<TOut> Via<TOptions, TOut, TOperator>(
        string name, TOptions options, Func<TOptions, OperatorContext, IOutput<TOut>, TOperator> create)
        where TOptions : notnull
        where TOut : class
        where TOperator : Operator<T>
    {
        ArgumentNullException.ThrowIfNull(create);
        var work = new OperatorWork(typeof(TOperator), (context, ports) => create(options, context, ports.Port<TOut>(0)));
        return Builder.Single<TOut>(Add(name, options, NodeKind.Operator, [typeof(TOut)], work));
    }

    /// <summary>Sends the flow through an operator with one output, which the options create.</summary>
    /// <param name="name">The unique name.</param>
    /// <param name="options">The options, checked by the caller; may implement <see cref="IBlockOptions"/>.</param>
    public Flow<TOut> Via<TOut, TOperator>(string name, IOperatorOptions<T, TOut, TOperator> options)
        where TOut : class
        where TOperator : Operator<T>
    {
        ArgumentNullException.ThrowIfNull(options);
        var work = new OperatorWork(typeof(TOperator), (context, ports) => options.Create(context, ports.Port<TOut>(0)));
        return Builder.Single<TOut>(Add(name, options, NodeKind.Operator, [typeof(TOut)], work));
    }

    /// <summary>Sends the flow through an operator with a main and a side output.</summary>
    /// <typeparam name="TOptions">The options record; may implement <see cref="IBlockOptions"/>.</typeparam>
    /// <typeparam name="TMain">Main output messages.</typeparam>
    /// <typeparam name="TSide">Side output messages.</typeparam>
    /// <typeparam name="TOperator">The operator.</typeparam>
    /// <param name="name">The unique name.</param>
    /// <param name="options">The options, checked by the caller.</param>
    /// <param name="create">Creates the operator for a run. The lambda's parameters need explicit types.</param>
    public Fork<TMain, TSide> Via<TOptions, TMain, TSide, TOperator>(
        string name, TOptions options, Func<TOptions, OperatorContext, IOutput<TMain>, IOutput<TSide>, TOperator> create)
        where TOptions : notnull
        where TMain : class
        where TSide : class
        where TOperator : Operator<T>
    {
        ArgumentNullException.ThrowIfNull(create);
        var work = new OperatorWork(typeof(TOperator),
            (context, ports) => create(options, context, ports.Port<TMain>(0), ports.Port<TSide>(1)));
        var node = Add(name, options, NodeKind.Operator, [typeof(TMain), typeof(TSide)], work);
        return new(new(Builder, [(node, 0)]), new(Builder, [(node, 1)]));
    }

    /// <summary>Sends the flow through an operator with three outputs.</summary>
    /// <typeparam name="TOptions">The options record; may implement <see cref="IBlockOptions"/>.</typeparam>
    /// <typeparam name="TMain">Main output messages.</typeparam>
    /// <typeparam name="TSide">Side output messages.</typeparam>
    /// <typeparam name="TThird">Third output messages.</typeparam>
    /// <typeparam name="TOperator">The operator.</typeparam>
    /// <param name="name">The unique name.</param>
    /// <param name="options">The options, checked by the caller.</param>
    /// <param name="create">Creates the operator for a run. The lambda's parameters need explicit types.</param>
    public Fork<TMain, TSide, TThird> Via<TOptions, TMain, TSide, TThird, TOperator>(string name, TOptions options,
        Func<TOptions, OperatorContext, IOutput<TMain>, IOutput<TSide>, IOutput<TThird>, TOperator> create)
        where TOptions : notnull
        where TMain : class
        where TSide : class
        where TThird : class
        where TOperator : Operator<T>
    {
        ArgumentNullException.ThrowIfNull(create);
        var work = new OperatorWork(typeof(TOperator),
            (context, ports) => create(options, context, ports.Port<TMain>(0), ports.Port<TSide>(1), ports.Port<TThird>(2)));
        var node = Add(name, options, NodeKind.Operator, [typeof(TMain), typeof(TSide), typeof(TThird)], work);
        return new(new(Builder, [(node, 0)]), new(Builder, [(node, 1)]), new(Builder, [(node, 2)]));
    }

    /// <summary>Sends two flows through an operator with one output.</summary>
    /// <typeparam name="TSecond">Second input messages.</typeparam>
    /// <typeparam name="TOptions">The options record; may implement <see cref="IBlockOptions"/>.</typeparam>
    /// <typeparam name="TOut">Output messages.</typeparam>
    /// <typeparam name="TOperator">The operator.</typeparam>
    /// <param name="second">The second flow, of this pipeline.</param>
    /// <param name="name">The unique name.</param>
    /// <param name="options">The options, checked by the caller.</param>
    /// <param name="create">Creates the operator for a run. The lambda's parameters need explicit types.</param>
    public Flow<TOut> Via<TSecond, TOptions, TOut, TOperator>(
        Flow<TSecond> second, string name, TOptions options, Func<TOptions, OperatorContext, IOutput<TOut>, TOperator> create)
        where TSecond : class
        where TOptions : notnull
        where TOut : class
        where TOperator : Operator<T>, IJoining<TSecond>
    {
        var joined = Via(name, options, create);
        Builder.Connect(Own(second).Used().Origins, joined.Origins[0].Node, second.Edge, isSecond: true);
        return joined;
    }

    /// <summary>Ends the flow in an operator without an output.</summary>
    /// <param name="name">The unique name.</param>
    /// <param name="options">The options, checked by the caller.</param>
    /// <param name="create">Creates the operator for a run. The lambda's parameters need explicit types.</param>
    public Sink To<TOptions, TOperator>(string name, TOptions options, Func<TOptions, OperatorContext, TOperator> create)
        where TOptions : notnull
        where TOperator : Operator<T>
    {
        ArgumentNullException.ThrowIfNull(create);
        return End(name, options, NodeKind.Operator, new OperatorWork(typeof(TOperator), (context, _) => create(options, context)));
    }

    /// <summary>Ends the flow in an action that is called for one message at a time. The message is disposed after the call.</summary>
    /// <param name="name">The block's unique name.</param>
    /// <param name="action">The action; it must not keep messages.</param>
    public Sink ForEach(string name, Action<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return To(name, new NoOptions(), (NoOptions _, OperatorContext _) => new ForEach<T>(action));
    }

    /// <summary>Ends the flow, dropping and counting its messages.</summary>
    /// <param name="reason">The drop reason; default <c>discarded</c>.</param>
    public Sink Discard(string reason = "discarded")
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return To($"discard {Builder.NameOf(Origins[0])}", new DiscardOptions(reason),
            static (DiscardOptions options, OperatorContext context) => new Discard<T>(options, context));
    }

    /// <summary>Merges flows in order of arrival. The result ends when all flows have ended.</summary>
    /// <param name="others">Other flows of this pipeline.</param>
    public Flow<T> Merge(params ReadOnlySpan<Flow<T>> others)
    {
        var origins = Origins;
        foreach (var other in others) { origins = origins.AddRange(Own(other).Used().Origins); }
        return Derived(origins, Edge, nameof(Merge));
    }

    /// <summary>Sets the limits and the policy of the edges that leave this flow.</summary>
    /// <param name="capacityMessages">Maximum number of messages, at least 1.</param>
    /// <param name="onFull">The policy when full; default wait.</param>
    /// <param name="capacityBytes">Maximum number of bytes, at least 1; null keeps the limit, by default 8 MiB.</param>
    /// <exception cref="ArgumentException">Coalescing needs <see cref="Coalesce"/>.</exception>
    public Flow<T> Buffer(int capacityMessages, OnFull onFull = OnFull.Wait, long? capacityBytes = null)
    {
        var edge = new EdgeOptions
        {
            CapacityMessages = capacityMessages,
            OnFull = onFull,
            CapacityBytes = capacityBytes ?? Edge.CapacityBytes,
        };
        return Derived(Origins, edge.Checked(), nameof(Buffer));
    }

    /// <summary>Queues at most one message and merges new ones into it. Counts <c>coalesced</c> messages, and <c>rows-coalesced</c> that
    /// the result does not hold. A merge that throws fails the run; the queued message is dropped as <c>merge-failed</c>.</summary>
    /// <param name="merge">Merges the queued and the new message. It owns both.</param>
    public Flow<T> Coalesce(Func<T, T, T> merge)
    {
        ArgumentNullException.ThrowIfNull(merge);
        var edge = Edge with { CapacityMessages = 1, OnFull = OnFull.Coalesce, Merge = (queued, added) => merge((T)queued, (T)added) };
        return Derived(Origins, edge, nameof(Coalesce));
    }

    /// <summary>Adds a control input to the flow's block.</summary>
    /// <typeparam name="TControl">The control messages; the operator implements <see cref="IControlledBy{T}"/> for them.</typeparam>
    public Flow<T> ControlledBy<TControl>(Flow<TControl> control)
        where TControl : class
    {
        Builder.AddControl(Origins, Own(control).Used());
        return this;
    }

    /// <summary>Sets the error policy of the flow's block.</summary>
    /// <param name="policy">The policy; default fail.</param>
    public Flow<T> OnError(ErrorPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Builder.SetErrors(Origins, policy);
        return this;
    }

    /// <summary>Publishes the messages in order.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="codec">The encoding.</param>
    /// <param name="retain">True: the newest message is kept for later subscribers.</param>
    /// <param name="properties">Message properties; null: none.</param>
    public Sink Publish(ITransport transport, Topic topic, ICodec<T> codec, bool retain = false, MessageProperties? properties = null) =>
        Publish(transport, topic, codec, new() { Retain = retain, Properties = properties }, Same(properties));

    /// <summary>Publishes the messages in order.</summary>
    public Sink Publish(ITransport transport, Topic topic, ICodec<T> codec, PublicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Publish(transport, topic, codec, options, Same(options.Properties));
    }

    /// <summary>Publishes the messages in order, each with its own properties, such as the correlation data of a reply.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="codec">The encoding.</param>
    /// <param name="propertiesOf">Returns the properties of a message, or null for none. It must not keep the message.</param>
    /// <param name="retain">True: the newest message is kept for later subscribers.</param>
    public Sink Publish(ITransport transport, Topic topic, ICodec<T> codec, Func<T, MessageProperties?> propertiesOf, bool retain = false)
    {
        ArgumentNullException.ThrowIfNull(propertiesOf);
        return Publish(transport, topic, codec, new() { Retain = retain }, item => propertiesOf((T)item));
    }

    /// <summary>Publishes the messages in order, each to its own topic.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="topic">The topic, with one level in braces.</param>
    /// <param name="codec">The encoding.</param>
    /// <param name="levelOf">Returns the name of the level, such as the recipient. For arbitrary strings, use
    /// <see cref="Topic.Escape"/>.</param>
    /// <param name="options">The settings; null: defaults.</param>
    public Sink PublishTo(
        ITransport transport, TopicTemplate topic, ICodec<T> codec, Func<T, string> levelOf, PublicationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(levelOf);
        options ??= new();
        return Publish(transport, topic.Value, topic.Level, new(topic, default, item => levelOf((T)item)), codec, options,
            Same(options.Properties));
    }

    /// <summary>Exposes the messages to the program (<see cref="PipelineRun.ReadAllAsync{T}"/>). A slow reader slows the
    /// pipeline.</summary>
    /// <param name="name">The output's unique name.</param>
    public Sink Output(string name) => End(name, new NoOptions(), NodeKind.Output, new OutputWork());

    /// <summary>Renames the flow's block.</summary>
    /// <param name="name">The new, unique name.</param>
    public Flow<T> Named(string name)
    {
        Builder.Rename(Origins, name);
        return this;
    }

    internal int Add(string name, object options, NodeKind kind, ImmutableArray<Type> outputs, Work work)
    {
        var node = Builder.AddNode(name, kind, options, typeof(T), outputs, work);
        Builder.Connect(Used().Origins, node, Edge);
        return node;
    }

    private Flow<T> Derived(ImmutableArray<(int Node, int Port)> origins, EdgeOptions edge, string call)
    {
        Used();
        return new(Builder, origins, edge, Builder.Expect($"the result of {call} after block '{Builder.NameOf(Origins[0])}'"));
    }

    internal Flow<T> Used()
    {
        if (_isUsed is not null) { _isUsed.Value = true; }
        return this;
    }

    private Sink Publish(ITransport transport, Topic topic, ICodec<T> codec, PublicationOptions options,
        Func<object, MessageProperties?>? properties)
    {
        if (topic.IsFilter) { throw new ArgumentException($"cannot publish to the filter '{topic}'", nameof(topic)); }
        return Publish(transport, topic.Value, null, new(null, topic, null), codec, options, properties);
    }

    private Sink Publish(ITransport transport, string text, string? level, PublicationTopic topic, ICodec<T> codec,
        PublicationOptions options, Func<object, MessageProperties?>? properties)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(codec);
        var link = new LinkOptions(transport.Name, text, codec.Name, options.Checked(), level);
        var work = new PublishWork(
            transport, topic, codec.Name, codec.Kind, codec.WaitsForCheckpoint, options, (item, buffer) => codec.Encode((T)item, buffer),
            MessageCodec.Of(codec), properties);
        return End($"publish {text}", link, NodeKind.Publish, work);
    }

    private Sink End(string name, object options, NodeKind kind, Work work) => new(Builder, Add(name, options, kind, [], work));

    private static Func<object, MessageProperties?>? Same(MessageProperties? properties) => properties is null ? null : _ => properties;

    private Flow<TOther> Own<TOther>(Flow<TOther> other, [CallerArgumentExpression(nameof(other))] string name = "")
        where TOther : class
    {
        ArgumentNullException.ThrowIfNull(other, name);
        return ReferenceEquals(other.Builder, Builder) ? other : throw new ArgumentException("the flow belongs to another pipeline", name);
    }
}

internal sealed record NoOptions
{
    public override string ToString() => "";
}

internal sealed record ConnectionsOptions(string Transport)
{
    public override string ToString() => Transport;
}

internal sealed record LinkOptions(
    string Transport, string Topic, string Codec, PublicationOptions? Publication = null, string? Level = null)
{
    public override string ToString() =>
        $"{Transport}, {Codec}{(Level is null ? "" : $", by {Level}")}"
            + $"{(Publication?.Properties is { } properties ? $", {properties}" : "")}"
            + $"{(Publication is { Carries: > PrivacyLabel.Public } publication ? $", carries {publication.Carries}" : "")}";
}
