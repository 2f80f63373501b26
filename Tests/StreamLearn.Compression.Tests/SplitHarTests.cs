using StreamLearn.Nodes;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace StreamLearn.Compression.Tests;

/// <summary>A network of activities that is trained in two parts, over a link that carries float32 or 8 bits.</summary>
public sealed class SplitHarTests(ITestOutputHelper output)
{
    private const int Split = 4;            // after the first convolution, its normalization and its ReLU
    private const int Seeds = 3;
    private const int Epochs = 2;

    /// <summary>A small rate that falls to 0: with a large one, the last few steps decide about more than half a point.</summary>
    private static readonly Optimizer Optimizer = new Sgd(0.003f, ClipNorm: float.PositiveInfinity)
    {
        Schedule = Schedule.Cosine(Epochs * HarWindows.Known.Count / 16),
    };

    [Fact]
    public void Activations_and_gradients_of_8_bits_end_within_half_a_point_of_float32()
    {
        var (exact, coded) = (0.0, 0.0);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var whole = Run(seed, LearningCodecs.Activations, LearningCodecs.BoundaryGradients);
            var small = Run(seed, CompressionCodecs.Activations8, CompressionCodecs.BoundaryGradients8);
            output.WriteLine(FormattableString.Invariant(
                $"seed {seed}: float32 {whole.Accuracy:P2} in {whole.Bytes} bytes, 8 bits {small.Accuracy:P2} in {small.Bytes} bytes"));
            (exact, coded) = (exact + (whole.Accuracy / Seeds), coded + (small.Accuracy / Seeds));
            Assert.InRange(small.Bytes / (double)whole.Bytes, 0.25, 1 / 3.5);
            Assert.NotEqual(whole.Model.Sha256(), small.Model.Sha256());        // precision was lost
        }

        output.WriteLine(FormattableString.Invariant($"mean: float32 {exact:P2}, 8 bits {coded:P2}"));
        Assert.InRange(exact, 0.8, 1);
        Assert.InRange(coded, exact - 0.005, 1);
    }

    /// <summary>The model, its accuracy with people that it has not seen, and the bytes that the device's link carried both ways.</summary>
    private static (Weights Model, double Accuracy, long Bytes) Run(long seed, ICodec<Activations> forward, ICodec<BoundaryGradients> back)
    {
        var network = HarNetwork.Create(seed);
        var start = network.Initial.Values.ToArray();
        network.Plan.SetScale(HarWindows.Scale, start);
        var options = new SplitTrainOptions { Optimizer = Optimizer, Start = network.Initial with { Values = [.. start] } };
        SplitReport? front = null, tail = null;
        using var world = new VirtualWorld(new() { Seed = seed });
        var air = world.Transport("air");
        var device = world.Add(Pipeline.Define("device", p =>
        {
            var rows = p.From("rows", Epochs, static (int epochs, OperatorContext context) => new ShuffledWindows(epochs, context),
                HarWindows.Columns);
            var (activations, reports) = rows.SplitTrain(
                network, Split, p.Subscribe(air, "gradients", back), options: options);
            activations.Publish(air, "activations", forward);
            reports.ForEach("reports", report => front = report);
        }), new(), new LinkProfile());
        world.Add(Pipeline.Define("edge", p =>
        {
            var (gradients, reports) = p.Subscribe(air, "activations", forward).SplitTrain(network, Split, options: options);
            gradients.Publish(air, "gradients", back);
            reports.ForEach("reports", report => tail = report);
        }));
        world.RunToEnd(TestContext.Current.CancellationToken);

        var model = SplitReport.Join(network, front!, tail!);
        return (model, HarWindows.Accuracy(network, model), device.BytesUp + device.BytesDown);
    }
}
