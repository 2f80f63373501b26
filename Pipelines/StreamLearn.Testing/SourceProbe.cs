namespace StreamLearn.Testing;

/// <summary>Runs one local source by script, without a host.</summary>
public sealed class SourceProbe<T> : IDisposable
    where T : class
{
    private readonly BlockCalls _source;

    /// <summary>Makes the source that a pipeline starts with.</summary>
    /// <param name="source">Adds the source under test.</param>
    /// <param name="guard">True: batches are new and overwritten on return. False: batches are reused as in production, to count
    /// allocations.</param>
    /// <param name="seed">Seed of the run.</param>
    public SourceProbe(Func<PipelineBuilder, Flow<T>> source, bool guard = true, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(source);
        Pipeline = Pipeline.Define("probe", p => source(p).Output("main"));
        Pool = new(guard);
        _source = new(Pipeline, Pipeline.Nodes[0], Pool, OperatorProbe.Start, seed);
    }

    /// <summary>The source's pipeline.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>The pool of the run.</summary>
    public BatchPool Pool { get; }

    /// <summary>The source's counters.</summary>
    public BlockMetrics Metrics => _source.Metrics;

    /// <summary>Due time of the next message; null if there are no more. The run started at <see cref="OperatorProbe.Start"/>.</summary>
    public DateTimeOffset? NextAt => _source.NextAt;

    /// <summary>The time of the last message.</summary>
    public DateTimeOffset Now => _source.Now;

    /// <summary>Advances time for polling sources (<see cref="Source.LooksAgain"/>).</summary>
    public void Advance(TimeSpan time) => _source.Look(Now + time);

    /// <summary>Makes the next message, which the test owns.</summary>
    /// <param name="late">Delay caused by a full pipeline.</param>
    /// <exception cref="InvalidOperationException">There are no more messages.</exception>
    public T Next(TimeSpan late = default) =>
        (T)_source.MakeNext((NextAt ?? throw new InvalidOperationException("the source has ended")) + late);

    /// <summary>Restores the position in a new source, as from a checkpoint; a source without state restarts.</summary>
    public void Restart() => _source.Reload(asRestart: true);

    /// <summary>Ends the run: the source releases its resources.</summary>
    /// <exception cref="InvalidOperationException">A batch is still rented.</exception>
    public void Dispose()
    {
        _source.Dispose();
        if (Pool.RentedBatches != 0)
        {
            throw new InvalidOperationException($"source '{Metrics.Block}' ended with batches still rented: {Pool.RentedBatches}");
        }
    }
}
