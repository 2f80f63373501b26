namespace Acceptance.Tests;

/// <summary>Section 4.1, vertical data: two devices with other columns of the same rows, and one network behind both.</summary>
public sealed class At04Vertical
{
    private const int Batches = 30;
    private const int Rows = 6;
    private const int Columns = 4;
    private const int Hidden = 5;
    private const int Classes = 3;

    private static readonly SplitTrainOptions Options = new()
    {
        Optimizer = new Sgd(0.05f, Momentum: 0.9f, ClipNorm: float.PositiveInfinity),
        BatchRows = Rows,
        GradientTimeout = TimeSpan.FromMinutes(1),
    };

    private static readonly Network[] Fronts = [Front(1), Front(2)];

    private static readonly Network Joined =
        new(new(2 * Hidden), Classes, [new Dense(8), new Tanh()], [new(1, new Dense(Classes))], seed: 3);

    [Fact]
    public void AT_4n_Two_devices_with_columns_of_their_own_train_like_one_machine_that_has_all()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var (air, reports) = (world.Transport("air"), new List<SplitReport>());
        world.Add(Pipeline.Define("edge", p =>
        {
            var (gradients, ends) = p.Subscribe(air, "activations", LearningCodecs.Activations)
                .TrainJoined(Joined, [("a", Hidden), ("b", Hidden)], Options);
            gradients.PublishTo(air, "gradients/{device}", LearningCodecs.BoundaryGradients, static g => g.Device);
            ends.ForEach("reports", reports.Add);
        }));
        var devices = new[] { world.Add(Device(air, "a", 0, reports)), world.Add(Device(air, "b", 1, reports)) };
        world.RunToEnd(TestContext.Current.CancellationToken);

        var (fronts, joined) = OneMachine();

        Same(joined, reports.Last(static r => r.Source == "edge"));
        Same(fronts[0], reports.Last(static r => r.Source == "a"), Fronts[0].Slices(0, 2));
        Same(fronts[1], reports.Last(static r => r.Source == "b"), Fronts[1].Slices(0, 2));
        Assert.All(devices, static d => Assert.Empty(d.Metrics["split-front"].Drops));
    }

    private static void Same(float[] expected, SplitReport report, ImmutableArray<Slice>? slices = null)
    {
        foreach (var slice in slices ?? Joined.Plan.Slices)
        {
            Assert.Equal(slice.Of(expected.AsSpan()), slice.Of(report.Weights.Values.AsSpan()));
        }
    }

    private static Network Front(long seed) =>
        new(new(Columns), Classes, [new Dense(Hidden), new Tanh(), new Tanh()], [new(2, new Dense(Classes))], seed: seed);

    private static (float[][] Fronts, float[] Joined) OneMachine()
    {
        float[][] fronts = [[.. Fronts[0].Initial.Values], [.. Fronts[1].Initial.Values]];
        float[] joined = [.. Joined.Initial.Values];
        float[][] states = [new float[fronts[0].Length], new float[fronts[1].Length], new float[joined.Length]];
        Tape[] tapes = [new(), new(), new()];
        for (var b = 0; b < Batches; b++)
        {
            var (features, labels) = Batch(b);
            var inputs = new float[Rows * 2 * Hidden];
            for (var d = 0; d < 2; d++)
            {
                Fronts[d].Forward(fronts[d], 0, 2, Own(features, d), Rows, tapes[d]);
                for (var r = 0; r < Rows; r++)
                {
                    tapes[d].Outputs.Slice(r * Hidden, Hidden).CopyTo(inputs.AsSpan((r * 2 * Hidden) + (d * Hidden)));
                }
            }

            Joined.Forward(joined, 0, 2, inputs, Rows, tapes[2]);
            Joined.ExitLosses(tapes[2], new([], labels));
            var (gradients, back) = (new float[joined.Length], new float[inputs.Length]);
            Joined.Backward(joined, tapes[2], [], gradients, back);
            Options.Optimizer.Step(Joined.Plan, joined, gradients, states[2], b + 1);
            for (var d = 0; d < 2; d++)
            {
                var own = new float[Rows * Hidden];
                for (var r = 0; r < Rows; r++) { back.AsSpan((r * 2 * Hidden) + (d * Hidden), Hidden).CopyTo(own.AsSpan(r * Hidden)); }
                gradients = new float[fronts[d].Length];
                Fronts[d].Backward(fronts[d], tapes[d], own, gradients, []);
                Options.Optimizer.Step(Fronts[d].Plan, fronts[d], gradients, states[d], b + 1);
            }
        }

        return (fronts, joined);
    }

    private static (float[] Features, int[] Labels) Batch(int number)
    {
        var random = new RandomStream(number, "vertical");
        var (features, labels) = (new float[Rows * 2 * Columns], new int[Rows]);
        for (var r = 0; r < Rows; r++)
        {
            labels[r] = random.NextInt32(Classes);
            for (var c = 0; c < 2 * Columns; c++)
            {
                features[(r * 2 * Columns) + c] = (float)(random.NextGaussian() + (labels[r] * (c % 3)));
            }
        }

        return (features, labels);
    }

    private static float[] Own(float[] features, int device)
    {
        var own = new float[Rows * Columns];
        for (var r = 0; r < Rows; r++)
        {
            features.AsSpan((r * 2 * Columns) + (device * Columns), Columns).CopyTo(own.AsSpan(r * Columns));
        }

        return own;
    }

    /// <summary>The layers of a front after its second one are never used: they stand for the edge's.</summary>
    private static Pipeline Device(ITransport air, string name, int number, List<SplitReport> reports) => Pipeline.Define(name, p =>
    {
        var schema = new Schema([.. Enumerable.Range(0, Columns).Select(c => Field.Channel($"c{c}", Unit.One)), Field.Label()]);
        var gradients = p.Subscribe(air, $"gradients/{name}", LearningCodecs.BoundaryGradients);
        var rows = p.From("rows", (schema, number), static ((Schema Schema, int Number) own, OperatorContext context) =>
            new ColumnSource(own.Schema, own.Number, context), schema);
        var (activations, ends) = rows.SplitTrain(Fronts[number], split: 2, gradients, options: Options);
        activations.Publish(air, "activations", LearningCodecs.Activations);
        ends.ForEach("reports", reports.Add);
    });

    private sealed class ColumnSource(Schema schema, int device, OperatorContext context) : Source<Batch>
    {
        private readonly DateTimeOffset _start = context.Now;
        private int _made;

        public override DateTimeOffset? NextAt => _made < Batches ? _start + TimeSpan.FromMilliseconds(_made) : null;

        public override Batch Next()
        {
            var (features, labels) = Batch(_made++);
            var own = Own(features, device);
            var batch = context.Pool.Rent(schema, Rows);
            for (var r = 0; r < Rows; r++)
            {
                for (var c = 0; c < Columns; c++) { batch.Channels[c].Writable<float>()[r] = own[(r * Columns) + c]; }
                batch["label"].Writable<int>()[r] = labels[r];
            }

            return batch;
        }
    }
}
