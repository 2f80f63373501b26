namespace StreamLearn.Models.Tests;

/// <summary>Every layer, loss and way to train exits has a form in files. Who adds one adds it to the lists there, too.</summary>
public sealed class ModelGraphTests
{
    /// <summary>Every setting is another than the default.</summary>
    private static readonly Layer[] Layers =
    [
        .. LayerCase.All.Select(c => c.Layer), new AveragePool1d(3, 2, 1), new AveragePool2d(3, 2, 1),
        new BatchNorm(0.25f, 1e-3f), new Conv1d(3, 5, 2, 4) { Initial = Initial.TruncatedNormal(0.1f, 0.5f) },
        new Conv2d(3, 5, 2, Padding.Same) { Initial = Initial.TruncatedNormal(0.1f, 0) },
        new Dense(7) { Initial = Initial.TruncatedNormal(1, 1) },
        new DepthwiseConv1d(5, 2, 4) { Initial = Initial.TruncatedNormal(0.1f, 0.5f) },
        new DepthwiseConv2d(5, 2, Padding.Same) { Initial = Initial.TruncatedNormal(0.1f, 0) }, new Dropout(0.25f),
        new LayerNorm(0.5f), new LeakyRelu(0.3f), new LocalResponseNorm(3, 0.5f, 0.1f, 1), new LowBitDense(7, 2, 3),
        new MaxPool1d(3, 2, 1), new MaxPool2d(3, 2, 1), new Residual(new Dense(3), new Residual(new Relu())),
        new RoundedActivations(0.3f) { Observes = true }, new RoundedWeights(new Conv1d(3, 2, 2, 1)),
    ];

    private static readonly Loss[] Losses =
    [
        new BinaryCrossEntropy(), new Distillation(2.5f, 0.25f), new Huber(0.1f), new SmoothSvm(),
        new SoftmaxCrossEntropy(0.1f), new SquaredError(), new SquaredError(-3.5f, 12),
    ];

    [Fact]
    public void Every_layer_of_the_library_has_an_example_here() => Assert.Empty(
        typeof(Layer).Assembly.GetTypes().Where(t => t.IsSealed && t.IsSubclassOf(typeof(Layer))).Except(Layers.Select(l => l.GetType())));

    [Fact]
    public void Every_loss_of_the_library_has_an_example_here() => Assert.Empty(
        typeof(Loss).Assembly.GetTypes().Where(t => t.IsSealed && t.IsSubclassOf(typeof(Loss))).Except(Losses.Select(l => l.GetType())));

    [Fact]
    public void Every_layer_comes_back_as_it_was() => Assert.All(Layers, layer =>
    {
        var text = ModelGraph.Text(json => LayerSettings.WriteAll(json, "layers", [layer]));
        Assert.Equal(layer, Assert.Single(ModelGraph.Read(text, "graph", s => LayerSettings.ReadAll(s, "layers", "layer"))));
    });

    [Fact]
    public void Every_loss_comes_back_as_it_was() => Assert.All(Losses, loss =>
    {
        var network = new Network(new(3), loss is SmoothSvm ? 1 : 2, [new Relu()],
            [new(0, new Dense(loss is SmoothSvm ? 1 : 2))], objective: loss);
        var loaded = Assert.IsType<Network>(ModelFile.Load(ModelFile.Save(network, network.Initial)).Model);
        Assert.Equal((network, loss), (loaded, loaded.Objective));
    });

    [Fact]
    public void Every_way_to_train_exits_comes_back_as_it_was() => Assert.All(Enum.GetValues<ExitTraining>(), training =>
    {
        var network = new Network(new(3), 2, [new Relu()], [new(0, new Dense(2))]) { ExitTraining = training };
        var loaded = Assert.IsType<Network>(ModelFile.Load(ModelFile.Save(network, network.Initial)).Model);
        Assert.Equal((network, training), (loaded, loaded.ExitTraining));
    });
}
