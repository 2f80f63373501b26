namespace StreamLearn.Models.Tests;

/// <summary>
/// Several batch norms in one layer made of layers, with so many rows that a stage takes them in blocks: one norm gives its results while
/// the next one looks. Against the same layers one after the other.
/// </summary>
public sealed class NormChainTests
{
    private const int Rows = 33;

    /// <summary>These keep the shape from the first to the last layer; norms with and without a ReLU, of one shape and of others.</summary>
    private static readonly ImmutableArray<Layer>[] Chains =
    [
        [new BatchNorm(), new Relu(), new BatchNorm()],
        [new BatchNorm(), new Relu(), new BatchNorm(), new Tanh(), new BatchNorm(), new Relu()],
        [new Conv2d(8, 3, 1, 1), new BatchNorm(), new Relu(), new Conv2d(3, 3, 1, 1), new BatchNorm()],
        [new Conv2d(3, 3, 1, 1), new BatchNorm(), new Tanh(), new Conv2d(3, 3, 1, 1), new BatchNorm(), new Relu()],
        [
            new Conv2d(20, 1), new BatchNorm(), new LeakyRelu(), new Conv2d(1, 1), new BatchNorm(), new LeakyRelu(), new Conv2d(3, 1),
            new BatchNorm(),
        ],
    ];

    /// <summary>These end in another shape.</summary>
    private static readonly ImmutableArray<Layer>[] Narrowing =
    [
        [new BatchNorm(), new Relu(), new MaxPool2d(2), new BatchNorm(), new Relu()],
        [
            new Conv2d(8, 3, 1, 1), new BatchNorm(), new Relu(), new MaxPool2d(2), new Conv2d(8, 3, 1, 1), new BatchNorm(), new Relu(),
            new MaxPool2d(2),
        ],
    ];

    public static TheoryData<int, int> Cases { get; } =
        [.. from chain in Enumerable.Range(0, Chains.Length + Narrowing.Length)
            from threads in Enumerable.Range(1, 2) select (chain, threads)];

    public static TheoryData<int> Residuals { get; } = [.. Enumerable.Range(0, Chains.Length)];

    [Theory, MemberData(nameof(Cases))]
    public void Steps_are_those_of_the_layers_by_themselves_to_the_bit(int chain, int threads)
    {
        ImmutableArray<Layer> layers = [.. Chains.Concat(Narrowing).ElementAt(chain)];
        var flat = new Network(new(3, 16, 16), 3, layers, [new(layers.Length - 1, new Dense(3))], seed: 3);
        var whole = new Network(new(3, 16, 16), 3, [new Sequential(layers)], [new(0, new Dense(3))], seed: 3);
        Same(flat, whole, threads);
    }

    [Theory, MemberData(nameof(Residuals))]
    public void So_are_those_of_a_residual_layer(int chain)
    {
        var layers = Chains[chain];
        var parts = Enumerable.Range(0, layers.Length).Where(i => layers[i] is BatchNorm).Append(layers.Length).ToArray();
        parts[0] = 0;
        ImmutableArray<Layer> apart = [.. parts.Zip(parts.Skip(1), (from, to) => new Sequential(layers[from..to]))];     // one norm each
        Same(Of(apart), Of(layers), threads: 1);

        static Network Of(ImmutableArray<Layer> body) => new(new(3, 16, 16), 3, [new Residual(body)], [new(0, new Dense(3))], seed: 3);
    }

    private static void Same(Network expected, Network network, int threads)
    {
        var random = new RandomStream(5, "norm-chain");
        float[] features = [.. Enumerable.Range(0, Rows * network.Plan.Input.Size).Select(_ => (float)random.NextGaussian())];
        int[] labels = [.. Enumerable.Range(0, Rows).Select(r => r % 3)];
        using var second = threads == 2 ? new SecondThread() : null;
        foreach (var optimizer in new Optimizer[] { new Sgd(0.05f, ClipNorm: float.PositiveInfinity), new Adam(0.01f) })
        {
            var (one, two) = (Trained(expected, optimizer, null), Trained(network, optimizer, second));
            MaskedNetwork.Same(one, two);
            Assert.All(one, value => Assert.True(float.IsFinite(value)));
        }

        float[] Trained(Network model, Optimizer optimizer, SecondThread? thread)
        {
            float[] weights = [.. model.Initial.Values], gradients = new float[weights.Length];
            var (state, memory) = (new float[optimizer.StateValues * weights.Length], new Workspace(thread));
            for (var t = 1; t <= 3; t++) { model.Step(weights, new(features, labels), optimizer, state, t, gradients, memory); }
            return weights;
        }
    }
}
