using System.Collections.Immutable;
using StreamLearn.Models;
using StreamLearn.Samples;
using StreamLearn.Testing;

namespace StreamLearn.Onnx.Tests;

/// <summary>Networks as files for other runtimes: ONNX Runtime gives their answers, and they are read again.</summary>
public sealed class OnnxSaveTests
{
    public static TheoryData<string> Samples =>
        ["har", "har-conv", "softmax", "mlp", "vgg5", "vgg8", "cnn-small", "value", "features", "linear", "features-value"];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_network_of_the_samples_answers_alike_in_ONNX_Runtime_and_read_again(string name)
    {
        var network = Sample(name);
        var weights = OtherRuntime.Drawn(network);
        var rows = OtherRuntime.Rows(network, name == "vgg8" && !LongForm.IsAsked ? 100 : 1_000);
        var here = OtherRuntime.Here(network, weights, rows);
        var bytes = OtherRuntime.Saved(network, weights);
        OtherRuntime.AssertClose(here, OtherRuntime.Answers(bytes, rows, network.Plan.Input.Size), 1e-5f);
        var read = OnnxFile.Load(bytes);
        OtherRuntime.AssertClose(here, OtherRuntime.Here(read.Network, read.Weights, rows), 1e-6f);
        Assert.Equal(WithoutEarlierExits(network, weights).Sha256(), read.Weights.Sha256());
        Assert.Equal(network.Objective, read.Network.Objective);
    }

    [Theory, InlineData("signals"), InlineData("images"), InlineData("features")]
    public void Every_layer_answers_alike_in_ONNX_Runtime_and_read_again(string kind)
    {
        var network = AllLayers(kind);
        var weights = OtherRuntime.Drawn(network);
        var rows = OtherRuntime.Rows(network, 200);
        var here = OtherRuntime.Here(network, weights, rows);
        var bytes = OtherRuntime.Saved(network, weights);
        OtherRuntime.AssertClose(here, OtherRuntime.Answers(bytes, rows, network.Plan.Input.Size), 1e-5f);
        var read = OnnxFile.Load(bytes, objective: new SquaredError());
        OtherRuntime.AssertClose(here, OtherRuntime.Here(read.Network, read.Weights, rows), 1e-6f);
        Assert.Equal(weights.Sha256(), read.Weights.Sha256());
    }

    [Fact]
    public void Each_exit_is_an_output_where_all_are_asked_for()
    {
        var network = HarNetwork.Create(2);
        var weights = OtherRuntime.Drawn(network);
        var rows = OtherRuntime.Rows(network, 50);
        var (between, first, memory) = (new float[50 * network.Boundaries[4].Size], new float[50 * 6], new Workspace());
        network.Trunk(0, weights.Values.AsSpan(), rows, 50, between, memory);
        network.Head(0, weights.Values.AsSpan(), between, 50, first, memory);
        network.Objective.Answer(first, 50);

        var bytes = OtherRuntime.Saved(network, weights, options: new() { AllExits = true });

        OtherRuntime.AssertClose(first, OtherRuntime.Answers(bytes, rows, network.Plan.Input.Size, "exit0"), 1e-5f);
        var here = OtherRuntime.Here(network, weights, rows);
        OtherRuntime.AssertClose(here, OtherRuntime.Answers(bytes, rows, network.Plan.Input.Size), 1e-5f);
        Assert.Contains("(Softmax): expected a softmax as the last node only", Refusals.Of(bytes).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_are_those_of_the_loss()
    {
        foreach (var objective in (Loss[])[new BinaryCrossEntropy(), new Huber(), new SmoothSvm(), new SquaredError(-40, 0.25f)])
        {
            var network = new Network(new(5), 1, [new Dense(7), new Tanh()], [new(1, new Dense(1))], 4, objective: objective);
            var weights = OtherRuntime.Drawn(network);
            var rows = OtherRuntime.Rows(network, 100);
            var bytes = OtherRuntime.Saved(network, weights);
            OtherRuntime.AssertClose(OtherRuntime.Here(network, weights, rows), OtherRuntime.Answers(bytes, rows, 5), 1e-5f);
        }
    }

    [Fact]
    public void The_same_network_gives_the_same_bytes_with_its_names_beside()
    {
        var network = Sample("linear");
        var card = new ModelCard
        {
            Channels = [.. Enumerable.Range(0, 12).Select(static i => Field.Channel($"a{i}", Unit.One))],
            Labels = ["off", "on, \"slow\"", "än"],
            Provenance = ImmutableSortedDictionary<string, string>.Empty.Add("rows-per-second", "50"),
        };
        var bytes = OtherRuntime.Saved(network, network.Initial, card);

        Assert.Equal(bytes, OtherRuntime.Saved(Sample("linear"), network.Initial, card));
        var said = OtherRuntime.Metadata(bytes);
        Assert.Equal("[\"off\",\"on, \\\"slow\\\"\",\"än\"]", said["classes"]);
        Assert.StartsWith("[\"a0\",\"a1\",", said["channels"], StringComparison.Ordinal);
        Assert.Equal(12, said["units"].Split(',').Length);
        Assert.Equal("50", said["rows-per-second"]);
        var read = OnnxFile.Load(bytes).Card;
        Assert.Equal(card.Labels.AsEnumerable(), read.Labels);
        Assert.Equal(card.Channels.AsEnumerable(), read.Channels);
    }

    [Theory, InlineData("pressure"), InlineData("[1,2]"), InlineData("{}"), InlineData("[\"a\"]"), InlineData("[\"a\",\"a\"]")]
    [InlineData("[\"a\",\"\"]"), InlineData("[\"a\",\"\\ud800\"]")]
    public void Names_that_another_tool_means_otherwise_are_not_taken(string said)
    {
        var network = new Network(new(2), 2, [new Flatten()], [new(0, new Dense(2))]);
        Assert.Empty(OnnxMetadata.On(ModelCard.Empty, network.Plan, [new("channels", said)]).Channels);
    }

    [Fact]
    public void A_file_is_written_whole_or_not_at_all()
    {
        var (path, network) = (Path.Combine(AppContext.BaseDirectory, "saved.onnx"), Sample("mlp"));
        OnnxFile.Save(path, network, network.Initial);
        var before = File.ReadAllBytes(path);
        Assert.Throws<NotSupportedException>(() => OnnxFile.Save(path, Own(), Own().Initial));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal(network.Initial.Sha256(), OnnxFile.Load(path).Weights.Sha256());
    }

    [Fact]
    public void What_has_no_form_is_refused_by_name()
    {
        var network = Sample("mlp");
        Assert.Contains("layer 1.0, my-layer:", Refused<NotSupportedException>(Own(), Own().Initial), StringComparison.Ordinal);
        Assert.Contains("my-loss", Refused<NotSupportedException>(Of(new MyLoss()), Of(new MyLoss()).Initial), StringComparison.Ordinal);
        Assert.Contains("expected weights of", Refused<ArgumentException>(network, Own().Initial), StringComparison.Ordinal);
        Assert.Contains("expected finite values in 0.dense.weight", Refused<ArgumentException>(network,
            network.Initial with { Values = network.Initial.Values.SetItem(0, float.NaN) }), StringComparison.Ordinal);
        Assert.Contains("expected 3 labels", Refused<ArgumentException>(network, network.Initial, new() { Labels = ["a"] }),
            StringComparison.Ordinal);

        static Network Of(Loss objective) => new(new(3), 2, [new Flatten()], [new(0, new Dense(2))], objective: objective);
    }

    private static string Refused<T>(Network network, Weights weights, ModelCard? card = null)
        where T : Exception => Assert.Throws<T>(() => OtherRuntime.Saved(network, weights, card)).Message;

    private static Network Sample(string name) => name switch
    {
        "har" => HarNetwork.Create(1),
        "har-conv" => ReferenceModels.HarConv(1),
        "softmax" => ReferenceModels.Softmax(20, 5, 1),
        "mlp" => ReferenceModels.Mlp(10, [16, 8], 3, 1),
        "vgg5" => ReferenceModels.Vgg5(1),
        "vgg8" => ReferenceModels.Vgg8(1),
        "cnn-small" => ReferenceModels.CnnSmall(1),
        "value" => Network.OfWindows(3, 64, 1, 1, objective: new SquaredError(20, 3.5f)),
        "features" => new(new(30), 4, [new Scale(), new Dense(64), new Relu()], [new(0, new Dense(4), 0.5f), new(2, new Dense(4))], 1),
        "linear" => new(new(12), 3, [new Scale { Columns = 77 }], [new(0, new Dense(3))], 1),
        _ => new(new(6), 1, [new Scale()], [new(0, new Dense(1))], 1, objective: new SquaredError(-3, 200)),
    };

    private static Network AllLayers(string kind) => kind switch
    {
        "signals" => Ending(new(3, 40), new Conv1d(6, 5, 2, Padding.Same), new LeakyRelu(0.2f), new GroupNorm(3),
            new DepthwiseConv1d(3, 1, 1), new Residual(new Conv1d(6, 4, 1, Padding.Same), new BatchNorm(0.2f, 1e-3f), new Tanh()),
            new AveragePool1d(3, 2, 1), new LayerNorm(1e-3f), new Residual(new Residual(new Relu(), new Conv1d(6, 1)), new GroupNorm(2)),
            new LocalResponseNorm(1), new MaxPool1d(3, 1, Padding.Same), new Dropout(0.5f), new MaxPool1d(2), new GlobalMeanMax()),
        "images" => Ending(new(2, 9, 7), new Conv2d(4, 3, 2, Padding.Same), new GroupNorm(2), new Sigmoid(),
            new DepthwiseConv2d(3, 1, 1), new LocalResponseNorm(2, 1.5f, 0.1f, 0.6f), new AveragePool2d(3, 1, 1), new LayerNorm(),
            new Sequential(new Residual(new Conv2d(4, 3, 1, 1)), new MaxPool2d(2, 1)), new BatchNorm(), new GlobalMax()),
        _ => Ending(new(8), new Scale(), new LayerNorm(), new GroupNorm(2), new BatchNorm(), new LocalResponseNorm(1),
            new Conv1d(5, 1), new Residual(new Dense(5)), new GlobalMean(), new GlobalMeanMax(), new Flatten()),
    };

    private static Network Ending(Shape input, params ImmutableArray<Layer> layers) =>
        new(input, 3, layers, [new(layers.Length - 1, new Sequential(new Dense(4), new Dropout(0.1f), new Relu(), new Dense(3)))], 6,
            objective: new SquaredError());

    private static Network Own() => new(new(3), 2, [new Flatten(), new Sequential(new MyLayer())], [new(1, new Dense(2))]);

    /// <summary>The values of the trunk and the last head.</summary>
    private static Weights WithoutEarlierExits(Network network, Weights weights)
    {
        var last = $"exit{network.ExitCount - 1}.";
        return weights with
        {
            Values = [.. network.Plan.Slices
                .Where(s => !s.Name.StartsWith("exit", StringComparison.Ordinal) || s.Name.StartsWith(last, StringComparison.Ordinal))
                .SelectMany(s => s.Of(weights.Values.AsSpan()).ToArray())],
        };
    }

    private sealed record MyLayer : Layer
    {
        public override LayerPlan Plan(Shape input) => new(input);
        public override void Forward(in LayerCall call) => call.Inputs.CopyTo(call.Outputs);
        public override void Backward(in LayerCall call) => call.OutputGradients.CopyTo(call.InputGradients);
        public override string ToString() => "my-layer";
    }

    private sealed record MyLoss : Loss
    {
        public override double Gradient(Span<float> outputs, in Sample batch) => 0;

        public override void Check(int outputs)
        {
        }

        public override string ToString() => "my-loss";
    }
}
