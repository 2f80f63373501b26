using System.Threading.Tasks.Dataflow;

namespace StreamLearn;

/// <summary>Adds foreign TPL Dataflow blocks to a pipeline.</summary>
public static partial class FlowExtensions
{
    /// <summary>Sends the flow through a foreign TPL Dataflow block; only in the dataflow host. Set the block's
    /// <c>BoundedCapacity</c>.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
    /// <param name="open">Makes the block for a run. Messages are acknowledged once it has accepted them. When the run stops, the block is
    /// completed and its remaining output is disposed in the background.</param>
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
