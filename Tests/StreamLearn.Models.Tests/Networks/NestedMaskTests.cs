namespace StreamLearn.Models.Tests;

/// <summary>Masks of networks whose layers are made of layers, against those of the same layers one after the other.</summary>
public sealed class NestedMaskTests
{
    private const int Rows = 11;

    private static readonly ImmutableArray<Layer> Flat =
    [
        new Scale(), new Conv1d(4, 5, 2, 2), new Tanh(), new BatchNorm(), new Relu(), new Conv1d(6, 3, 1, 1), new BatchNorm(), new Tanh(),
        new Dense(9), new Relu(), new Dense(7), new Tanh(),
    ];

    /// <summary>[p] is how the layers are taken together; what is not named stays as it is.</summary>
    private static readonly ImmutableArray<Layer>[] Nested =
    [
        [Flat[0], new Sequential(Flat[1..5]), new Sequential(Flat[5..9]), new Sequential(Flat[9..])],
        [
            new Scale(), new Sequential(new Sequential(Flat[1..4]), new Sequential(Flat[4..7])), Flat[7], new Sequential(Flat[8], Flat[9]),
            .. Flat[10..],
        ],
        [Flat[0], new Sequential(Flat[1], new Sequential(Flat[2], new Sequential(Flat[3..8]))), new Sequential(new Sequential(Flat[8..]))],
    ];

    /// <summary>The mask of the flat network, and what it is called for each of the others.</summary>
    private static readonly (TrainableMask Flat, TrainableMask?[] Nested)[] Masks =
    [
        Alike(TrainableMask.All), Alike(TrainableMask.HeadOnly), Alike(TrainableMask.BiasOnly), Alike(TrainableMask.BatchNormOnly),
        (TrainableMask.FreezeBelow(5), [TrainableMask.FreezeBelow(2), null, null]),
        (TrainableMask.FreezeBelow(9), [TrainableMask.FreezeBelow(3), null, null]),
        (TrainableMask.FreezeBelow(8), [null, TrainableMask.FreezeBelow(3), TrainableMask.FreezeBelow(2)]),
    ];

    public static TheoryData<int, int> Cases { get; } =
        [.. from nested in Enumerable.Range(0, 3) from mask in Enumerable.Range(0, Masks.Length)
            where Masks[mask].Nested[nested] is not null select (nested, mask)];

    [Theory, MemberData(nameof(Cases))]
    public void A_step_is_that_of_the_flat_network_to_the_bit(int nested, int mask)
    {
        var (flat, other) = Pair(nested, mask);
        var (features, labels, weights) = Data(flat);
        float[] expected = new float[weights.Length], gradients = new float[weights.Length];
        Array.Fill(gradients, float.NaN);

        var loss = flat.Loss(weights, new(features, labels), expected, new());

        Assert.Equal(loss, other.Loss(weights, new(features, labels), gradients, new()));
        Same(expected, gradients);
        Assert.Equal(flat.Plan.Slices.Select(s => (s.Kind, s.Length)), other.Plan.Slices.Select(s => (s.Kind, s.Length)));
        foreach (var optimizer in new Optimizer[] { new Sgd(0.05f, ClipNorm: float.PositiveInfinity), new Adam(0.01f) })
        {
            float[] one = [.. weights], two = [.. weights];
            var (memory, memories) = (new Workspace(), new Workspace());
            float[] state = new float[optimizer.StateValues * one.Length], states = new float[state.Length];
            for (var t = 1; t < 6; t++)
            {
                Array.Fill(gradients, 1e30f);
                flat.Step(one, new(features, labels), optimizer, state, t, expected, memory);
                other.Step(two, new(features, labels), optimizer, states, t, gradients, memories);
            }

            Same(one, two);
            Same(state, states);
            Assert.Equal(0, Allocations.Least(() => other.Step(two, new(features, labels), optimizer, states, 6, gradients, memories)));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_step_in_two_parts_is_the_whole_step_to_the_bit_at_every_boundary(int nested, int mask)
    {
        var (_, network) = Pair(nested, mask);
        var (features, labels, weights) = Data(network);
        var whole = new float[weights.Length];
        network.Loss(weights, new(features, labels), whole, new());
        var (lower, upper) = (new Tape(), new Tape());
        for (var split = 1; split < network.Layers.Length; split++)
        {
            var (gradients, between) = (new float[weights.Length], new float[Rows * network.Boundaries[split].Size]);
            network.Forward(weights, 0, split, features, Rows, lower);
            network.Forward(weights, split, network.Layers.Length, lower.Outputs, Rows, upper);
            network.ExitLosses(upper, labels, []);
            network.Backward(weights, upper, [], gradients, between);
            network.Backward(weights, lower, between, gradients, []);
            Same(whole, gradients);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void No_more_is_kept_than_in_the_flat_network(int nested, int mask)
    {
        var (flat, other) = Pair(nested, mask);
        Assert.InRange(other.Memory(Rows).TapeBytes, 1, flat.Memory(Rows).TapeBytes);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Frozen_layers_within_a_layer_do_not_go_backward(bool residual)
    {
        var (first, second, third) = (new Noted("gain"), new Noted("bias"), new Noted("weight"));
        Layer layer = residual
            ? new Residual(first, new Residual(second, new Tanh(), third))
            : new Sequential(first, new Sequential(second, new Tanh(), third));
        var network = new Network(new(5), 2, [layer], [new(0, new Dense(2))]).Masked(TrainableMask.BiasOnly);
        var (features, labels, weights) = Data(network);
        var inputs = new float[features.Length];
        Array.Fill(inputs, float.NaN);
        var tape = new Tape();

        network.Forward(weights, 0, 1, features, Rows, tape);
        network.ExitLosses(tape, labels, []);
        network.Backward(weights, tape, [], new float[weights.Length], inputs);

        Assert.Equal(["inferred"], first.Calls);
        Assert.Equal(["forward", "backward without inputs' gradient"], second.Calls);
        Assert.Equal(["forward", "backward"], third.Calls);
        Assert.All(inputs, g => Assert.Equal(0, g));
        Assert.Equal(4 * Rows * (5 + 5 + 5 + 2 + 2), network.Memory(Rows).TapeBytes);     // of each layer from the second on; of the head
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void What_learns_around_residual_layers_has_the_gradient_of_the_whole_network_to_the_bit(int mask)
    {
        var network = new Network(new(6), 3,
            [
                new Dense(8), new Residual(new Dense(5), new Tanh(), new Residual(new GroupNorm(1), new Relu()), new Dense(8)), new Relu(),
                new Residual(new Sequential(new Dense(8), new Tanh())),
            ],
            [new(1, new Sequential(new Dense(4), new Tanh(), new Dense(3)), 0.5f), new(3, new Dense(3))], seed: 3);
        var masked = network.Masked(new[] { TrainableMask.BiasOnly, TrainableMask.FreezeBelow(1), TrainableMask.FreezeBelow(3) }[mask]);
        var (features, labels, weights) = Data(network);
        float[] whole = new float[weights.Length], gradients = new float[weights.Length];
        Array.Fill(gradients, float.NaN);

        var loss = network.Loss(weights, new(features, labels), whole, new());

        Assert.Equal(loss, masked.Loss(weights, new(features, labels), gradients, new()));
        foreach (var slice in masked.Plan.Slices)
        {
            Same(slice.Kind == SliceKind.Frozen ? new float[slice.Length] : slice.Of(whole.AsSpan()), slice.Of(gradients.AsSpan()));
        }

        Assert.Equal(mask != 1, masked.Memory(Rows).TapeBytes < network.Memory(Rows).TapeBytes);     // features are never kept
        var all = masked.Masked(TrainableMask.All);
        all.Loss(weights, new(features, labels), gradients, new());
        Same(whole, gradients);
    }

    private static (TrainableMask, TrainableMask?[]) Alike(TrainableMask mask) => (mask, [mask, mask, mask]);

    private static (Network Flat, Network Nested) Pair(int nested, int mask)
    {
        Layer head = new Sequential(new Dense(5), new Tanh(), new Dense(3));
        Network Of(ImmutableArray<Layer> layers, TrainableMask mask) =>
            new Network(new(2, 16), 3, layers, [new(layers.Length - 1, head)], seed: 5).Masked(mask);
        return (Of(Flat, Masks[mask].Flat), Of(Nested[nested], Masks[mask].Nested[nested]!));
    }

    private static (float[] Features, int[] Labels, float[] Weights) Data(Network network)
    {
        var random = new RandomStream(41, "nested-mask");
        return ([.. Enumerable.Range(0, Rows * network.Plan.Input.Size).Select(_ => (float)random.NextGaussian())],
            [.. Enumerable.Range(0, Rows).Select(_ => random.NextInt32(network.Plan.Outputs))],
            [.. network.Initial.Values.Select(w => w + (float)(0.1 * random.NextGaussian()))]);
    }

    /// <summary>Adds a value to every input, and notes how it is called.</summary>
    private sealed record Noted(string Slice) : Layer
    {
        internal List<string> Calls { get; } = [];

        public override LayerPlan Plan(Shape input) => new(input, 0, ($"noted.{Slice}", SliceKind.Trained, 1))
        {
            TapeValues = input.Size,
            Reads = BackwardReads.InputsForWeights,
        };

        public override void Forward(in LayerCall call)
        {
            Calls.Add(call.Training ? "forward" : "inferred");
            Assert.Equal(call.Training ? call.Inputs.Length : 0, call.Tape.Length);
            for (var i = 0; i < call.Inputs.Length; i++) { call.Outputs[i] = call.Inputs[i] + call.Weights[0]; }
        }

        public override void Backward(in LayerCall call)
        {
            Calls.Add(call.InputGradients.IsEmpty ? "backward without inputs' gradient" : "backward");
            Assert.True(call.Inputs.IsEmpty);
            foreach (var gradient in call.OutputGradients) { call.Gradients[0] += gradient; }
            if (!call.InputGradients.IsEmpty) { call.OutputGradients.CopyTo(call.InputGradients); }
        }
    }
}
