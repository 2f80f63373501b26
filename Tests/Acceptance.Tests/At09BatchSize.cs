namespace Acceptance.Tests;

/// <summary>Section 9.7: batch-size tuning.</summary>
public sealed class At09BatchSize(ITestOutputHelper output)
{
    private static readonly Optimizer Adam = new Adam(0.001f);

    private static readonly ImmutableArray<Network> Networks =
    [
        FineTunedNetworks.Digits(0), FineTunedNetworks.Activity(0), HarNetwork.Create(),
        FineTunedNetworks.Digits(0).Masked(TrainableMask.HeadOnly),
    ];

    [Fact]
    public void AT_9g_A_training_step_with_the_chosen_rows_never_exceeds_the_memory_profile_and_one_row_more_would()
    {
        const int Most = 100;
        foreach (var network in Networks)
        {
            var least = network.Memory(1, Adam).TrainingBytes;
            foreach (var profile in new[] { least, least + (least / 7), 2 * least, 5 * least })
            {
                var rows = BatchSizeTuner.MaxRows(network, Adam, profile, Most);

                var used = Step(network, rows, new());

                Assert.InRange(used, 1, profile);
                Assert.Equal(used, network.Memory(rows, Adam).TrainingBytes);
                Assert.True(rows == Most || network.Memory(rows + 1, Adam).TrainingBytes > profile);
            }

            Assert.Equal(0, BatchSizeTuner.MaxRows(network, Adam, least - 1));
        }
    }

    [Fact]
    public void AT_9g_The_chosen_rows_give_at_least_half_the_samples_a_second_of_the_best_there_are()
    {
        var random = new RandomStream(97, "devices");
        var worst = 1.0;
        for (var device = 0; device < 200; device++)
        {
            // a device: multiply-adds a second, cost of a call, cache, and how much slower it is beyond
            var network = Networks[device % Networks.Length];
            var speed = Math.Pow(10, random.NextDouble(6, 10));
            var (call, cache, beyond) =
                (Math.Pow(10, random.NextDouble(-6, -2)), 1L << (14 + random.NextInt32(10)), random.NextDouble(1, 5));
            var most = BatchSizeTuner.MaxRows(network, Adam, 1L << (22 + random.NextInt32(4)), most: 1024);
            double RowsPerSecond(int rows)
            {
                var slower = network.Memory(rows).ActivationBytes > cache ? beyond : 1;
                return rows / (call + (3.0 * network.Plan.MultiplyAdds * rows * slower / speed));
            }

            var chosen = BatchSizeTuner.BestThroughput(most, RowsPerSecond);

            Assert.InRange(chosen, 1, most);
            var best = Enumerable.Range(1, most).Max(RowsPerSecond);
            worst = Math.Min(worst, RowsPerSecond(chosen) / best);
        }

        Assert.InRange(worst, 0.5, 1);
    }

    /// <summary>AT-9g on what a machine of two cores took, in steps of <see cref="HarNetwork"/>, the best of twenty rounds:
    /// <c>At09BatchSize.tsv</c>, rows, rows a second of processor time, bytes.</summary>
    [Fact]
    public void The_chosen_rows_give_at_least_95_percent_of_the_best_that_a_machine_took_and_keep_to_its_memory()
    {
        var (network, took) = (HarNetwork.Create(), Recorded());
        var all = took.Keys.Max();
        foreach (var free in took.Values.Select(static t => t.Bytes).Distinct())
        {
            var most = BatchSizeTuner.MaxRows(network, Adam, free, all);

            var chosen = BatchSizeTuner.BestThroughput(most, rows => took[rows].RowsPerSecond);

            var best = took.Where(t => t.Key <= most).Max(static t => t.Value.RowsPerSecond);
            Assert.InRange(took[chosen].Bytes, 1, free);
            Assert.InRange(took[chosen].RowsPerSecond / best, 0.5, 1);
            if (most < all) { continue; }
            output.WriteLine($"chosen {chosen}: {took[chosen].RowsPerSecond} rows a second of {best}");
            Assert.InRange(took[chosen].RowsPerSecond / best, 0.95, 1);
        }

        Assert.Equal(64, all);
        Assert.All(took, t => Assert.Equal(network.Memory(t.Key, Adam).TrainingBytes, t.Value.Bytes));
    }

    [Fact]
    public void AT_9g_Memory_cut_in_half_at_run_time_shrinks_the_batch_at_the_next_step()
    {
        const int Target = 96;
        foreach (var network in Networks)
        {
            var whole = network.Memory(Target, Adam).TrainingBytes;
            var least = network.Memory(1, Adam).TrainingBytes;      // this cannot be cut
            var (memory, before) = (new Workspace(), Target);
            foreach (var share in new[] { 1, 1, 2, 4, 1 })
            {
                var free = least + ((whole - least) / share);
                var parts = BatchSizeTuner.Parts(Target, BatchSizeTuner.MaxRows(network, Adam, free, Target));
                if (parts.Rows < before) { memory.Trim(); }

                for (var part = 0; part < parts.Count; part++) { Assert.InRange(Step(network, parts.RowsOf(part), memory), 1, free); }

                Assert.InRange(parts.Rows, 1, (Target / share) + 1);
                Assert.Equal(share > 1, parts.Count > 1);           // together still all rows
                before = parts.Rows;
            }
        }
    }

    [Fact]
    public void AT_9g_A_device_that_is_told_of_half_the_memory_trains_on_fewer_rows_from_the_next_step_on()
    {
        const int Most = 32;
        var network = new Network(
            new(GlyphDigits.Pixels), GlyphDigits.Classes, [new Dense(64), new Relu()], [new(1, new Dense(GlyphDigits.Classes))], seed: 1);
        var (whole, least) = (network.Memory(Most, Adam).TrainingBytes, network.Memory(1, Adam).TrainingBytes);     // this cannot be cut
        var options = new TrainOptions
        {
            Optimizer = Adam,
            Tuning = new() { FreeBytes = whole, Every = null },
            Continuous = true,
            BatchRows = Most,
            MaxBatchRows = Most,
            BufferRows = 2 * Most,
            StartAfterRows = 2 * Most,
            StepsPerUpdate = 1,
        };
        using var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows
            .Train(network, p.Input<Weights>("models"), options).ControlledBy(p.Input<TrainingMemory>("memory"))), GlyphDigits.Schema);
        var batch = probe.Pool.Rent(GlyphDigits.Schema, 2 * Most);
        for (var p = 0; p < GlyphDigits.Pixels; p++) { batch.Channels[p].Writable<float>().Fill(0.5f); }
        batch[Schema.LabelColumn].Writable<int>().Fill(3);
        probe.Send(batch);
        foreach (var share in new[] { 1, 2, 4, 1 })
        {
            var free = least + ((whole - least) / share);
            probe.Control(new TrainingMemory { FreeBytes = free });
            probe.TakeAll<WeightDelta>();
            Assert.True(probe.WakeUp());        // a step

            var rows = (int)Assert.Single(probe.TakeAll<WeightDelta>()).Samples;

            Assert.Equal(BatchSizeTuner.MaxRows(network, Adam, free, Most), rows);
            Assert.InRange(rows, 1, (Most / share) + 1);
            Assert.InRange(Step(network, rows, new()), 1, free);
        }
    }

    private static Dictionary<int, (double RowsPerSecond, long Bytes)> Recorded() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "At09BatchSize.tsv")).Select(static line => line.Split('\t'))
            .ToDictionary(static t => int.Parse(t[0], CultureInfo.InvariantCulture), static t => (
                double.Parse(t[1], CultureInfo.InvariantCulture), long.Parse(t[2], CultureInfo.InvariantCulture)));

    private static long Step(Network network, int rows, Workspace memory)
    {
        var random = new RandomStream(rows, "rows");
        float[] weights = [.. network.Initial.Values], gradients = new float[weights.Length];
        var (state, features) = (new float[Adam.StateValues * weights.Length], new float[rows * network.Plan.Input.Size]);
        foreach (ref var value in features.AsSpan()) { value = (float)random.NextDouble(0, 1); }
        var loss = network.Step(weights, new(features, new int[rows]), Adam, state, 1, gradients, memory);
        Assert.True(float.IsFinite(loss));
        return memory.ReservedBytes + (4L * (weights.Length + gradients.Length + state.Length));
    }
}
