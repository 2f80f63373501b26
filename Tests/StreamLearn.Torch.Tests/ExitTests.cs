using StreamLearn.Models;
using static TorchSharp.torch.nn;

namespace StreamLearn.Torch.Tests;

/// <summary>Early exits with a module of two heads.</summary>
public sealed class ExitTests(ITestOutputHelper output)
{
    private const int Channels = 6;
    private static readonly Schema Columns = new([.. Enumerable.Range(0, Channels).Select(static c => Field.Channel($"c{c}", Unit.One))]);

    [Fact]
    public void Thresholds_are_tuned_promised_and_kept_on_unseen_rows_for_less_work()
    {
        var model = Model();
        var training = Draw(4000, "training");
        var weights = model.Fit(new(training.Features, training.Labels), new() { Epochs = 12, ValidationShare = 0 }).Weights;
        Assert.Equal([32L, 32 + 4480], model.MultiplyAddsTo);
        var (choosing, judging, unseen) = (Draw(3000, "choosing"), Draw(3000, "judging"), Draw(3000, "unseen"));
        var curve = ExitTuner.Choose(Logits(model, weights, choosing), choosing.Labels, model.MultiplyAddsTo);
        var promise = ExitTuner.Judge(curve, Logits(model, weights, judging), judging.Labels).CheapestWithin(0.02);
        var (whole, _) = Measure(model, weights, unseen, ExitRule.Never(2));
        var (early, work) = Measure(model, weights, unseen, promise.Rule);
        output.WriteLine(FormattableString.Invariant($"{whole:P1} whole, {early:P1} with {work:P0} of the work; {promise}"));
        Assert.InRange(work, 0, 0.6);
        Assert.InRange(early, whole - 0.03, 1);
    }

    [Fact]
    public async Task The_block_answers_at_exits_and_charges_what_was_computed()
    {
        var model = Model();
        var rows = Draw(500, "rows");
        var rule = new ExitRule(ExitMeasure.Probability, [0.6f]);
        var (probabilities, exits) = (new float[1000], new int[500]);
        var executed = model.Answer(model.Initial.Values.AsSpan(), new(rows.Features, 500), rule, probabilities, exits, new());
        Assert.Equal(exits.Sum(e => model.MultiplyAddsTo[e]), executed);
        await using var run = Pipeline.Define("exits", p =>
        {
            var (answers, unsure) = p.Input<Batch>("rows", Columns, maxRows: 500).Infer(model, p.Input<Weights>("models"),
                new InferOptions { Rule = rule });
            answers.Discard();
            unsure.Discard();
        }).Start(null, TestContext.Current.CancellationToken);
        var columns = Enumerable.Range(0, Channels)
            .Select(c => (Array)Enumerable.Range(0, 500).Select(r => rows.Features[(r * Channels) + c]).ToArray()).ToArray();
        await run.SendAsync("rows", Batches.Of(run.Pool, Columns, columns));
        run.Complete("rows");
        run.Complete("models");
        await run.Completion.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(executed, run.Metrics["infer"].MultiplyAdds);
        Assert.Equal(exits.Count(static e => e == 0), run.Metrics["infer"].Counter("exit-0"));
    }

    [Fact]
    public void Both_heads_teach_by_their_weights()
    {
        var rows = Draw(16, "rows");
        var (joint, last) = (Model(), Model(lossWeight: 0));
        float[] a = new float[joint.Plan.Values], b = new float[joint.Plan.Values];
        var loss = joint.Loss(joint.Initial.Values.AsSpan(), rows.Sample, a, new());
        var alone = last.Loss(joint.Initial.Values.AsSpan(), rows.Sample, b, new());
        Assert.True(loss > alone);
        var head = joint.Plan.Find("head0.weight")!;
        Assert.True(head.Of(a.AsSpan()).ContainsAnyExcept(0));
        Assert.False(head.Of(b.AsSpan()).ContainsAnyExcept(0));
        Assert.Equal(joint.Plan.Find("head1.weight")!.Of(a.AsSpan()), joint.Plan.Find("head1.weight")!.Of(b.AsSpan()));
    }

    private static TorchModel Model(float lossWeight = 1) => new("two-headed", new(Channels), 2, () => new TorchExits(
        new TorchStage(Sequential(("a", Linear(Channels, 4)), ("r", ReLU())), Linear(4, 2), 32, lossWeight),
        new TorchStage(Sequential(("b", Linear(4, 64)), ("r", ReLU()), ("c", Linear(64, 64)), ("s", ReLU())), Linear(64, 2), 4480)),
        new() { Seed = 1 });

    private static float[] Logits(TorchModel model, Weights weights, Rows rows)
    {
        var logits = new float[model.ExitCount * rows.Labels.Length * 2];
        model.Logits(weights.Values.AsSpan(), rows.Sample, logits, new());
        return logits;
    }

    private static (double Accuracy, double Work) Measure(TorchModel model, Weights weights, Rows rows, ExitRule rule)
    {
        var count = rows.Labels.Length;
        var (probabilities, exits) = (new float[count * 2], new int[count]);
        var executed = model.Answer(weights.Values.AsSpan(), new(rows.Features, count), rule, probabilities, exits, new());
        var right = Enumerable.Range(0, count).Count(r => (probabilities[(2 * r) + 1] > 0.5f ? 1 : 0) == rows.Labels[r]);
        return ((double)right / count, (double)executed / (count * model.Plan.MultiplyAdds));
    }

    /// <summary>Seven rows in ten show their class in one channel, the others in three together.</summary>
    private static Rows Draw(int rows, string name)
    {
        var random = new RandomStream(7, name);
        var drawn = new Rows(new float[rows * Channels], new int[rows]);
        for (var r = 0; r < rows; r++)
        {
            var row = drawn.Features.AsSpan(r * Channels, Channels);
            for (var c = 0; c < Channels; c++) { row[c] = (float)(0.3 * random.NextGaussian()); }
            var worn = drawn.Labels[r] = random.NextInt32(2);
            if (random.NextInt32(10) < 7) { row[0] += worn == 1 ? 2 : -2; }
            else
            {
                var (a, b) = (random.NextInt32(2), random.NextInt32(2));
                (row[1], row[2], row[3]) = (row[1] + Sign(a), row[2] + Sign(b), row[3] + Sign(a ^ b ^ worn));
            }
        }

        return drawn;
    }

    private static float Sign(int bit) => bit == 1 ? 1.5f : -1.5f;
}
