namespace StreamLearn.Testing;

/// <summary>Runs one local source by script, without a host.</summary>
/// <typeparam name="T">The messages it makes.</typeparam>
public sealed class SourceProbe<T> : IDisposable
    where T : class
{
    private readonly BlockCalls _source;

    /// <summary>Makes the source that a pipeline starts with.</summary>
    /// <param name="source">Adds the source under test.</param>
    /// <param name="guard">True: each batch is new and spoiled when it comes back. False: as in production, for tests that count
    /// allocations.</param>
    /// <param name="seed">Seed of the run.</param>
    public SourceProbe(Func<PipelineBuilder, Flow<T>> source, bool guard = true, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(source);
        Pipeline = Pipeline.Define("probe", p => source(p).Output("main"));
        Pool = new(guard);
        _source = new(Pipeline, Pipeline.Nodes[0], Pool, OperatorProbe.Start, seed);
    }

    /// <summary>The pipeline that the source was taken from.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>The pool of the run.</summary>
    public BatchPool Pool { get; }

    /// <summary>The source's counters.</summary>
    public BlockMetrics Metrics => _source.Metrics;

    /// <summary>When the next message is due; the run started at <see cref="OperatorProbe.Start"/>. Null when there is no more.</summary>
    public DateTimeOffset? NextAt => _source.NextAt;

    /// <summary>The time of the last message that was made.</summary>
    public DateTimeOffset Now => _source.Now;

    /// <summary>Lets time pass; for sources that look again (<see cref="Source.LooksAgain"/>).</summary>
    /// <param name="time">How much.</param>
    public void Advance(TimeSpan time) => _source.Look(Now + time);

    /// <summary>Makes the next message at its time, or later; it is the test's.</summary>
    /// <param name="late">Time for which the pipeline had no space for it.</param>
    /// <exception cref="InvalidOperationException">There is no more.</exception>
    public T Next(TimeSpan late = default) =>
        (T)_source.MakeNext((NextAt ?? throw new InvalidOperationException("the source has ended")) + late);

    /// <summary>Goes on with a new source that takes up how far the old one has come, as a restart from a checkpoint does; one that cannot
    /// begins anew.</summary>
    public void Restart() => _source.Reload(asRestart: true);

    /// <summary>Ends the run: the source gives back what it holds.</summary>
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
