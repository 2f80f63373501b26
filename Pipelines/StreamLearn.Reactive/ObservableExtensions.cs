using System.Reactive.Linq;
using System.Runtime.CompilerServices;

namespace StreamLearn.Reactive;

/// <summary>Connects observables to pipeline inputs and outputs.</summary>
/// <remarks> Observables have no backpressure. On input, messages that arrive too fast are dropped and counted, or fail the run, as the
/// buffer's options say. On output, an observer holds the pipeline back only inside <c>OnNext</c>; operators that move work elsewhere
/// (<c>ObserveOn</c>, <c>Buffer</c>, <c>Delay</c>) queue without a bound. For backpressure use <c>FromSequence</c> and
/// <see cref="PipelineRun.ReadAllAsync{T}"/>. </remarks>
public static class ObservableExtensions
{
    /// <summary>Adds an observable as a source through a bounded buffer; in the dataflow host only.</summary>
    /// <remarks> Each run subscribes once. The pipeline owns a message from <c>OnNext</c> on: an observable with other observers retains
    /// owned messages (<see cref="Batch"/>) for each. An observable that pushes everything inside Subscribe, such as <c>ToObservable</c> of
    /// a list, fills the buffer before the pipeline reads. If Subscribe never returns, nothing is read; draining or stopping ends it by
    /// <see cref="OperationCanceledException"/> from <c>OnNext</c>. A drain unsubscribes and processes the buffer; an error of the
    /// observable fails the run after the buffer is read. State: the buffer. Drops: <c>drop-oldest</c>, <c>drop-newest</c>,
    /// <c>replaced</c>, <c>oversized</c>, and <c>after-end</c> for messages pushed during a drain. </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
    /// <param name="observable">The source; it may push from any thread.</param>
    /// <param name="options">Buffer bounds and overflow; null for 64 messages, 8 MiB and failing.</param>
    /// <param name="schema">The batches' columns, to check the pipeline before it runs.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static Flow<T> FromObservable<T>(
        this PipelineBuilder builder, string name, IObservable<T> observable, ObservableOptions? options = null, Schema? schema = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(observable);
        var bounds = (options ?? new()).Checked();
        return builder.FromSequence(name, bounds, (context, token) => ReadAsync(observable, bounds, context, token), schema);
    }

    /// <summary>Adds an observable as a source through a buffer bounded in messages; in the dataflow host only.</summary>
    /// <param name="builder">The pipeline.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
    /// <param name="observable">The source; it may push from any thread.</param>
    /// <param name="bufferMessages">Maximum buffered messages, at least 1.</param>
    /// <param name="overflow">What happens when the buffer is full.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static Flow<T> FromObservable<T>(
        this PipelineBuilder builder, string name, IObservable<T> observable, int bufferMessages, ObservableOverflow overflow)
        where T : class =>
        builder.FromObservable(name, observable, new() { BufferMessages = bufferMessages, Overflow = overflow });

    /// <summary>Returns an output as an observable for one observer.</summary>
    /// <remarks> The observer owns each message and disposes it if it is <see cref="IOwned"/>; the message counts as processed when
    /// <c>OnNext</c> returns. Calls are sequential, on pool threads. The sequence completes with the run, or ends with
    /// <see cref="BlockFailedException"/>, or <see cref="OperationCanceledException"/> if the run was stopped. A throwing observer fails
    /// the run. After unsubscribing, the unread output blocks the pipeline. A second simultaneous observer gets an error; share with
    /// <c>Publish</c> and retain for each. </remarks>
    /// <typeparam name="T">The messages of the output.</typeparam>
    public static IObservable<T> AsObservable<T>(this PipelineRun run, string output)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentException.ThrowIfNullOrEmpty(output);
        var observers = 0;
        return Observable.Create<T>(async (observer, token) =>
        {
            if (Interlocked.Exchange(ref observers, 1) != 0)
            {
                throw new InvalidOperationException($"output '{output}' already has an observer: each message has only one owner");
            }

            try
            {
                await foreach (var item in run.ReadAllAsync<T>(output, token).ConfigureAwait(false)) { Give(run, output, observer, item); }
            }
            finally { Volatile.Write(ref observers, 0); }

            await run.Completion.WaitAsync(token).ConfigureAwait(false);
        });
    }

    private static void Give<T>(PipelineRun run, string output, IObserver<T> observer, T item)
    {
        try { observer.OnNext(item); }
        catch (Exception e)
        {
            run.Fail(output, e);
            throw;
        }
    }

    private static async IAsyncEnumerable<T> ReadAsync<T>(
        IObservable<T> observable, ObservableOptions options, OperatorContext context,
            [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        using var buffer = new ObservableBuffer<T>(options, context);
        using var subscription = buffer.SubscribeTo(observable, cancellationToken);
        await foreach (var item in buffer.ReadAllAsync(cancellationToken).ConfigureAwait(false)) { yield return item; }
    }
}
