namespace StreamLearn.Nodes.Tests;

/// <summary>Shards of the small model: 500 inputs, then 1000, 100 and 10 values; .1, .2 and .1 s a row, a tenth on the edge.</summary>
public sealed class ShardTests
{
    private static readonly Objective Rows = Small.Objective with { Work = PlannedWork.Inference };
    private static readonly ResourceView View = Small.With("fast", static node => node with { Rows = 0 });

    /// <summary>1000 values · 10 rows · 8 bits take 1 s to the edge, 3 s of work .3 s there, and 10 · 10 · 16 bits .01 s back.</summary>
    [Fact]
    public void A_route_costs_what_it_does_by_hand()
    {
        var latency = new ShardPlanner().Plan(Small.Model, View, Rows);
        var throughput = new ShardPlanner(ForThroughput: true).Plan(Small.Model, View, Rows);
        var schedule = ShardSchedule.Of(latency.Routes[0], Small.Model, View, Rows);
        Assert.Equal("slow: slow 0, edge 1-2", latency.Routes[0].ToString());
        Assert.Equal(1 + 1 + .3 + .01, latency.Routes[0].Cost.BatchSeconds, 1e-12);
        Assert.Equal([1, 1, .3, .01], schedule.StageSeconds.Select(static s => Math.Round(s, 12)));
        Assert.Equal(1, ShardSchedule.Of(throughput.Routes[0], Small.Model, View, Rows).Slowest, 1e-12);
    }

    [Fact]
    public void Nodes_of_a_route_can_be_bounded()
    {
        Assert.Equal("slow: slow 0-2", new ShardPlanner { MaxNodes = 1 }.Plan(Small.Model, View, Rows).Routes[0].ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShardPlanner(ForThroughput: true) { MaxNodes = 0 });
    }

    /// <summary>None of the first layers has to stay: the inputs go to the edge, half as many as the first layer's values.</summary>
    [Fact]
    public void Without_layers_that_stay_all_may_go() =>
        Assert.Equal("slow: edge 0-2", new ShardPlanner().Plan(Small.Model, View, Rows with { MinLayers = 0 }).Routes[0].ToString());

    [Fact]
    public void Even_shards_have_one_layer_more_at_the_front()
    {
        Assert.Equal("slow: slow 0-1, edge 2", new EvenShards(["edge"]).Plan(Small.Model, View, Rows).Routes[0].ToString());
        var missing = new EvenShards(["edge"]).Plan(Small.Model, Small.With("edge", static node => node with { MemoryBytes = 4000 }), Rows);
        Assert.Equal((4 * (70 + (10 * 110))) - 4000, missing.Routes[0].MissingBytes);
        Assert.Throws<ArgumentException>(() => new EvenShards().Plan(Small.Model, View, Rows));     // fast has no link to slow
    }

    [Fact]
    public void Training_and_too_many_nodes_are_refused()
    {
        Assert.Contains("got training", Assert.Throws<ArgumentException>(() =>
            new ShardPlanner().Plan(Small.Model, View, Small.Objective)).Message, StringComparison.Ordinal);
        Assert.Contains("got 68", Assert.Throws<ArgumentException>(() => new ShardPlanner().Plan(Small.Model, View with
        {
            Nodes = [.. View.Nodes, .. Enumerable.Range(0, 65).Select(static i => new NodeView($"x{i}"))],
        }, Rows)).Message, StringComparison.Ordinal);
    }

    /// <summary>Nodes that no link reaches change nothing, but with them there are too many to search all sets.</summary>
    [Theory]
    [InlineData(0, 1), InlineData(1, 1), InlineData(2, 1), InlineData(3, 1), InlineData(0, 5)]
    [InlineData(1, 5)]
    public void The_beam_finds_what_the_exact_search_finds(long seed, int scarcity)
    {
        var random = new RandomStream(seed, "beam");
        var (model, _) = Small.Random(seed, 1, 10);
        NodeView[] nodes = [.. Enumerable.Range(0, 6).Select(i =>
        {
            var (sum, times) = (0.0, new double[10]);
            for (var layer = 0; layer < times.Length; layer++) { times[layer] = sum += .001 * (1 + (i * random.NextDouble())); }
            return new NodeView($"n{i}")
            {
                Rows = i == 0 ? 1 : 0, MemoryBytes = (15_000 + random.NextInt32(20_000)) / scarcity, Times = new([.. times], [.. times]),
            };
        })];
        var few = new ResourceView([.. nodes],
            [
                .. from i in Enumerable.Range(0, 6) from j in Enumerable.Range(0, i)
                select new LinkView($"n{i}", $"n{j}", random.NextDouble(1e6, 1e8)),
            ]);
        var many = few with { Nodes = [.. nodes, .. Enumerable.Range(0, 8).Select(static i => new NodeView($"x{i}") { MemoryBytes = 1 })] };
        var one = Rows with { BatchRows = 1 };

        foreach (var planner in (Planner[])[new ShardPlanner(), new ShardPlanner(ForThroughput: true)])
        {
            var (exact, beam) = (planner.Plan(model, few, one).Routes[0], planner.Plan(model, many, one).Routes[0]);
            Assert.Equal((exact.MissingBytes, scarcity > 1), (beam.MissingBytes, beam.MissingBytes > 0));
            if (exact.MissingBytes > 0) { continue; }
            var (best, found) = (ShardSchedule.Of(exact, model, few, one), ShardSchedule.Of(beam, model, many, one));
            if (planner is ShardPlanner { ForThroughput: false }) { Assert.Equal(best.Latency, found.Latency, 1e-12); }
            else { Assert.Equal(best.Slowest, found.Slowest, 1e-12); }
        }
    }

    /// <summary>With eleven nodes the beam loses ways that the exact search has, and little with them.</summary>
    [Fact]
    public void Where_the_beam_is_not_exact_it_is_near()
    {
        var (losses, one) = (new List<double>(), Rows with { BatchRows = 1 });
        foreach (var seed in (long[])[4, 7])
        {
            var (random, (model, _)) = (new RandomStream(seed, "beam2"), Small.Random(seed, 1, 24));
            NodeView[] nodes = [.. Enumerable.Range(0, 11).Select(i =>
            {
                var (sum, times, scale) = (0.0, new double[24], i == 0 ? 3 : random.NextDouble(.3, 3));
                for (var layer = 0; layer < times.Length; layer++) { times[layer] = sum += .001 * scale * (1 + random.NextDouble()); }
                return new NodeView($"n{i}")
                {
                    Rows = i == 0 ? 1 : 0, MemoryBytes = 18_000 + random.NextInt32(20_000), Times = new([.. times], [.. times]),
                };
            })];
            var few = new ResourceView([.. nodes],
            [
                .. from i in Enumerable.Range(0, 11) from j in Enumerable.Range(0, i)
                select new LinkView($"n{i}", $"n{j}", random.NextDouble(1e6, 3e7)),
            ]);
            var many = few with
            {
                Nodes = [.. nodes, .. Enumerable.Range(0, 5).Select(static i => new NodeView($"x{i}") { MemoryBytes = 1 })],
            };
            losses.Add(Of(new ShardPlanner(), many).Latency / Of(new ShardPlanner(), few).Latency);
            losses.Add(Of(new ShardPlanner(ForThroughput: true), many).Slowest / Of(new ShardPlanner(ForThroughput: true), few).Slowest);

            ShardSchedule Of(Planner planner, ResourceView view) =>
                ShardSchedule.Of(planner.Plan(model, view, one).Routes[0], model, view, one);
        }

        Assert.InRange(losses.Min(), 1 - 1e-12, 1.001);
        Assert.InRange(losses.Max(), 1.001, 1.05);
    }

    /// <summary>Stages of 2, 1 and 1 s, two micro-batches: back after 4 and 6 s; the next tokens begin then, or after 6 s both.</summary>
    [Fact]
    public void A_schedule_plays_as_by_hand()
    {
        var schedule = new ShardSchedule([2, 1, 1]);
        Assert.Equal((6.0, 6.0), (schedule.Play(2, 1), schedule.Play(2, 1, hasBubbles: true)));
        Assert.Equal((10.0, 12.0), (schedule.Play(2, 2), schedule.Play(2, 2, hasBubbles: true)));
        Assert.Equal((.5, 2 / 6.0), (schedule.TokensPerSecond(2), schedule.TokensPerSecond(2, hasBubbles: true)));
        Assert.Equal((.25, .25), (schedule.TokensPerSecond(1), schedule.TokensPerSecond(1, hasBubbles: true)));
        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.Play(0, 1));
    }
}
