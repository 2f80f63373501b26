using System.Runtime.CompilerServices;
using System.Threading.Tasks.Dataflow;

namespace StreamLearn;

internal sealed class ForeignStage(PipelineRun run, Node node, IForeignBlock block) : SinkStage(run, node)
{
    protected override bool Owns(bool processed) => !processed;

    protected override async ValueTask HandleAsync(Place place)
    {
        Ownership.HandOver(place.Item.Value);
        if (await block.SendAsync(place.Item.Value, Run.Stopped).ConfigureAwait(false)) { return; }
        await block.Completion.WaitAsync(Run.Stopped).ConfigureAwait(false);      // it may never complete after the run has stopped
        Run.Stopped.ThrowIfCancellationRequested();      // the run completed the block while stopping
        throw new InvalidOperationException("the block accepts no more messages");
    }

    protected override void InputEnded()
    {
        block.Complete();
        End();
    }

    internal static async Task ReadAsync(PipelineRun run, InletStage inlet, IForeignBlock block)
    {
        try
        {
            await foreach (var item in block.ReadAllAsync(run.Stopped).ConfigureAwait(false))
            {
                if (!await inlet.TryAddAsync(item, null).ConfigureAwait(false)) { break; }
            }
        }
        finally
        {
            block.Complete();
            if (run.Stopping) { _ = EmptyAsync(block); }
        }
    }

    protected override void Release() => block.Complete();

    /// <summary>Disposes a block's remaining output after the run stopped, which does not wait: the block may never end.</summary>
    private static async Task EmptyAsync(IForeignBlock block)
    {
        try
        {
            await foreach (var item in block.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                (item as IDisposable)?.Dispose();
            }
        }
        catch (Exception)
        {
            // The block has faulted; the run's failure is already recorded.
        }
    }
}

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
