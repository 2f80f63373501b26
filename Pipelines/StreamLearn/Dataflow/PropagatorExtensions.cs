using System.Threading.Tasks.Dataflow;

namespace StreamLearn;

/// <summary>Exposes pipelines as TPL Dataflow blocks.</summary>
public static partial class FlowExtensions
{
    /// <summary>Starts a pipeline with one input and one output as a TPL Dataflow block. Completing the block ends the input; a failed run
    /// faults it.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="options">Run settings; null: defaults.</param>
    /// <param name="cancellationToken">Stops the run at once.</param>
    /// <exception cref="ArgumentException">The pipeline does not have exactly one input and one output of these types.</exception>
    public static IPropagatorBlock<TIn, TOut> AsPropagator<TIn, TOut>(
        this Pipeline pipeline, RunOptions? options = null, CancellationToken cancellationToken = default)
        where TIn : class
        where TOut : class
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        var input = Only(pipeline, NodeKind.Input, n => n.Outputs[0] == typeof(TIn));
        var output = Only(pipeline, NodeKind.Output, n => n.Input == typeof(TOut));
        var run = pipeline.Start(options, cancellationToken);
        var bounded = new ExecutionDataflowBlockOptions { BoundedCapacity = 1 };
        var stopped = new CancellationTokenSource();
        var target = new ActionBlock<TIn>(item => SendAsync(run, input, item), bounded);
        var source = new BufferBlock<TOut>(new() { BoundedCapacity = 1, CancellationToken = stopped.Token });
        var upstream = EndInputAsync(run, input, target);
        _ = PumpAsync(run, output, source, upstream, stopped);
        return DataflowBlock.Encapsulate(target, source);
    }

    private static string Only(Pipeline pipeline, NodeKind kind, Func<Node, bool> fits)
    {
        var nodes = pipeline.Nodes.Where(n => n.Kind == kind).ToList();
        return nodes.Count == 1 && fits(nodes[0])
            ? nodes[0].Name
            : throw new ArgumentException(
                $"expected one {kind.ToString().ToLowerInvariant()} of the block's type, got {nodes.Count}: {string.Join(", ", nodes)}",
                nameof(pipeline));
    }

    private static async Task SendAsync<T>(PipelineRun run, string input, T item)
        where T : class
    {
        try { await run.SendAsync(input, item).ConfigureAwait(false); }
        catch (InvalidOperationException) when (run.Stopping)
        {
            // The failure of the run is reported to the source block.
        }
    }

    private static async Task EndInputAsync<T>(PipelineRun run, string input, ActionBlock<T> target)
        where T : class
    {
        await Task.WhenAny(target.Completion, run.Completion).ConfigureAwait(false);
        target.Complete();
        if (target.Completion.IsFaulted) { await run.DisposeAsync().ConfigureAwait(false); }
        else { run.Complete(input); }
        await target.Completion.ConfigureAwait(false);
    }

    private static async Task PumpAsync<T>(
        PipelineRun run, string output, BufferBlock<T> source, Task upstream, CancellationTokenSource stopped)
        where T : class
    {
        await foreach (var item in run.ReadAllAsync<T>(output).ConfigureAwait(false))
        {
            if (!await TrySendAsync(source, item, run.Stopped).ConfigureAwait(false)) { (item as IDisposable)?.Dispose(); }
        }

        await run.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await upstream.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (run.Completion.IsCompletedSuccessfully)
        {
            source.Complete();
            return;
        }

        // a faulted or canceled block drops the items that nobody has received
        while (source.TryReceive(out var item)) { (item as IDisposable)?.Dispose(); }
        if ((run.Completion.Exception ?? upstream.Exception)?.InnerException is { } failure) { ((IDataflowBlock)source).Fault(failure); }
        else { await stopped.CancelAsync().ConfigureAwait(false); }
    }

    private static async Task<bool> TrySendAsync<T>(BufferBlock<T> source, T item, CancellationToken cancellationToken)
    {
        try { return await source.SendAsync(item, cancellationToken).ConfigureAwait(false); }
        catch (OperationCanceledException) { return false; }
    }
}
