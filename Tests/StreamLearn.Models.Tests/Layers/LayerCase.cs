namespace StreamLearn.Models.Tests;

/// <summary>A layer on rows of a shape, with seeded weights, inputs and gradients, and calls that count on no memory being clean.</summary>
internal sealed class LayerCase
{
    internal const int Rows = 4;
    internal const ulong Key = 0x5EED;
    private readonly RandomStream _random = new(11, "layer-case");

    internal LayerCase(Layer layer, Shape input, int rows = Rows)
    {
        (Layer, Input, Plan, Count) = (layer, input, layer.Plan(input), rows);
        Weights = new float[Plan.Values];
        layer.Initialize(input, Weights, _random);
        foreach (ref var weight in Weights.AsSpan()) { weight += 0.1f * (float)_random.NextGaussian(); }
        Inputs = Normal(rows * input.Size);
        OutputGradients = Normal(rows * Plan.Output.Size);
    }

    internal Layer Layer { get; }
    internal Shape Input { get; }
    internal LayerPlan Plan { get; }
    internal int Count { get; }
    internal float[] Weights { get; }
    internal float[] Inputs { get; set; }
    internal float[] OutputGradients { get; }

    /// <summary>Layers and shapes that every check goes over: each kind, with whole vectors and without.</summary>
    internal static IReadOnlyList<(Layer Layer, Shape Input)> All { get; } =
    [
        (new Scale(), new(3, 5)), (new Scale(), new(7)),
        (new Dense(6), new(5, 3)), (new Dense(31), new(13)), (new Dense(32), new(7)), (new Dense(37), new(2, 3)), (new Dense(1), new(1)),
        (new Conv1d(16, 9, 2, 4), new(6, 128)), (new Conv1d(32, 9, 2, 4), new(16, 64)),
        (new Conv1d(1, 1), new(1)), (new Conv1d(5, 4, 3, 2), new(3, 11)), (new Conv1d(3, 3), new(2, 7)),
        (new Conv1d(20, 5, 1, 2), new(4, 16)),
        (new Conv1d(16, 2, 5), new(3, 23)), (new Conv1d(17, 6, 4, 5), new(2, 33)), (new Conv1d(2, 3, 7, 2), new(2, 3)),
        (new Conv1d(16, 5, 1, Padding.Same), new(9, 128)), (new Conv1d(7, 4, 3, Padding.Same), new(3, 11)),
        (new Conv2d(9, 3, 1, 1), new(2, 4, 35)), (new Conv2d(5, 3, 2), new(2, 6, 71)), (new Conv1d(6, 5), new(3, 62)),
        (new Conv2d(32, 3, 1, 1), new(3, 8, 8)), (new Conv2d(5, 3), new(2, 7, 9)), (new Conv2d(4, 5, 2, 2), new(3, 9, 6)),
        (new Conv2d(3, 4, 3, 3), new(2, 5, 8)), (new Conv2d(2, 1, 2), new(3, 5, 4)), (new Conv2d(9, 2, 2, Padding.Same), new(1, 7, 8)),
        (new Conv2d(17, 3, 1, Padding.Same), new(4, 16, 5)), (new Conv2d(2, 3, 4, 2), new(2, 10, 3)),
        (new GroupNorm(1), new(4, 5)), (new GroupNorm(2), new(16, 64)), (new GroupNorm(3), new(6, 19)), (new GroupNorm(2), new(32)),
        (new BatchNorm(), new(3)), (new BatchNorm(), new(37)), (new BatchNorm(), new(4, 19)), (new BatchNorm(0.3f, 1e-3f), new(3, 5, 7)),
        (new BatchNorm(), new(2, 8, 8)),
        (new Relu(), new(3, 7)), (new Relu(), new(16, 2)), (new Relu(), new(3, 7, 9)),
        (new MaxPool1d(1), new(2, 3)), (new MaxPool1d(3), new(3, 11)), (new MaxPool1d(20), new(2, 41)), (new MaxPool1d(2), new(3, 37)),
        (new MaxPool1d(3, 2, 1), new(2, 30)), (new MaxPool1d(2, 3), new(2, 29)), (new MaxPool1d(5, 1, -1), new(2, 13)),
        (new MaxPool2d(2), new(3, 16, 16)), (new MaxPool2d(2), new(2, 5, 19)), (new MaxPool2d(2), new(2, 6, 7)),
        (new MaxPool2d(3, 2, -1), new(2, 24, 24)), (new MaxPool2d(3, 1, 1), new(2, 4, 9)), (new MaxPool2d(3, 3, 2), new(1, 5, 25)),
        (new MaxPool2d(1, 2), new(2, 5, 17)), (new MaxPool2d(2, 2), new(1, 3, 16)),
        (new AveragePool1d(2), new(3, 37)), (new AveragePool1d(3, 2, 1), new(2, 11)), (new AveragePool1d(4, 1, -1), new(2, 17)),
        (new AveragePool2d(2), new(3, 16, 16)), (new AveragePool2d(3, 2, Padding.Same), new(2, 10, 24)),
        (new AveragePool2d(3, 1, 2), new(2, 4, 9)), (new AveragePool2d(2, 3), new(1, 5, 8)), (new AveragePool2d(5, 2, 4), new(1, 3, 3)),
        (new DepthwiseConv1d(3, 1, 1), new(3, 37)), (new DepthwiseConv1d(4, 3), new(2, 11)), (new DepthwiseConv1d(5, 2, -1), new(2, 64)),
        (new DepthwiseConv2d(3, 1, 1), new(3, 16, 16)), (new DepthwiseConv2d(3), new(2, 5, 19)), (new DepthwiseConv2d(2, 2), new(2, 6, 17)),
        (new DepthwiseConv2d(3, 2, Padding.Same), new(2, 9, 12)), (new DepthwiseConv2d(4, 3, 3), new(2, 7, 5)),
        (new DepthwiseConv2d(1), new(2, 3, 3)),
        (new LayerNorm(), new(5)), (new LayerNorm(), new(3, 37)), (new LayerNorm(1e-3f), new(2, 5, 8)),
        (new LocalResponseNorm(2, 1, 0.3f), new(7, 4, 5)), (new LocalResponseNorm(4, 1.5f, 0.1f, 0.5f), new(6, 17)),
        (new LocalResponseNorm(1, 2, 0.5f, 1), new(5, 3)), (new LocalResponseNorm(1, 1, 0.2f, 0.6f), new(8, 16)),
        (new LocalResponseNorm(9), new(3, 2, 2)),
        (new LowBitDense(5, LowBits.Exact, LowBits.Exact), new(3, 7)), (new LowBitDense(33, LowBits.Exact, LowBits.Exact), new(9)),
        (new LeakyRelu(), new(3, 7)), (new LeakyRelu(0.3f), new(2, 5, 8)), (new Tanh(), new(3)), (new Tanh(), new(5, 7)),
        (new Sigmoid(), new(3)), (new Sigmoid(), new(5, 7)),
        (new Dropout(0.5f), new(3, 7)), (new Dropout(0.2f), new(2, 5, 16)), (new Dropout(0), new(5)),
        (new Flatten(), new(3, 2, 5)), (new Flatten(), new(4)),
        (new GlobalMean(), new(3, 1)), (new GlobalMean(), new(4, 37)),
        (new GlobalMax(), new(3, 1)), (new GlobalMax(), new(4, 37)),
        (new GlobalMeanMax(), new(3, 1)), (new GlobalMeanMax(), new(4, 37)),
        (new Sequential(new GlobalMeanMax(), new Dense(6)), new(32, 32)), (new Sequential(new Relu()), new(2, 3)),
        (new Sequential(new Conv1d(8, 3, 1, 1), new GroupNorm(2), new Relu(), new Sequential(new MaxPool1d(2), new Dense(4))), new(2, 9)),
        (new Sequential(new Dense(9), new Tanh(), new Dense(5), new Sigmoid()), new(4)),
        (new Residual(new Relu()), new(3, 5)), (new Residual(new Dense(6), new Tanh()), new(6)),
        (new Residual(new Conv1d(4, 3, 1, 1), new BatchNorm(), new Relu(), new Residual(new DepthwiseConv1d(3, 1, 1), new Sigmoid())),
            new(4, 9)),
        (new Sequential(new Residual(new Sequential(new LayerNorm(), new Tanh()), new Dropout(0.3f)), new Dropout(0.1f), new Dense(3)),
            new(9)),
        (new Sequential(new BatchNorm(), new Relu(), new MaxPool2d(2), new Flatten(), new Dense(4), new BatchNorm()), new(2, 5, 6)),
    ];

    internal static TheoryData<int> Places => [.. Enumerable.Range(0, All.Count)];
    internal static LayerCase At(int place, int rows = Rows) => new(All[place].Layer, All[place].Input, rows);

    /// <summary>Outputs and tape of some rows.</summary>
    internal (float[] Outputs, float[] Tape) Forward(int from, int rows, bool taped = true)
    {
        var outputs = Dirty(rows * Plan.Output.Size);
        var tape = Dirty(taped ? rows * Plan.TapeValues : 0);
        Layer.Forward(new()
        {
            Input = Input,
            Rows = rows,
            Weights = Weights,
            Inputs = Inputs.AsSpan(from * Input.Size, rows * Input.Size),
            Outputs = outputs,
            Tape = tape,
            Training = taped,
            RandomKey = Key,
            Scratch = Dirty(Plan.Scratch(rows)),
        });
        return (outputs, tape);
    }

    /// <summary>The gradient of the inputs of some rows (empty if not wanted); that of the weights is added to.</summary>
    internal float[] Backward(int from, int rows, float[] gradients, bool wanted = true)
    {
        var (outputs, tape) = Forward(from, rows);
        var inputGradients = Dirty(wanted ? rows * Input.Size : 0);
        Layer.Backward(new()
        {
            Input = Input,
            Rows = rows,
            Weights = Weights,
            Inputs = Inputs.AsSpan(from * Input.Size, rows * Input.Size),
            Outputs = outputs,
            Tape = tape,
            RandomKey = Key,
            Scratch = Dirty(Plan.Scratch(rows)),
            Gradients = gradients,
            OutputGradients = OutputGradients.AsSpan(from * Plan.Output.Size, rows * Plan.Output.Size),
            InputGradients = inputGradients,
        });
        return inputGradients;
    }

    internal float[] Row(int row) => Inputs[(row * Input.Size)..((row + 1) * Input.Size)];
    internal float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)_random.NextGaussian())];

    private static float[] Dirty(int count)
    {
        var values = new float[count];
        values.AsSpan().Fill(float.NaN);
        return values;
    }
}
