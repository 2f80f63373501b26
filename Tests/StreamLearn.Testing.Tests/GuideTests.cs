using System.Runtime.CompilerServices;

namespace StreamLearn.Testing.Tests;

/// <summary>The guides of operators, their tests and layers: their code runs, and does what they say. That each block is compiled is a test
/// of the architecture.</summary>
public sealed class GuideTests
{
    [Fact]
    public async Task The_operator_runs_in_a_pipeline()
    {
        var kept = await OperatorGuideExamples.RunAsync(RowsAsync)
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal([0, 2, 4, 6, 8], kept);
    }

    [Fact]
    public void The_operator_with_two_outputs_splits()
    {
        using var probe = OperatorProbe.Of<Batch, Batch, Batch>(OperatorGuideExamples.TwoOutputs);
        probe.Send(Batches.OfChannels(probe.Pool, [1, 2]));
        probe.Send(Batches.OfChannels(probe.Pool, new float[100]));
        Assert.Equal((2, 100), (probe.Expect<Batch>(port: 0).Rows, probe.Expect<Batch>(port: 1).Rows));
    }

    [Fact]
    public void The_operator_that_adds_a_column_declares_it()
    {
        var columns = new Schema(Field.Channel("x", Unit.StandardGravity), Field.Channel("y", Unit.StandardGravity));
        using var probe = OperatorProbe.Of<Batch, Batch>(flow => flow.Via("magnitude", new MagnitudeOptions()), columns);
        probe.Send(Batches.Of(probe.Pool, columns, new[] { 3f, 0f }, new[] { 4f, -2f }));
        Assert.Equal([5f, 2f], probe.Expect<Batch>()["magnitude"].Values<float>().ToArray());
    }

    /// <summary>Central differences of step 0.01 in float32: an error of some 1e-4 is theirs.</summary>
    [Fact]
    public void The_gradient_of_the_layer_is_that_of_finite_differences() => Assert.InRange(LayerGuideExamples.LargestError(), 0, 2e-3);

    [Fact]
    public void Options_of_the_short_form_print_and_compare()
    {
        var pipeline = Pipeline.Define("p", p => p.Input<Batch>("in").Via("every-nth", new EveryNthOptions(2)).Output("out"));
        Assert.Equal(new EveryNthOptions(2), new EveryNthOptions(2));
        Assert.Contains("EveryNth", pipeline.ToMermaid(), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Pipeline.Define("p", p => p.Input<Batch>("in").EveryNth(0).Output("out")));
    }

    private static async IAsyncEnumerable<Batch> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pool = new BatchPool();
        for (var i = 0; i < 9; i += 3)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Batches.OfChannels(pool, [i, i + 1, i + 2]);
        }
        await Task.CompletedTask;
    }
}
