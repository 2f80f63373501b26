namespace StreamLearn.Nodes.Tests;

/// <summary>A device and an edge that train one network, joined by a link that the test may cut; messages pass as bytes.</summary>
internal sealed class SplitPair : IDisposable
{
    internal const int Channels = 2;
    internal const int Samples = 16;
    internal const int Classes = 3;

    /// <summary>Windows of two channels: every kind of layer, an exit in the middle.</summary>
    internal static readonly Network Network = new(
        new(Channels, Samples), Classes,
        [new Scale(), new Conv1d(4, 5, 2, 2), new GroupNorm(2), new Relu(), new Conv1d(6, 3, 1, 1), new MaxPool1d(2), new Relu()],
        [
            new(3, new Sequential(new GlobalMeanMax(), new Dense(Classes)), 0.5f),
            new(6, new Sequential(new GlobalMeanMax(), new Dense(Classes))),
        ],
        seed: 5);

    internal static readonly int Layers = Network.Layers.Length;

    /// <summary>Layers [first, end) of a network in training, as a side with these options has them.</summary>
    internal static TrainedPart PartOf(ISplitModel model, SplitTrainOptions options, int first, int end) =>
        new(model, options.Optimizer, options.Start, first, end);

    internal static readonly SplitTrainOptions Options = new()
    {
        Epoch = 0,
        Optimizer = new Sgd(0.05f, ClipNorm: float.PositiveInfinity),
        BatchRows = 4,
        ReportEvery = int.MaxValue,
        Start = Scaled(),
    };

    internal static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Label());

    internal SplitPair(int split, SplitTrainOptions? options = null, bool guard = true)
    {
        options ??= Options;
        Device = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.SplitTrain(
            Network, split, p.Input<BoundaryGradients>("gradients"), p.Input<SplitPlan>("plans"), options)), Rows,
            guard: guard);
        Edge = OperatorProbe.Of<Activations, BoundaryGradients, SplitReport>(
            flow => flow.SplitTrain(Network, split, options: options), guard: guard);
    }

    internal OperatorProbe Device { get; }
    internal OperatorProbe Edge { get; }

    /// <summary>Every message that the device sent over the link.</summary>
    internal List<Activations> Sent { get; } = [];

    public void Dispose()
    {
        Device.Dispose();
        Edge.Dispose();
    }

    /// <summary>A batch of training, of four windows, the n-th of the stream.</summary>
    internal static (float[] Features, int[] Labels) Batch(int number, int rows = 4)
    {
        var random = new RandomStream(number, "split-batch");
        var (features, labels) = (new float[rows * Channels * Samples], new int[rows]);
        for (var r = 0; r < rows; r++)
        {
            labels[r] = random.NextInt32(Classes);
            for (var c = 0; c < Channels; c++)
            {
                for (var t = 0; t < Samples; t++)
                {
                    features[(((r * Channels) + c) * Samples) + t] =
                        (float)(5 + (2 * Math.Sin((labels[r] + 1) * (t + c) * 0.7)) + (0.5 * random.NextGaussian()));
                }
            }
        }

        return (features, labels);
    }

    /// <summary>The same batch as rows of a stream.</summary>
    internal static Batch Stream(OperatorProbe probe, int number, int rows = 4)
    {
        var (features, labels) = Batch(number, rows);
        var (x, y, label) = (new float[rows * Samples], new float[rows * Samples], new int[rows * Samples]);
        for (var i = 0; i < x.Length; i++)
        {
            var at = (i / Samples * Channels * Samples) + (i % Samples);
            (x[i], y[i], label[i]) = (features[at], features[at + Samples], labels[i / Samples]);
        }
        return Batches.Of(probe.Pool, Rows, x, y, label);
    }

    /// <summary>What one machine makes of the first batches.</summary>
    internal static float[] Unsplit(int batches, Optimizer? optimizer = null)
    {
        optimizer ??= Options.Optimizer;
        float[] weights = [.. Scaled().Values];
        var (gradients, state) = (new float[weights.Length], new float[optimizer.StateValues * weights.Length]);
        var memory = new Workspace();
        for (var b = 0; b < batches; b++)
        {
            var (features, labels) = Batch(b);
            Network.Loss(weights, new(features, labels), gradients, memory);
            optimizer.Step(Network.Plan, weights, gradients, state, b + 1);
        }

        return weights;
    }

    /// <summary>Sends a batch of the stream to the device.</summary>
    internal void Feed(int number, int rows = 4) => Device.Send(Stream(Device, number, rows));

    /// <summary>Takes the messages that wait at the device to the edge, and those there back, until none moves.</summary>
    internal void Exchange()
    {
        while (Device.Count() + Edge.Count() > 0)
        {
            foreach (var message in Device.TakeAll<Activations>())
            {
                Sent.Add(message);
                Edge.Send(Same(LearningCodecs.Activations, message)!);
            }
            foreach (var message in Edge.TakeAll<BoundaryGradients>()) { Device.Control(Same(LearningCodecs.BoundaryGradients, message)!); }
        }
    }

    /// <summary>Trains on some batches of the stream, one after the other.</summary>
    internal void Train(int from, int to)
    {
        for (var b = from; b < to; b++)
        {
            Feed(b);
            Exchange();
        }
    }

    /// <summary>Ends both sides and puts the model together.</summary>
    internal float[] Finish()
    {
        Device.Complete();
        Edge.Complete();
        var (device, edge) = (Device.TakeAll<SplitReport>(port: 1)[^1], Edge.TakeAll<SplitReport>(port: 1)[^1]);
        return [.. SplitReport.Join(Network, device, edge).Values];
    }

    private static Weights Scaled()
    {
        var values = Network.Initial.Values.ToArray();
        Network.Plan.SetScale(new(100, [5, 5.5], [200, 150]), values);
        return Network.Initial with { Values = [.. values] };
    }
}
