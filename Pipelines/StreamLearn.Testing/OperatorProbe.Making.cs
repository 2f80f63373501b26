namespace StreamLearn.Testing;

/// <content>Probes of blocks with one, two and three outputs.</content>
public sealed partial class OperatorProbe
{
    /// <summary>Probes a block with one output.</summary>
    /// <param name="block">Wires the block under test; of several, the first is probed.</param>
    /// <param name="schema">The input batches' columns, to check the wiring.</param>
    /// <param name="seed">Seed of the random streams.</param>
    /// <param name="guard">True: batches are new and overwritten on return. False: batches are reused as in production, to count
    /// allocations.</param>
    public static OperatorProbe Of<TIn, TOut>(Func<Flow<TIn>, Flow<TOut>> block, Schema? schema = null, long seed = 1, bool guard = true)
        where TIn : class
        where TOut : class =>
        From<TIn>((_, flow) => block(flow).Output("main"), schema, seed, guard);

    /// <summary>Probes a block with two outputs.</summary>
    /// <typeparam name="TIn">The input messages.</typeparam>
    /// <typeparam name="TMain">Messages of the main output, port 0.</typeparam>
    /// <typeparam name="TSide">Messages of the side output, port 1.</typeparam>
    /// <param name="block">Wires the block under test.</param>
    /// <param name="schema">The input batches' columns, to check the wiring.</param>
    /// <param name="seed">Seed of the random streams.</param>
    /// <param name="guard">True: batches are new and overwritten on return.</param>
    public static OperatorProbe Of<TIn, TMain, TSide>(
        Func<Flow<TIn>, Fork<TMain, TSide>> block, Schema? schema = null, long seed = 1, bool guard = true)
        where TIn : class
        where TMain : class
        where TSide : class =>
        From<TIn>((_, flow) => Use(block(flow)), schema, seed, guard);

    /// <summary>Probes a block with three outputs.</summary>
    /// <typeparam name="TIn">The input messages.</typeparam>
    /// <typeparam name="TMain">Messages of the main output, port 0.</typeparam>
    /// <typeparam name="TSide">Messages of the side output, port 1.</typeparam>
    /// <typeparam name="TThird">Messages of the third output, port 2.</typeparam>
    /// <param name="block">Wires the block under test.</param>
    /// <param name="schema">The input batches' columns, to check the wiring.</param>
    /// <param name="seed">Seed of the random streams.</param>
    /// <param name="guard">True: batches are new and overwritten on return.</param>
    public static OperatorProbe Of<TIn, TMain, TSide, TThird>(
        Func<Flow<TIn>, Fork<TMain, TSide, TThird>> block, Schema? schema = null, long seed = 1, bool guard = true)
        where TIn : class
        where TMain : class
        where TSide : class
        where TThird : class =>
        From<TIn>((_, flow) => Use(block(flow)), schema, seed, guard);

    /// <summary>Probes a sink, or a block with control inputs: add these with <c>builder.Input</c> and use every output.</summary>
    /// <param name="build">Wires the flow; the first block on it is probed.</param>
    /// <param name="schema">The input batches' columns, to check the wiring.</param>
    /// <param name="seed">Seed of the random streams.</param>
    /// <param name="guard">True: batches are new and overwritten on return.</param>
    public static OperatorProbe From<TIn>(Action<PipelineBuilder, Flow<TIn>> build, Schema? schema = null, long seed = 1, bool guard = true)
        where TIn : class
    {
        var pipeline = Pipeline.Define("probe", p => build(p, p.Input<TIn>("probe-input", schema)));
        var edge = pipeline.Edges.First(e => e.From == 0 && !e.IsControl);
        var node = pipeline.Nodes[edge.To];
        return node.Kind == NodeKind.Operator
            ? new(pipeline, node, seed, guard)
            : throw new ArgumentException($"expected an operator after the input, got '{node.Name}' ({node.Kind})", nameof(build));
    }

    /// <summary>Connects both outputs of a fork to pipeline outputs.</summary>
    /// <typeparam name="TMain">Messages of the main output.</typeparam>
    /// <typeparam name="TSide">Messages of the side output.</typeparam>
    public static void Use<TMain, TSide>(Fork<TMain, TSide> fork)
        where TMain : class
        where TSide : class
    {
        fork.Main.Output("main");
        fork.Side.Output("side");
    }

    /// <summary>Connects the three outputs of a fork to pipeline outputs.</summary>
    /// <typeparam name="TMain">Messages of the main output.</typeparam>
    /// <typeparam name="TSide">Messages of the side output.</typeparam>
    /// <typeparam name="TThird">Messages of the third output.</typeparam>
    public static void Use<TMain, TSide, TThird>(Fork<TMain, TSide, TThird> fork)
        where TMain : class
        where TSide : class
        where TThird : class
    {
        fork.Main.Output("main");
        fork.Side.Output("side");
        fork.Third.Output("third");
    }
}
