namespace Acceptance.Tests;

/// <summary>Section 9.5: buffers and replay.</summary>
public sealed class At09Buffers
{
    private static readonly Schema Rows = new(Field.Channel("row", Unit.One), Field.Label());

    [Fact]
    public void AT_9e_A_device_keeps_every_row_of_its_stream_with_the_same_probability()
    {
        const int Streamed = 100, Capacity = 20, Devices = 1000;
        var kept = new int[Streamed];
        for (var device = 0; device < Devices; device++)
        {
            foreach (var row in KeptRows(device, Streamed, new() { BufferRows = Capacity })) { kept[row]++; }
        }

        const double Share = (double)Capacity / Streamed, Expected = Devices * Share;
        var chiSquare = kept.Sum(k => (k - Expected) * (k - Expected) / (Expected * (1 - Share))) * (Streamed - 1) / Streamed;
        Assert.InRange(chiSquare, 60.3, 148.3);     // 99 degrees of freedom: 0.1 % on either side
    }

    [Fact]
    public void AT_9e_A_class_balanced_device_holds_as_many_of_each_class_as_there_are_places_for()
    {
        const int Streamed = 1000, Capacity = 40;
        for (var device = 0; device < 20; device++)
        {
            var kept = KeptRows(device, Streamed, new() { BufferRows = Capacity, Buffer = BufferKind.ClassBalanced });

            Assert.Equal(Capacity, kept.Count);
            Assert.Equal([10, 10, 10, 10], kept.CountBy(Label).OrderBy(c => c.Key).Select(c => c.Value));
        }
    }

    /// <summary>Five tasks of two digits each, one after the other, a row and a step at a time; means over seeds 0, 1 and 2.</summary>
    [LongFact]
    public void AT_9e_Over_five_tasks_200_rows_keep_seven_tenths_of_what_is_learned_together_and_without_replay_a_third_is_lost()
    {
        var (together, replayed, forgotten) = (0.0, 0.0, 0.0);
        foreach (var seed in new long[] { 0, 1, 2 })
        {
            var digits = GlyphDigits.Generate(2000, seed);
            var all = Enumerable.Range(0, digits.Count).ToArray();
            int[][] tasks = [.. Enumerable.Range(0, 5).Select(t => all.Where(r => digits.Labels[r] / 2 == t).ToArray())];
            var start = GlyphFleet.Model.Initial;

            together += GlyphFleet.Accuracy(Learned(start, digits, all, digits.Count), seed) / 3;
            replayed += GlyphFleet.Accuracy(Learned(start, digits, [.. tasks.SelectMany(t => t)], 200), seed) / 3;
            var last = tasks.Aggregate(start, (weights, task) => Learned(weights, digits, task, task.Length));
            forgotten += GlyphFleet.Accuracy(last, seed) / 3;
        }

        TestContext.Current.SendDiagnosticMessage($"together {together:0.000}, 200 rows replayed {replayed:0.000}, none {forgotten:0.000}");
        Assert.InRange(replayed / together, 0.7, 1);
        Assert.InRange(forgotten / together, 0, 0.35);
    }

    private static Weights Learned(Weights start, GlyphDigits digits, int[] rows, int capacity)
    {
        var options = new TrainOptions
        {
            Optimizer = new Sgd(0.05f, Momentum: 0, ClipNorm: float.PositiveInfinity),
            Buffer = BufferKind.ClassBalanced,
            BufferRows = capacity,
            StartAfterRows = 1,
            StepsPerUpdate = rows.Length,
        };
        using var probe = OperatorProbe.From<Batch>(
            (p, flow) => OperatorProbe.Use(flow.Train(GlyphFleet.Model, p.Input<Weights>("models"), options)), GlyphDigits.Schema);
        probe.Control(start with { Version = 1 });
        foreach (var part in rows.Chunk(20))
        {
            var batch = probe.Pool.Rent(GlyphDigits.Schema, part.Length);
            for (var r = 0; r < part.Length; r++)
            {
                for (var p = 0; p < GlyphDigits.Pixels; p++) { batch.Channels[p].Writable<float>()[r] = digits.Row(part[r])[p]; }
                batch[Schema.LabelColumn].Writable<int>()[r] = digits.Labels[part[r]];
            }

            probe.Send(batch);
            probe.Advance(TimeSpan.Zero);
        }

        var update = Assert.Single(probe.TakeAll<WeightDelta>(), u => u.Steps > 0);
        Assert.Equal(rows.Length, update.Steps);
        return start with { Values = [.. start.Values.Zip(update.Values, (value, moved) => value + moved)] };
    }

    /// <summary>Nine rows in ten are of class 0.</summary>
    private static int Label(int row) => row % 10 == 0 ? 1 + (row / 10 % 3) : 0;

    /// <summary>The rows in a device's replay buffer after a stream: what a step over the whole buffer is given.</summary>
    private static List<int> KeptRows(int device, int streamed, TrainOptions options)
    {
        var model = new StepLog();
        options = options with { Draw = DrawKind.Shuffle, BatchRows = options.BufferRows, StartAfterRows = streamed, StepsPerUpdate = 1 };
        using var probe = OperatorProbe.From<Batch>(
            (p, rows) => OperatorProbe.Use(rows.Train(model, p.Input<Weights>("models"), options)), Rows, seed: device);
        probe.Send(Batches.Of(
            probe.Pool, Rows, Enumerable.Range(0, streamed).Select(r => (float)r).ToArray(),
            Enumerable.Range(0, streamed).Select(Label).ToArray()));
        return model.LastStep;
    }

    /// <summary>A model that learns nothing and remembers the rows of its last step.</summary>
    private sealed class StepLog : IModel
    {
        public ModelPlan Plan { get; } = new(new(1), outputs: 4, multiplyAdds: 1, [("weight", SliceKind.Trained, 1)]);

        public Weights Initial => new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = [0] };

        internal List<int> LastStep { get; private set; } = [];

        public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
        {
            gradients.Clear();
            LastStep = [];
            foreach (var row in batch.Features) { LastStep.Add((int)row); }
            return 0;
        }

        public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory) => outputs.Fill(0.25f);
    }
}
