namespace Benchmarks;

/// <summary>What a row costs that is answered and learned from, by all learners of a block together.</summary>
internal sealed class LearnRun
{
    private const int Rows = 1000;      // of a batch
    private const int Batches = 20;     // of a repeat
    private readonly OperatorProbe _probe;
    private readonly Batch _batch;

    private LearnRun(LearnOptions options)
    {
        var model = new BenchmarkModel("softmax", new SoftmaxRegression(6, 3), "", Rows);
        var schema = model.Schema();
        _probe = OperatorProbe.From<Batch>((_, rows) => rows.Learn(model.Model, options).Answers.Output("answers"), schema, guard: false);
        _batch = model.Batch(_probe.Pool, schema, 0, Rows);
    }

    /// <summary>A contender: nanoseconds of processor time a row.</summary>
    internal static Contender Contender(string name, LearnOptions options) =>
        new(name, TrainRun.Lazily(() => new LearnRun(options), static run => run.Measure()));

    private Sample Measure()
    {
        var beside = Allocations.BesideHandles(_probe.Pool, Learn);
        return Measurement.NanosecondsPer(Batches * Rows, () =>
        {
            for (var b = 0; b < Batches; b++) { Learn(); }
        }) with
        {
            Details = new Dictionary<string, double> { ["bytes_a_batch_beside_handles"] = beside },
        };
    }

    private void Learn()
    {
        _probe.Send(_batch.Retain());
        _probe.Take<Batch>().Dispose();
    }
}
