namespace StreamLearn.Testing;

/// <summary>Runs one local source by script, without a host.</summary>
/// <typeparam name="T">The messages it makes.</typeparam>
public sealed class SourceProbe<T> : IDisposable
    where T : class
{
    private readonly Source<T> _source;
    private readonly OperatorContext _context;

    /// <summary>Makes the source that a pipeline starts with.</summary>
    /// <param name="source">Adds the source under test.</param>
    /// <param name="guard">True: each batch is new and spoiled when it comes back. False: as in production, for tests that count
    /// allocations.</param>
    /// <param name="seed">Seed of the run.</param>
    public SourceProbe(Func<PipelineBuilder, Flow<T>> source, bool guard = true, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(source);
        Pipeline = Pipeline.Define("probe", p => source(p).Output("main"));
        (Pool, Metrics) = (new(guard), new(Pipeline.Nodes[0].Name));
        _context = new("probe", Metrics.Block, seed, Pool, Metrics, CancellationToken.None);
        _context.Begin(OperatorProbe.Start);
        _source = (Source<T>)((SourceWork)Pipeline.Nodes[0].Work).Create(_context);
    }

    /// <summary>The pipeline that the source was taken from.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>The pool of the run.</summary>
    public BatchPool Pool { get; }

    /// <summary>The source's counters.</summary>
    public BlockMetrics Metrics { get; }

    /// <summary>When the next message is due; the run started at <see cref="OperatorProbe.Start"/>. Null when there is no more.</summary>
    public DateTimeOffset? NextAt => _source.NextAt;

    /// <summary>Makes the next message at its time, or later; it is the test's.</summary>
    /// <param name="late">Time for which the pipeline had no space for it.</param>
    /// <exception cref="InvalidOperationException">There is no more.</exception>
    public T Next(TimeSpan late = default)
    {
        _context.Begin((_source.NextAt ?? throw new InvalidOperationException("the source has ended")) + late);
        return _source.Next();
    }

    /// <summary>Ends the run: the source gives back what it holds.</summary>
    /// <exception cref="InvalidOperationException">A batch is still rented.</exception>
    public void Dispose()
    {
        (_source as IDisposable)?.Dispose();
        if (Pool.RentedBatches != 0)
        {
            throw new InvalidOperationException($"source '{Metrics.Block}' ended with batches still rented: {Pool.RentedBatches}");
        }
    }
}
