using System.Reactive.Linq;
using System.Runtime.CompilerServices;

namespace StreamLearn.Reactive;

/// <summary>Takes observables into pipelines and shows outputs as observables.</summary>
/// <remarks>
/// An observable cannot push back. Going in, what comes faster than the pipeline goes is dropped and counted, or fails the run, as its
/// buffer is told.
/// Going out, an observer holds the pipeline back only while it is inside <c>OnNext</c>; an operator that moves work elsewhere
/// (<c>ObserveOn</c>, <c>Buffer</c>, <c>Delay</c>)
/// queues without a bound. Where waiting is right, <c>FromSequence</c> and <see
/// cref="PipelineRun.ReadAllAsync{T}"/> wait.
/// </remarks>
public static class ObservableExtensions
{
    /// <summary>Adds an observable of the program's through a bounded buffer; in the dataflow host only.</summary>
    /// <remarks>
    /// Each run subscribes once. A message is the pipeline's from <c>OnNext</c> on: an observable with further observers retains owned
    /// messages (<see cref="Batch"/>) for each.
    /// An observable that pushes everything while it is subscribed to, as <c>ToObservable</c> of a list does, meets a pipeline that has not
    /// taken anything yet. One that never comes back from being subscribed to gives it nothing; <c>OnNext</c> throws
    /// <see cref="OperationCanceledException"/> there when the run is drained or stopped, which ends it.
    /// A drain ends the subscription and processes what is buffered; an error of the observable fails the run when the buffer has been
    /// taken.
    /// State: the buffer. Drops: <c>drop-oldest</c>, <c>drop-newest</c>, <c>replaced</c>, <c>oversized</c>, and <c>after-end</c> for what
    /// is pushed during a drain.
    /// </remarks>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="builder">The pipeline being defined.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    /// <param name="observable">Where the messages come from; it may push from any thread.</param>
    /// <param name="options">Bounds of the buffer, and what happens when it is full; null for 64 messages, 8 MiB, fail.</param>
    /// <param name="schema">The columns of its batches, so that the pipeline can be checked before it runs.</param>
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

    /// <summary>Adds an observable of the program's through a buffer of so many messages; in the dataflow host only.</summary>
    /// <typeparam name="T">The messages.</typeparam>
    /// <param name="builder">The pipeline being defined.</param>
    /// <param name="name">The block's name, distinct within the pipeline.</param>
    /// <param name="observable">Where the messages come from; it may push from any thread.</param>
    /// <param name="bufferMessages">Messages buffered at most, at least 1.</param>
    /// <param name="overflow">What happens when the buffer is full.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static Flow<T> FromObservable<T>(
        this PipelineBuilder builder, string name, IObservable<T> observable, int bufferMessages, ObservableOverflow overflow)
        where T : class =>
        builder.FromObservable(name, observable, new() { BufferMessages = bufferMessages, Overflow = overflow });

    /// <summary>Shows an output as an observable for one observer.</summary>
    /// <remarks>
    /// The observer owns each message it is given and disposes it if it is <see cref="IOwned"/>; the message counts as processed when
    /// <c>OnNext</c> returns.
    /// It is called for one message at a time, on threads of the pool. The sequence completes when the run does, and ends in error with
    /// <see cref="BlockFailedException"/>,
    /// or <see cref="OperationCanceledException"/> when the run was stopped. An observer that throws fails the run. One that unsubscribes
    /// leaves the output unread, which holds
    /// the pipeline back until somebody reads it. A second observer at the same time is refused by an error; share with <c>Publish</c> and
    /// retain for each.
    /// </remarks>
    /// <typeparam name="T">The messages of the output.</typeparam>
    /// <param name="run">The run.</param>
    /// <param name="output">The output's name.</param>
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
                throw new InvalidOperationException($"output '{output}' already has an observer, and each message has one owner");
            }

            try
            {
                await foreach (var item in run.ReadAllAsync<T>(output, token).ConfigureAwait(false)) { Give(run, output, observer, item); }
            }
            finally
            {
                Volatile.Write(ref observers, 0);
            }

            await run.Completion.WaitAsync(token).ConfigureAwait(false);
        });
    }

    private static void Give<T>(PipelineRun run, string output, IObserver<T> observer, T item)
    {
        try
        {
            observer.OnNext(item);
        }
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
