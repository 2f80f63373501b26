using System.Runtime.CompilerServices;
using System.Threading.Tasks.Dataflow;

namespace StreamLearn;

/// <summary>Feeds a TPL Dataflow block of somebody else's; what comes out of it enters by an <see cref="InletStage"/> of the same node.</summary>
internal sealed class ForeignStage(PipelineRun run, Node node, IForeignBlock block) : SinkStage(run, node)
{
    protected override bool Owns(bool processed) => !processed;

    protected override async ValueTask HandleAsync(Item item)
    {
        if (await block.SendAsync(item.Value, Run.Stopped).ConfigureAwait(false)) { return; }
        await block.Completion.ConfigureAwait(false);
        throw new InvalidOperationException("the block takes no more messages");
    }

    protected override void InputEnded()
    {
        block.Complete();
        End();
    }

    protected override void Release() => block.Complete();
}

/// <summary>A typed TPL Dataflow block behind <see cref="IForeignBlock"/>.</summary>
internal sealed class ForeignBlock<TIn, TOut>(IPropagatorBlock<TIn, TOut> block) : IForeignBlock
    where TIn : class
    where TOut : class
{
    public Task Completion => block.Completion;

    public Task<bool> SendAsync(object item, CancellationToken cancellationToken) => block.SendAsync((TIn)item, cancellationToken);

    public void Complete() => block.Complete();

    public async IAsyncEnumerable<object> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await block.OutputAvailableAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return await block.ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }

        await block.Completion.ConfigureAwait(false);
    }
}
