namespace StreamLearn;

/// <summary>Asynchronous functions within a pipeline.</summary>
public static partial class FlowExtensions
{
    /// <summary>Makes one message of each with an asynchronous function, such as a question to a service: several calls at a time, results
    /// in the order of the messages.</summary>
    /// <remarks>
    /// Shape: what the function makes of it. State: none. Cost: the function's, and two objects per message. Emits: one message per
    /// message.
    /// A message waits on its edge until its result is there: edge and <paramref name="parallelism"/> bound what is under way, and a slow
    /// call holds back the results after it. Nothing is begun while the edge after the block is full.
    /// Owns: the function owns its input, on any thread; it passes it on, or disposes it and gives a new message. It writes to a batch only
    /// after <see cref="Batch.ToWritable"/>. The block owns what it returns.
    /// Throws: what the function throws is a failed call of the block (<see cref="Flow{T}.OnError"/>), in its turn. A repeated call is
    /// waited for on the block's thread.
    /// Delivery: a message is acknowledged when its result has been processed. To a checkpoint, a message without an emitted result is one
    /// that waits: after a restart the function is called again, so at least once.
    /// In the virtual world, in a replay and within <c>PerKey</c>, one call is made at a time, and waited for; it takes no virtual time. A
    /// run is repeated bit for bit if the function gives the same for the same. A replay calls it, too.
    /// Source: ordered asynchronous I/O of stream processors, Carbone et al. (2015).
    /// </remarks>
    /// <typeparam name="T">What comes in.</typeparam>
    /// <typeparam name="TOut">What comes out.</typeparam>
    /// <param name="flow">The messages.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    /// <param name="map">The function: a message, and a token that is canceled when the run stops. The run ends only when its calls have.
    /// What it does before its first await holds up the block.</param>
    /// <param name="parallelism">Calls that may be under way at once, at least 1; never more than messages fit on the edge into the block,
    /// 64 unless <see cref="Flow{T}.Buffer"/> says otherwise.</param>
    /// <param name="columns">The columns of the batches that come out, where they differ from those that come in; null where they do
    /// not.</param>
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
