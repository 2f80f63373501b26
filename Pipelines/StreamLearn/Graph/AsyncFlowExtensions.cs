namespace StreamLearn;

/// <summary>Asynchronous functions in a pipeline.</summary>
public static partial class FlowExtensions
{
    /// <summary>Maps each message with an asynchronous function, such as a service request: concurrent calls, results in message
    /// order.</summary>
    /// <remarks> Shape: the function's result. State: none. Cost: the function's, and two objects per message. Emits: one message per
    /// message. Messages stay on their edge until their result is ready: the edge and <paramref name="parallelism"/> bound concurrent
    /// calls. A slow call delays later results. No call starts while the next edge is full. Owns: the function owns its input, on any
    /// thread; it passes it on, or disposes it and returns a new message. It calls <see cref="Batch.ToWritable"/> before writing to a
    /// batch. The block owns the result. Throws: an exception fails the block's call (<see cref="Flow{T}.OnError"/>), in message order.
    /// Retries block the block's thread. Delivery: a message is acknowledged when its result is processed. After a restart, messages
    /// without an emitted result are mapped again: at least once. The simulation, replays and <c>PerKey</c> make one call at a time and
    /// wait for it, without virtual time. They repeat bit for bit only with a deterministic function. Source: ordered asynchronous I/O of
    /// stream processors, Carbone et al. (2015). </remarks>
    /// <param name="flow">The messages.</param>
    /// <param name="name">The unique name.</param>
    /// <param name="map">The function; its token is canceled when the run stops, and the run waits for its calls. Code before the first
    /// await blocks the block.</param>
    /// <param name="parallelism">Maximum number of concurrent calls, at least 1; limited by the capacity of the edge into the block, 64
    /// unless set by <see cref="Flow{T}.Buffer"/>.</param>
    /// <param name="columns">The columns of the output batches; null: those of the input.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="parallelism"/> is below 1.</exception>
    public static Flow<TOut> MapAsync<T, TOut>(
        this Flow<T> flow, string name, Func<T, CancellationToken, ValueTask<TOut>> map, int parallelism, Schema? columns = null)
        where T : class
        where TOut : class
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(map);
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        return flow.Via(name, new MapAsyncOptions(parallelism, columns),
            (MapAsyncOptions options, OperatorContext context, IOutput<TOut> output) =>
                new MapAsync<T, TOut>(options.Parallelism, new(map, context.Cancellation), output));
    }
}
