namespace StreamLearn.Operators;

/// <summary>What a routing block does to columns and keeps across messages; the function itself is not compared.</summary>
internal sealed record FunctionOptions(string? State = null, Schema? Columns = null) : IBlockOptions
{
    public Schema Output(Schema input) => Columns ?? input;

    public IReadOnlyList<MessageCodec> MessageCodecs { get; init; } = [];

    public int MaxOutputsPerCall { get; init; } = 1;

    public override string ToString() => "";
}

/// <summary>Blocks that change, choose and route messages of any kind.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Makes one message of each.</summary>
    /// <remarks>
    /// Shape: what the function makes of it. State: none. Cost: the function's. Emits: one message per message.
    /// Owns: the function owns its input and passes it on, or disposes it and gives a new message; the block owns what it returns.
    /// A function that throws has kept nothing; one that writes to a batch calls <see cref="Batch.ToWritable"/> first.
    /// Source: map of the dataflow vocabulary, Akidau et al. (2015).
    /// </remarks>
    /// <typeparam name="T">What comes in.</typeparam>
    /// <typeparam name="TOut">What comes out.</typeparam>
    /// <param name="flow">The messages.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    /// <param name="map">The function, without state of its own.</param>
    /// <param name="columns">The columns of the batches that come out, where they differ from those that come in; null where they do
    /// not.</param>
    public static Flow<TOut> Map<T, TOut>(this Flow<T> flow, string name, Func<T, TOut> map, Schema? columns = null)
        where T : class
        where TOut : class
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(map);
        return flow.Via(name, new FunctionOptions(Columns: columns),
            (FunctionOptions _, OperatorContext _, IOutput<TOut> output) => new Map<T, TOut>(map, output));
    }

    /// <summary>Makes one message of each, with memory of the run's: in steady state a new batch costs its handle.</summary>
    /// <remarks>
    /// Shape: what the function makes of it. State: none. Cost: the function's. Emits: one message per message.
    /// Owns: the function owns its input, and passes it on or disposes it; the block owns what it returns. A function that throws has kept
    /// nothing, and given back what it rented. Source: map of the dataflow vocabulary, Akidau et al. (2015).
    /// </remarks>
    /// <typeparam name="T">What comes in.</typeparam>
    /// <typeparam name="TOut">What comes out.</typeparam>
    /// <param name="flow">The messages.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    /// <param name="map">The function, without state of its own: a message, and where batches are rented.</param>
    /// <param name="columns">The columns of the batches that come out, where they differ from those that come in; null where they do
    /// not.</param>
    public static Flow<TOut> Map<T, TOut>(this Flow<T> flow, string name, Func<T, BatchPool, TOut> map, Schema? columns = null)
        where T : class
        where TOut : class
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(map);
        return flow.Via(name, new FunctionOptions(Columns: columns),
            (FunctionOptions _, OperatorContext context, IOutput<TOut> output) => new PooledMap<T, TOut>(map, context, output));
    }
}

internal sealed class PooledMap<T, TOut>(Func<T, BatchPool, TOut> map, OperatorContext context, IOutput<TOut> output) : Operator<T>
    where T : class
    where TOut : class
{
    public override void Process(T input) => output.Emit(map(input, context.Pool));
}

internal sealed class Map<T, TOut>(Func<T, TOut> map, IOutput<TOut> output) : Operator<T>
    where T : class
    where TOut : class
{
    public override void Process(T input) => output.Emit(map(input));
}
