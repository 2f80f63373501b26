using static StreamLearn.Learning.Tests.OneChannel;

namespace StreamLearn.Learning.Tests;

public sealed class EvaluateTests
{
    [Fact]
    public void Versions_are_counted_apart()
    {
        using var probe = Probe(everyRows: 1000);
        probe.Control(Signs(version: 1));
        probe.Send(Batches.Of(probe.Pool, Rows, new float[] { 1, -1 }, new int[] { 1, 1 }));
        probe.Control(Signs(version: 2));
        probe.Send(Batches.Of(probe.Pool, Rows, new float[] { 1 }, new int[] { 1 }));
        probe.Complete();
        Assert.Equal([(1L, 2L, 1L), (2L, 1L, 1L)], probe.TakeAll<Evaluation>().Select(e => (e.ModelVersion, e.Rows, e.Correct)));
    }

    [Fact]
    public void An_evaluation_is_emitted_every_so_many_rows()
    {
        using var probe = Probe(everyRows: 2);
        probe.Send(Batches.Of(probe.Pool, Rows, new float[] { 1, -1, 3 }, new int[] { 1, 1, 0 }));
        Assert.Equal(3, probe.Take<Evaluation>().Rows);
        probe.Complete();
        Assert.Equal(0, probe.Count());
    }

    [Fact]
    public void Kappa_is_as_worked_by_hand()
    {
        // Cohen's own form: 20 and 15 agree, 5 and 10 do not; p0 = 0.7, pc = 0.5
        var evaluation = new Evaluation { Device = "d", ModelVersion = 1, Rows = 50, Correct = 35, Loss = 0, Confusion = [20, 5, 10, 15] };
        Assert.Equal(0.7, evaluation.Accuracy, 1e-12);
        Assert.Equal(0.4, evaluation.Kappa, 1e-12);
        Assert.Equal(0, (evaluation with { Rows = 4, Correct = 4, Confusion = [4, 0, 0, 0] }).Kappa);
        Assert.Equal(0, (evaluation with { Rows = 0, Correct = 0, Confusion = [0, 0, 0, 0] }).Kappa);
    }

    [Fact]
    public void Parts_add_up_to_the_whole()
    {
        var rows = Enumerable.Range(0, 10).Select(i => i - 4.5f).ToArray();
        int[] labels = [0, 0, 1, 0, 0, 1, 1, 0, 1, 1];
        var whole = Evaluation.Of(Model, Signs(1), new(rows, labels));
        var parts = Evaluation.Add(
            Evaluation.Of(Model, Signs(1), new(rows.AsSpan(0, 3), labels.AsSpan(0, 3))),
            Evaluation.Of(Model, Signs(1), new(rows.AsSpan(3), labels.AsSpan(3))));
        Assert.Equal(8, whole.Correct);
        Assert.Equal((whole.Rows, whole.Correct), (parts.Rows, parts.Correct));
        Assert.Equal(whole.Confusion, parts.Confusion);
        Assert.Equal(whole.Loss, parts.Loss, 1e-12);
    }

    [Fact]
    public void Wrong_options_are_refused_at_wiring() => Assert.Throws<ArgumentOutOfRangeException>(() => Probe(everyRows: 0));

    private static Weights Signs(long version) =>
        new() { Version = version, SchemaHash = Model.Plan.SchemaHash, Values = [0, 1, -1, 1, 0, 0], Scale = new(2, [0], [1]) };

    private static OperatorProbe Probe(int everyRows) =>
        OperatorProbe.From<Batch>((p, rows) => rows.Evaluate(Model, p.Input<Weights>("models"), everyRows).Output("main"), Rows);
}
