namespace StreamLearn.Models.Tests;

/// <summary>What layers keep for their backward pass, one by one and inside of each other.</summary>
public sealed class LayerTapeTests
{
    public static TheoryData<int> Places => LayerCase.Places;

    public static TheoryData<int> PlacesOfWeights => [.. Enumerable.Range(0, LayerCase.All.Count).Where(static place =>
        LayerCase.At(place) is { Plan.Reads: BackwardReads.InputsForWeights, Layer: not (Sequential or Residual) })];

    [Fact]
    public void A_residual_and_a_sequence_nest_and_keep_their_slices_apart()
    {
        var layer = new Sequential(new Residual(new Dense(4), new Sequential(new Relu(), new Residual(new Dense(4)))), new Dense(2));
        Assert.Equal(
            ["0.0.dense.weight", "0.0.dense.bias", "0.1.1.0.dense.weight", "0.1.1.0.dense.bias", "1.dense.weight", "1.dense.bias"],
            layer.Plan(new(4)).Slices.Select(slice => slice.Name));
        Assert.Equal("(residual (dense 4, (relu, residual (dense 4))), dense 2)", layer.ToString());
        Assert.Equal(new Residual(new Relu()), new Residual(new Relu()));
        Assert.NotEqual(new Residual(new Relu()), new Residual(new Tanh()));
        Assert.Equal(new Shape(5), (new Residual(new Dense(4)) with { Layers = [new Dense(5)] }).Plan(new(5)).Output);
    }

    [Fact]
    public void The_tape_keeps_what_a_backward_pass_reads_and_no_more()
    {
        int Tape(Layer layer, Shape input) => layer.Plan(input).TapeValues;
        Assert.Equal(2, Tape(new Relu(), new(40)));
        Assert.Equal(2, Tape(new Dropout(0.5f), new(40)));
        Assert.Equal(16, Tape(new MaxPool2d(2), new(1, 8, 8)));
        Assert.Equal(0, Tape(new AveragePool2d(2), new(1, 8, 8)));
        Assert.Equal(40 + 2 + 40, Tape(new Sequential(new Tanh(), new Relu(), new Sigmoid(), new Flatten()), new(40)));
        Assert.Equal(40, Tape(new Residual(new Flatten(), new Tanh()), new(40)));
        Assert.Equal(0, Tape(new Residual(new Flatten()), new(40)));
    }

    [Fact]
    public void A_greatest_value_that_is_not_a_number_or_minus_infinity_breaks_nothing()
    {
        foreach (var (layer, samples) in new (Layer, int)[] { (new MaxPool1d(2), 20), (new MaxPool1d(3, 2, 2), 9) })
        {
            var it = new LayerCase(layer, new(1, samples), rows: 1);
            Array.Fill(it.Inputs, float.NegativeInfinity);
            it.Backward(0, 1, []);
            Assert.All(it.Forward(0, 1).Outputs, output => Assert.Equal(float.NegativeInfinity, output));
            it.Inputs[5] = float.NaN;
            var seen = it.Forward(0, 1).Outputs.Count(float.IsNaN);
            Assert.Equal(seen == 1 ? 1 : 2, seen);
        }
    }

    [Fact]
    public void What_is_not_a_number_is_none_behind_a_relu()
    {
        for (var i = 0; i < 70; i++)
        {
            var it = new LayerCase(new Relu(), new(70), rows: 1);
            it.Inputs[i] = float.NaN;
            Assert.Equal([i], Enumerable.Range(0, 70).Where(at => float.IsNaN(it.Forward(0, 1).Outputs[at])));
        }
    }

    [Fact]
    public void Gradients_pass_through_layers_of_a_layer_as_through_those_one_behind_the_other()
    {
        ImmutableArray<Layer> layers = [new Conv1d(4, 3), new Conv1d(6, 3), new Conv1d(3, 3), new LeakyRelu(), new Conv1d(5, 3)];
        Network Of(params ImmutableArray<Layer> trunk) => new(new(2, 24), 3, trunk, [new(trunk.Length - 1, new Dense(3))], seed: 7);
        var (flat, whole, random) = (Of(layers), Of(new Sequential(layers)), new RandomStream(8, "layer-tape"));
        float[] features = [.. Enumerable.Range(0, 5 * 48).Select(_ => (float)random.NextGaussian())];
        float[] weights = [.. flat.Initial.Values], expected = new float[weights.Length], gradients = new float[weights.Length];
        flat.Loss(weights, new(features, [0, 1, 2, 1, 0]), expected, new());
        whole.Loss(weights, new(features, [0, 1, 2, 1, 0]), gradients, new());
        MaskedNetwork.Same(expected, gradients);
    }

    [Fact]
    public void Of_equal_values_in_a_window_the_first_line_after_line_takes_the_gradient()
    {
        foreach (var (layer, input) in new (Layer, Shape)[]
        {
            (new MaxPool2d(2), new(1, 4, 18)), (new MaxPool2d(2), new(2, 6, 6)), (new MaxPool1d(2), new(2, 20)),
            (new MaxPool1d(2), new(2, 8)),
        })
        {
            var it = new LayerCase(layer, input, rows: 1);
            Array.Fill(it.Inputs, 1);
            int[] first = [.. Enumerable.Range(0, it.Inputs.Length).Where(i =>
                i % input.Width % 2 == 0 && (i / input.Width % input.Height % 2 == 0 || layer is MaxPool1d))];
            var inputGradients = it.Backward(0, 1, []);
            Assert.Equal(first, Enumerable.Range(0, inputGradients.Length).Where(i => inputGradients[i] != 0));
            it.Inputs[1] = it.Inputs[input.Width] = 2;        // on the diagonal of the first window, or at the end of another
            Assert.Equal(it.OutputGradients[0], it.Backward(0, 1, [])[1]);
        }
    }

    [Theory, MemberData(nameof(Places))]
    public void A_backward_pass_reads_nothing_that_the_plan_does_not_name(int place)
    {
        var it = LayerCase.At(place);
        var (gradients, expected) = (new float[it.Weights.Length], new float[it.Weights.Length]);
        var expectedInputGradients = it.Backward(0, it.Count, expected);
        var (outputs, tape) = it.Forward(0, it.Count);
        var (inputs, inputGradients) = ((float[])it.Inputs.Clone(), new float[it.Inputs.Length]);
        if ((it.Plan.Reads & BackwardReads.Outputs) == 0) { Array.Fill(outputs, float.NaN); }
        if ((it.Plan.Reads & (BackwardReads.Inputs | BackwardReads.InputsForWeights)) == 0) { Array.Fill(inputs, float.NaN); }
        it.Layer.Backward(new()
        {
            Input = it.Input,
            Rows = it.Count,
            Weights = it.Weights,
            Inputs = inputs,
            Outputs = outputs,
            Tape = tape,
            RandomKey = LayerCase.Key,
            Scratch = new float[it.Plan.Scratch(it.Count)],
            OutputGradients = it.OutputGradients,
            InputGradients = inputGradients,
            Gradients = gradients,
        });

        Assert.Equal(expectedInputGradients, inputGradients);
        Assert.Equal(expected, gradients);
    }

    [Fact]
    public void Every_kind_of_layer_that_reads_its_inputs_for_its_weights_alone_is_among_those_that_are_tried()
    {
        Assert.InRange(LayerCase.All.Count, 107, int.MaxValue);
        Assert.InRange(PlacesOfWeights.Count, 36, int.MaxValue);
        Assert.Equal(
            ["Conv1d", "Conv2d", "Dense", "DepthwiseConv1d", "DepthwiseConv2d"],
            PlacesOfWeights.Select(p => LayerCase.All[p.Data].Layer.GetType().Name).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(PlacesOfWeights))]
    public void Inputs_that_only_weights_need_may_be_missing_where_weights_are_frozen(int place)
    {
        var it = LayerCase.At(place);
        var (gradients, expected) = (new float[it.Weights.Length], new float[it.Weights.Length]);
        var expectedInputGradients = it.Backward(0, it.Count, expected);
        var inputGradients = new float[it.Inputs.Length];
        it.Layer.Backward(new()
        {
            Input = it.Input,
            Rows = it.Count,
            Weights = it.Weights,
            Tape = it.Forward(0, it.Count).Tape,
            Scratch = new float[it.Plan.Scratch(it.Count)],
            OutputGradients = it.OutputGradients,
            InputGradients = inputGradients,
            Gradients = gradients,
        });

        var (_, _, biases) = it.Plan.Slices[^1];
        Assert.Equal(expectedInputGradients, inputGradients);
        Assert.Equal(expected[^biases..], gradients[^biases..]);
    }
}
