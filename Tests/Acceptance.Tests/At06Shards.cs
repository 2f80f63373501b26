using Papers;

namespace Acceptance.Tests;

/// <summary>Section 6.3: EdgeShard, by the plans alone. Brute force is written here anew, with tables of its own.</summary>
public sealed class At06Shards(ITestOutputHelper output)
{
    private const int Instances = 60;
    private const int Tokens = 96;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AT_6c_Both_plans_equal_brute_force_over_one_run_a_node(bool hasLimits)
    {
        var (short1, spread) = (0, 0);
        for (var seed = 0; seed < Instances; seed++)
        {
            var chain = Chain.Draw(seed, hasLimits);
            var (sum, longest, missing) = chain.Best(oneRun: true);
            foreach (var (planner, best) in (ReadOnlySpan<(Planner, double)>)
                [(new ShardPlanner(), sum), (new ShardPlanner(ForThroughput: true), longest)])
            {
                var route = planner.Plan(chain.Model, chain.View, Chain.Objective).Routes[0];
                Assert.Equal(missing, route.MissingBytes);
                if (missing > 0) { short1++; continue; }
                spread += route.Ranges.Length > 1 ? 1 : 0;
                var (ours, slowest) = chain.Value([.. route.Ranges.SelectMany(r => Enumerable.Repeat(int.Parse(r.Node[1..]), r.Count))]);
                Assert.Equal(best, planner is ShardPlanner { ForThroughput: false } ? ours : slowest, 1e-9 * best);
                Assert.Equal(ours, route.Cost.BatchSeconds, 1e-9 * ours);
            }
        }

        output.WriteLine($"of {2 * Instances} plans {spread} use several nodes, {short1} find no room");
        Assert.InRange(spread, Instances / 2, 2 * Instances);
        Assert.Equal(hasLimits, short1 > 0);
    }

    /// <summary>Against plans that may come back to a node: what one run a node costs, with memory limits and without.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AT_6c_The_excess_over_plans_that_return_to_a_node_is_reported(bool hasLimits)
    {
        var excesses = new List<double>();
        for (var seed = 0; seed < Instances; seed++)
        {
            var chain = Chain.Draw(seed, hasLimits, maxLayers: 7);
            var any = chain.Best(oneRun: false).Sum;
            var route = new ShardPlanner().Plan(chain.Model, chain.View, Chain.Objective).Routes[0];
            if (route.MissingBytes == 0) { excesses.Add((route.Cost.BatchSeconds / any) - 1); }
        }

        output.WriteLine(FormattableString.Invariant(
            $"{excesses.Count} plans: excess median {RandomMesh.Median(excesses):P2}, mean {excesses.Average():P2}, worst ")
            + FormattableString.Invariant($"{excesses.Max():P1}; {excesses.Count(static e => e < 1e-9)} without"));
        Assert.True(excesses.Count > Instances / 2);
        Assert.InRange(excesses.Min(), -1e-9, 1e-9);
        Assert.InRange(excesses.Average(), 0, hasLimits ? .1 : .02);
        Assert.InRange(excesses.Max(), 0, hasLimits ? 1 : .2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AT_6d_With_15_devices_both_plans_beat_the_best_simple_plan(long seed)
    {
        var view = ShardTestBed.View(seed);
        Planner[] simple =
        [
            new ShardPlanner { MaxNodes = 1 }, new EvenShards([ShardTestBed.Server]), new ShardPlanner { MaxNodes = 2 },
            new ShardPlanner(ForThroughput: true) { MaxNodes = 2 },
        ];
        var quickest = simple.Min(planner => Stages(planner, view).Sum());
        var slowest = simple.Min(planner => Stages(planner, view).Max());
        var (latency, stage) = (Stages(new ShardPlanner(), view).Sum(), Stages(new ShardPlanner(ForThroughput: true), view).Max());
        var even = Stages(new EvenShards(), view).Max();

        output.WriteLine(
            FormattableString.Invariant($"seed {seed}: latency {1e3 * latency:F2} ms of {1e3 * quickest:F2}, {latency / quickest:F3}; ")
            + FormattableString.Invariant($"{1 / stage:F1} tokens/s of {1 / slowest:F1}, {slowest / stage:F2}x; ")
            + FormattableString.Invariant($"of as many on all {even / stage:F2}x"));
        Assert.InRange(latency / quickest, .3, .6);
        Assert.InRange(slowest / stage, 1.8, 15);
        Assert.InRange(even / stage, 1.2, 15);

        // No plan can do better: the server holds 27 blocks, the others run at a speed of 1, and two links are crossed at 60 Mbit/s.
        var block = .14034 / 32;
        var computing = (27 * block / 4.5) + (5 * block);
        Assert.InRange(latency, computing + (2 * 65536 / 60e6), computing + (3 * 65536 / 50e6));
        Assert.Equal(2 * block, stage, 1e-9);       // with less, 14 devices have a block each and the server 8 at most
    }

    [Fact]
    public void AT_6e_A_model_too_large_for_each_device_is_placed_and_an_impossible_one_is_refused_with_what_is_missing()
    {
        var (view, model) = (ShardTestBed.View(0), ShardTestBed.Of(80, 70_000_000_000));
        var alone = new ShardPlanner { MaxNodes = 1 }.Plan(model, view, ShardTestBed.Token);
        foreach (var planner in (Planner[])[new ShardPlanner(), new ShardPlanner(ForThroughput: true)])
        {
            var route = planner.Plan(model, view, ShardTestBed.Token).Routes[0];
            Assert.Equal(80, route.Ranges.Sum(static range => range.Count));
            Assert.All(route.Cost.Memory, memory => Assert.InRange(memory.Bytes, 1, view.Node(memory.Node).MemoryBytes));
            Assert.Equal(route.Ranges.Length, route.Ranges.Select(static range => range.Node).Distinct().Count());
            output.WriteLine($"{route}; {1e3 * route.Cost.BatchSeconds:F0} ms");
        }

        // A float32 for each weight, and 2 × 4096 values of activations.
        var missing = (4L * (70_000_000_000 + 4096 + 4096)) - 32_000_000_000;
        Assert.Equal(missing, alone.Routes[0].MissingBytes);
        Assert.False(alone.IsComplete);
        Assert.Contains(FormattableString.Invariant($"no room: {missing:N0} bytes short"), alone.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void AT_6f_Without_bubbles_there_are_more_tokens_a_second()
    {
        var view = ShardTestBed.View(0);
        var schedule = ShardSchedule.Of(
            new ShardPlanner(ForThroughput: true).Plan(ShardTestBed.Model, view, ShardTestBed.Token).Routes[0], ShardTestBed.Model, view,
            ShardTestBed.Token);
        foreach (var batches in (int[])[1, 2, 8, 32])
        {
            var (with, without) = (Rate(hasBubbles: true), Rate(hasBubbles: false));

            output.WriteLine(FormattableString.Invariant($"{batches} micro-batches: {without:F1} tokens/s, with bubbles {with:F1}"));
            Assert.True(batches == 1 ? without == with : without > 1.02 * with);
            Assert.Equal(schedule.TokensPerSecond(batches, hasBubbles: true), with, 1e-9 * with);
            Assert.InRange(without, .85 * schedule.TokensPerSecond(batches), (1 + 1e-9) * schedule.TokensPerSecond(batches));

            double Rate(bool hasBubbles) => batches * Tokens / schedule.Play(batches, Tokens, hasBubbles);
        }
    }

    /// <summary>The stages of a plan, from its ranges: 140.34 ms over 32 blocks, 4.5 times as fast on the server, 65 kbit each.</summary>
    private static double[] Stages(Planner planner, ResourceView view)
    {
        var (stages, before) = (new List<double>(), "orin-0");
        foreach (var range in planner.Plan(ShardTestBed.Model, view, ShardTestBed.Token).Routes[0].Ranges)
        {
            if (range.Node != before) { stages.Add(65536 / view.Link(before, range.Node)!.BitsPerSecond); }
            stages.Add(range.Count * .14034 / 32 / (range.Node == ShardTestBed.Server ? 4.5 : 1));
            before = range.Node;
        }

        if (before != "orin-0") { stages.Add(32 / view.Link(before, "orin-0")!.BitsPerSecond); }
        return [.. stages];
    }

    /// <summary>Layers and nodes by chance, with tables for brute force of its own: times differ by layer and node.</summary>
    private sealed record Chain(LayerCosts Model, ResourceView View, double[][] Seconds, double[,] Rates, long[] Room)
    {
        internal static Objective Objective { get; } = new() { Work = PlannedWork.Inference, BatchRows = 2, BytesPerValue = 2 };

        internal static Chain Draw(int seed, bool hasLimits, int maxLayers = 8)
        {
            var random = new RandomStream(seed, "chain");
            var (layers, nodes) = (2 + random.NextInt32(maxLayers - 1), 2 + random.NextInt32(3));
            var model = new LayerCosts(50 + random.NextInt32(2000),
            [
                .. Enumerable.Range(0, layers).Select(_ =>
                    new LayerCost("layer", 1 + random.NextInt32(2000), 1, 2, 1 + random.NextInt32(5000))),
            ]);
            double[][] seconds = [.. Enumerable.Range(0, nodes).Select(_ =>
            {
                var scale = random.NextDouble(.002, .02);
                return Enumerable.Range(0, layers).Select(_ => scale * random.NextDouble(.5, 1.5)).ToArray();
            })];
            long[] room = [.. Enumerable.Range(0, nodes).Select(_ => hasLimits ? 20_000 + random.NextInt32(90_000) : long.MaxValue)];
            var rates = new double[nodes, nodes];
            var links = new List<LinkView>();
            for (var i = 0; i < nodes; i++)
            {
                for (var j = i + 1; j < nodes; j++)
                {
                    rates[i, j] = rates[j, i] = random.NextDouble(.5e6, 20e6);
                    links.Add(new($"n{i}", $"n{j}", rates[i, j]));
                }
            }

            return new(model, new(
                [.. seconds.Select((row, i) => new NodeView($"n{i}")
                {
                    Rows = i == 0 ? 10 : 0,
                    MemoryBytes = room[i],
                    Times = new([.. row.Select((_, end) => row[..(end + 1)].Sum())], [.. row.Select((_, end) => row[..(end + 1)].Sum())]),
                })],
                [.. links]), seconds, rates, room);
        }

        /// <summary>The least sum, the least longest stage, and of all plans the fewest bytes that are missing.</summary>
        internal (double Sum, double Longest, long Missing) Best(bool oneRun)
        {
            var best = (Sum: double.PositiveInfinity, Longest: double.PositiveInfinity, Missing: long.MaxValue);
            var places = new int[Model.Count];
            for (var code = 0; code < Math.Pow(Seconds.Length, Model.Count - 1); code++)
            {
                for (var (i, rest) = (1, code); i < places.Length; i++) { (rest, places[i]) = Math.DivRem(rest, Seconds.Length); }
                var runs = 1;
                for (var i = 1; i < places.Length; i++) { runs += places[i] != places[i - 1] ? 1 : 0; }
                if (oneRun && runs > places.Distinct().Count()) { continue; }
                var missing = Missing(places);
                best.Missing = Math.Min(best.Missing, missing);
                if (missing > 0) { continue; }
                var (sum, longest) = Value(places);
                best = (Math.Min(best.Sum, sum), Math.Min(best.Longest, longest), 0);
            }

            return best;
        }

        /// <summary>The sum of all times by place, and the longest stage; two rows of two bytes a value, answers of four.</summary>
        internal (double Sum, double Longest) Value(int[] places)
        {
            var (sum, longest, run) = (0.0, 0.0, 0.0);
            for (var i = 0; i < places.Length; i++)
            {
                if (i > 0 && places[i] != places[i - 1])
                {
                    run = 0;
                    Add(8.0 * 2 * 2 * Model.Layers[i - 1].Outputs / Rates[places[i - 1], places[i]]);
                }

                run += 2 * Seconds[places[i]][i];
                sum += 2 * Seconds[places[i]][i];
                longest = Math.Max(longest, run);
            }

            if (places[^1] != 0) { Add(8.0 * 2 * 4 * Model.Layers[^1].Outputs / Rates[places[^1], 0]); }
            return (sum, longest);

            void Add(double link) => (sum, longest) = (sum + link, Math.Max(longest, link));
        }

        /// <summary>Bytes beyond memory: of each node the weights of its layers, and its widest layer's values for two rows.</summary>
        private long Missing(int[] places)
        {
            var missing = 0L;
            for (var node = 0; node < Seconds.Length; node++)
            {
                var (weights, widest) = (0L, 0L);
                for (var i = 0; i < places.Length; i++)
                {
                    if (places[i] != node) { continue; }
                    weights += Model.Layers[i].Parameters;
                    widest = Math.Max(widest, (i == 0 ? Model.Inputs : Model.Layers[i - 1].Outputs) + Model.Layers[i].Outputs);
                }

                missing += Math.Max(0, (4 * (weights + (2 * widest))) - Room[node]);
            }

            return missing;
        }
    }
}
