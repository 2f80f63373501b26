
namespace StreamLearn.Testing;

/// <content>Probes of blocks with one, two and three outputs.</content>
public sealed partial class OperatorProbe
{
    /// <summary>Probes a block with one output.</summary>
    /// <typeparam name="TIn">The messages it takes.</typeparam>
    /// <typeparam name="TOut">The messages it emits.</typeparam>
    /// <param name="block">Sends a flow through the block under test; of several blocks, the first is probed.</param>
    /// <param name="schema">The columns of the batches coming in, so that the wiring is checked.</param>
    /// <param name="seed">Seed of the named random streams.</param>
    /// <param name="guard">True: each batch is new and spoiled when it comes back. False: as in production, for tests that count
    /// allocations.</param>
    public static OperatorProbe Of<TIn, TOut>(Func<Flow<TIn>, Flow<TOut>> block, Schema? schema = null, long seed = 1, bool guard = true)
        where TIn : class
        where TOut : class =>
        From<TIn>((_, flow) => block(flow).Output("main"), schema, seed, guard);

    /// <summary>Probes a block with two outputs.</summary>
    /// <typeparam name="TIn">The messages it takes.</typeparam>
    /// <typeparam name="TMain">The messages of its main output, port 0.</typeparam>
    /// <typeparam name="TSide">The messages of its side output, port 1.</typeparam>
    /// <param name="block">Sends a flow through the block under test.</param>
    /// <param name="schema">The columns of the batches coming in, so that the wiring is checked.</param>
    /// <param name="seed">Seed of the named random streams.</param>
    /// <param name="guard">True: each batch is new and spoiled when it comes back.</param>
    public static OperatorProbe Of<TIn, TMain, TSide>(
        Func<Flow<TIn>, Fork<TMain, TSide>> block, Schema? schema = null, long seed = 1, bool guard = true)
        where TIn : class
        where TMain : class
        where TSide : class =>
        From<TIn>((_, flow) => Use(block(flow)), schema, seed, guard);

    /// <summary>Probes a block with three outputs.</summary>
    /// <typeparam name="TIn">The messages it takes.</typeparam>
    /// <typeparam name="TMain">The messages of its main output, port 0.</typeparam>
    /// <typeparam name="TSide">The messages of its side output, port 1.</typeparam>
    /// <typeparam name="TThird">The messages of its third output, port 2.</typeparam>
    /// <param name="block">Sends a flow through the block under test.</param>
    /// <param name="schema">The columns of the batches coming in, so that the wiring is checked.</param>
    /// <param name="seed">Seed of the named random streams.</param>
    /// <param name="guard">True: each batch is new and spoiled when it comes back.</param>
    public static OperatorProbe Of<TIn, TMain, TSide, TThird>(
        Func<Flow<TIn>, Fork<TMain, TSide, TThird>> block, Schema? schema = null, long seed = 1, bool guard = true)
        where TIn : class
        where TMain : class
        where TSide : class
        where TThird : class =>
        From<TIn>((_, flow) => Use(block(flow)), schema, seed, guard);

    /// <summary>
    /// Probes a block that ends its flow, or one with control inputs: add these with <c>builder.Input</c> and use every output.
    /// </summary>
    /// <typeparam name="TIn">The messages it takes.</typeparam>
    /// <param name="build">Wires the block to the flow; the block under test is the first one on that flow.</param>
    /// <param name="schema">The columns of the batches coming in, so that the wiring is checked.</param>
    /// <param name="seed">Seed of the named random streams.</param>
    /// <param name="guard">True: each batch is new and spoiled when it comes back.</param>
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

    /// <summary>Ends both outputs of a fork in outputs of the pipeline.</summary>
    /// <typeparam name="TMain">The messages of the main output.</typeparam>
    /// <typeparam name="TSide">The messages of the side output.</typeparam>
    /// <param name="fork">The fork.</param>
    public static void Use<TMain, TSide>(Fork<TMain, TSide> fork)
        where TMain : class
        where TSide : class
    {
        fork.Main.Output("main");
        fork.Side.Output("side");
    }

    /// <summary>Ends the three outputs of a fork in outputs of the pipeline.</summary>
    /// <typeparam name="TMain">The messages of the main output.</typeparam>
    /// <typeparam name="TSide">The messages of the side output.</typeparam>
    /// <typeparam name="TThird">The messages of the third output.</typeparam>
    /// <param name="fork">The fork.</param>
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
