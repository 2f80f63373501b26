namespace StreamLearn.Operators;

/// <summary>Functions are not compared.</summary>
internal sealed record FunctionOptions(string? State = null, Schema? Columns = null) : IBlockOptions
{
    public Schema Output(Schema input) => Columns ?? input;

    public IReadOnlyList<MessageCodec> MessageCodecs { get; init; } = [];

    public int MaxOutputsPerCall { get; init; } = 1;

    public override string ToString() => "";
}

/// <summary>Adds blocks that change, choose and route messages of any kind.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Transforms each message.</summary>
    /// <remarks> Shape: the function's result. State: none. Cost: the function's. Emits: one message per message. Owns: the function owns
    /// its input and passes it on, or disposes it and returns a new message; the block owns the result. A function that throws must keep
    /// nothing; one that writes to a batch calls <see cref="Batch.ToWritable"/> first. Source: Akidau et al. (2015), map. </remarks>
    /// <param name="flow">The messages.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
    /// <param name="map">A stateless function.</param>
    /// <param name="columns">Columns of the output; null: those of the input.</param>
    public static Flow<TOut> Map<T, TOut>(this Flow<T> flow, string name, Func<T, TOut> map, Schema? columns = null)
        where T : class
        where TOut : class
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(map);
        return flow.Via(name, new FunctionOptions(Columns: columns),
            (FunctionOptions _, OperatorContext _, IOutput<TOut> output) => new Map<T, TOut>(map, output));
    }

    /// <summary>Transforms each message, with pooled memory for new batches.</summary>
    /// <remarks> Shape: the function's result. State: none. Cost: the function's; a new batch allocates only its handle. Emits: one message
    /// per message. Owns: the function owns its input, and passes it on or disposes it; the block owns the result. A function that throws
    /// must keep nothing and return what it rented. Source: Akidau et al. (2015), map. </remarks>
    /// <param name="flow">The messages.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
    /// <param name="map">A stateless function of a message and the pool.</param>
    /// <param name="columns">Columns of the output; null: those of the input.</param>
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
