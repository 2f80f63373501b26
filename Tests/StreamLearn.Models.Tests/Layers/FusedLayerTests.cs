namespace StreamLearn.Models.Tests;

/// <summary>A layer says itself which next one it does the work of.</summary>
public sealed class FusedLayerTests
{
    [Fact]
    public void Layers_that_say_so_are_run_as_one_and_others_are_not()
    {
        var chain = new LayerChain(new(3), [new Times(2), new Times(4), new Relu(), new BatchNorm(), new Relu(), new BatchNorm()]);
        Assert.Equal([new Times(8), new Times(4), new Relu(), new BatchNorm { IsGated = true }, new Relu(), new BatchNorm()], chain.Fused);
        Assert.Equal([2, 2, 3, 5, 5, 6], Enumerable.Range(0, 6).Select(chain.Following));
        Assert.Equal([1, 4], Enumerable.Range(0, 6).Where(chain.IsFusedIntoPrevious));
    }

    [Fact]
    public void What_is_fused_gives_the_answers_and_gradients_of_both()
    {
        var fused = Of(new Times(2), new Times(4));
        var apart = Of(new Times(2), new Scaled(4));
        var random = new RandomStream(5, "fused");
        float[] rows = [.. Enumerable.Range(0, 12).Select(_ => (float)random.NextGaussian())];
        var sample = new Sample(rows, [0, 1, 1, 0]);
        float[] one = new float[8], two = new float[8], gradients = new float[fused.Plan.Values], others = new float[fused.Plan.Values];
        var weights = fused.Initial.Values;
        fused.Infer(weights.AsSpan(), sample, one, new());
        apart.Infer(weights.AsSpan(), sample, two, new());
        MaskedNetwork.Same(two, one);
        Assert.Equal(apart.Loss(weights.AsSpan(), sample, others, new()), fused.Loss(weights.AsSpan(), sample, gradients, new()));
        MaskedNetwork.Same(others, gradients);
    }

    private static Network Of(Layer first, Layer second) => new(new(3), 2, [new Dense(4), first, second], [new(2, new Dense(2))], seed: 1);

    /// <summary>Multiplies by a power of two, so that two of them are like one, bit for bit.</summary>
    private sealed record Times(float Factor) : Layer
    {
        public override LayerPlan Plan(Shape input) => new(input) { Reads = BackwardReads.None };

        public override void Forward(in LayerCall call)
        {
            for (var i = 0; i < call.Outputs.Length; i++) { call.Outputs[i] = Factor * call.Inputs[i]; }
        }

        public override void Backward(in LayerCall call)
        {
            for (var i = 0; i < call.InputGradients.Length; i++) { call.InputGradients[i] = Factor * call.OutputGradients[i]; }
        }

        internal override Layer? Fused(Layer next) => next is Times other ? new Times(Factor * other.Factor) : null;
    }

    /// <summary>The same, of which no layer does the work.</summary>
    private sealed record Scaled(float Factor) : Layer
    {
        private readonly Times _times = new(Factor);
        public override LayerPlan Plan(Shape input) => _times.Plan(input);
        public override void Forward(in LayerCall call) => _times.Forward(call);
        public override void Backward(in LayerCall call) => _times.Backward(call);
    }
}
