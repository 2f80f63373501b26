using StreamLearn.Models;
using static TorchSharp.torch.nn;

namespace StreamLearn.Torch.Tests;

/// <summary>The blocks that learn, with a module: the same bits in a run and where every call resumes from a saved state.</summary>
public sealed class BlockTests
{
    private static readonly Schema Columns = new(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Label());

    [Fact]
    public async Task Learn_comes_to_the_same_values_whether_or_not_it_is_resumed_at_every_call()
    {
        var (model, options) = (Model(), new LearnOptions { EveryRows = 100, RowsPerStep = 10 });
        List<Weights> versions = [];
        await using var run = Pipeline.Define("learn", p => Use(p.Input<Batch>("rows", Columns, maxRows: 10), versions)).Start(
            null, TestContext.Current.CancellationToken);
        for (var i = 0; i < 60; i++) { await run.SendAsync("rows", Batch(run.Pool, i)); }
        run.Complete("rows");
        await run.Completion.WaitAsync(TestContext.Current.CancellationToken);

        using var probe = OperatorProbe.From<Batch>((p, rows) => Outputs(rows.Learn(model, options)), Columns);     // reloads at every call
        for (var i = 0; i < 60; i++) { probe.Send(Batch(probe.Pool, i)); }
        probe.Complete();

        var resumed = probe.TakeAll<Weights>(2);
        Assert.Equal(versions.Select(static v => v.Sha256()), resumed.Select(static v => v.Sha256()));
        var last = probe.TakeAll<Evaluation>(1)[^1];
        Assert.InRange((double)last.Correct / last.Rows, 0.9, 1);

        void Use(Flow<Batch> rows, List<Weights> made)
        {
            var learned = rows.Learn(model, options);
            learned.Answers.Discard();
            learned.Evaluations.Discard();
            learned.Versions.ForEach("note", made.Add);
        }

        static void Outputs(Learned learned)
        {
            learned.Answers.Output("main");
            learned.Evaluations.Output("evaluations");
            learned.Versions.Output("versions");
        }
    }

    [Fact]
    public void Train_gives_the_update_of_as_many_steps_and_counts_their_work()
    {
        var model = Model();
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(
            rows.Train(model, p.Input<Weights>("models"), new() { StepsPerUpdate = 4, BatchRows = 8 })), Columns);
        for (var i = 0; i < 20; i++)
        {
            probe.Send(Batch(probe.Pool, i));
            while (probe.WakeUp()) { }
        }

        var deltas = probe.TakeAll<WeightDelta>();
        Assert.NotEmpty(deltas);
        Assert.All(deltas, d => Assert.Equal((model.Plan.SchemaHash, 4), (d.SchemaHash, d.Steps)));
        Assert.InRange(probe.Metrics.MultiplyAdds, deltas.Count * 4 * 8 * model.Plan.StepMultiplyAdds, long.MaxValue);
    }

    private static TorchModel Model() => new("blocks", new(2), 2,
        static () => Sequential(("scale", new InputScale(2)), ("a", Linear(2, 8)), ("norm", BatchNorm1d(8)), ("r", ReLU()),
            ("drop", Dropout(0.1)), ("b", Linear(8, 2))), new() { Seed = 4 });

    /// <summary>Ten rows of two classes that overlap little.</summary>
    private static Batch Batch(BatchPool pool, int number)
    {
        var (random, x, y, labels) = (new RandomStream(number, "rows"), new float[10], new float[10], new int[10]);
        for (var r = 0; r < 10; r++)
        {
            labels[r] = random.NextInt32(2);
            (x[r], y[r]) = ((float)(random.NextGaussian() + (6 * labels[r])), (float)random.NextGaussian());
        }
        return Batches.Of(pool, Columns, x, y, labels);
    }
}
