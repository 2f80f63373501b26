using System.Threading.Tasks.Dataflow;

namespace StreamLearn;

/// <summary>Takes TPL Dataflow blocks of somebody else's into a pipeline.</summary>
public static partial class FlowExtensions
{
    /// <summary>Sends the flow through a TPL Dataflow block of somebody else's; in the dataflow host only. Set its
    /// <c>BoundedCapacity</c>.</summary>
    /// <typeparam name="T">What goes in.</typeparam>
    /// <typeparam name="TOut">What comes out.</typeparam>
    /// <param name="flow">The flow.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    /// <param name="open">Makes the block when the pipeline runs. A message is acknowledged when the block has accepted it. When the run
    /// stops, the block is completed and what still comes out of it is disposed; the end of the run does not wait for that.</param>
    public static Flow<TOut> Through<T, TOut>(this Flow<T> flow, string name, Func<IPropagatorBlock<T, TOut>> open)
        where T : class
        where TOut : class
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(open);
        return flow.Builder.Single<TOut>(
            flow.Add(name, new NoOptions(), NodeKind.Foreign, [typeof(TOut)], new ForeignWork(() => new ForeignBlock<T, TOut>(open()))));
    }
}
