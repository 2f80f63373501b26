namespace StreamLearn.Nodes.Tests;

/// <summary>Plans of meshes worked by hand, and against brute force with costs of its own.</summary>
public sealed class MeshPlannerTests
{
    private static readonly MapLayers One = new([new(3, 1, 1, 1, 1, 4)]);       // 36 multiply-adds and 4 values a row

    /// <summary>A row a second on each node, a hundred bytes a second on each link: a - b - c.</summary>
    private static readonly ResourceView Line = new(
        [
            new("a") { MultiplyAddsPerSecond = 36, Power = new() { ComputingWatts = 5, SendingWatts = 1 } },
            new("b") { MultiplyAddsPerSecond = 36, Power = new() { ComputingWatts = 3, SendingWatts = 2, ReceivingWatts = .5 } },
            new("c") { MultiplyAddsPerSecond = 36, Power = new() { ComputingWatts = 1, SendingWatts = 4 } },
        ],
        [new("a", "b", 800), new("b", "c", 800)]);

    /// <summary>b needs row 1 as its halo: 12 bytes there, 8 bytes back, 2 s of work each.</summary>
    [Fact]
    public void A_block_in_two_parts_costs_what_it_does_by_hand()
    {
        var plan = new MicroSplit([new(0, 1, 2)]).Plan(One, Line, "a", "a");

        Assert.Equal(new("a", 0, 2, 72), plan.Blocks[0].Parts[0]);
        Assert.Equal(new("b", 2, 4, 72), plan.Blocks[0].Parts[1]);
        Close(new(2.2, 16 + (.12 * 1.5) + (.08 * 2), 20), plan.Cost);
        Assert.Equal(
            """
            layers  head         s         J        MB  rows
            entry            0.000      0.00     0.000
            0-0     a        2.200     16.34     0.000  a 0-1, b 2-3
            total            2.200     16.34     0.000
            """, plan.ToString());
    }

    /// <summary>16 bytes over two links there and back, 4 s on c: bytes count on each link.</summary>
    [Fact]
    public void Bytes_are_passed_on_by_nodes_between()
    {
        var plan = new MicroSplit(BlockCut.Whole(1)).Plan(One, Line with
        {
            Nodes = [.. Line.Nodes.Select(static n => n.Name == "c" ? n with { Load = .1 } : n with { Load = 10 })]
        }, "a", "a");
        Assert.Equal("c", plan.Blocks[0].Head);
        Close(new(.32 + .4 + .32, (.16 * 1.5) + (.16 * 2) + .4 + (.16 * 4.5) + (.16 * 2), 64), plan.Cost);
    }

    [Fact]
    public void Exchange_per_layer_gathers_after_each_layer_on_one_set()
    {
        var plan = new PerLayerExchange(2).Plan(new([One.Layers[0], One.Layers[0]]), Line, "a", "a");
        Assert.Equal(2, plan.Blocks.Length);
        Assert.All(plan.Blocks, static block => Assert.Equal(("a", "a 0-1, b 2-3"), (block.Head, string.Join(", ", block.Parts))));
        Close(new(4.4, 2 * 16.34, 40), plan.Cost);
    }

    /// <summary>Weights with es = 0 are 0 for a, 0.4 of its rate for b, 0.8 for c: rows follow them, and with es = 1 the rates.</summary>
    [Theory, InlineData(0, "b 0, c 1-3"), InlineData(1, "b 0-1, c 2-3")]
    public void The_rule_follows_power_as_far_as_it_is_told(double sensitivity, string rows)
    {
        var line = Line with { Nodes = [.. Line.Nodes.Select(static n => n with { MultiplyAddsPerSecond = n.Name == "a" ? 18 : 36 })] };
        var plan = new DisnetSplit(sensitivity, [new(0, 1, 2)]).Plan(One, line, "a", "c");
        Assert.Equal(("b", rows), (plan.Blocks[0].Head, string.Join(", ", plan.Blocks[0].Parts)));
    }

    /// <summary>Over the upper way hops score 4/5 · .75 + rates of the nodes, over the lower way 50/5 · .75 and less.</summary>
    [Fact]
    public void The_rule_takes_the_path_with_the_best_score()
    {
        var mesh = new ResourceView(
            [
                new("a") { MultiplyAddsPerSecond = 1 }, new("up") { MultiplyAddsPerSecond = 10 },
                new("down") { MultiplyAddsPerSecond = 2 }, new("z") { MultiplyAddsPerSecond = 1 },
            ],
            [new("a", "up", 4e6), new("up", "z", 4e6), new("a", "down", 50e6), new("down", "z", 50e6)]);
        Assert.Equal("down", new DisnetSplit(1, [new(0, 1, 1)]).Plan(One, mesh, "a", "z").Blocks[0].Head);
        Assert.Equal("up", new DisnetSplit(1, [new(0, 1, 1)]).Plan(One, mesh with
        {
            Links = [.. mesh.Links.Select(static link => link with { BitsPerSecond = 4e6 })],
        }, "a", "z").Blocks[0].Head);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3)]
    public void Free_cuts_cost_what_brute_force_finds(long seed)
    {
        var random = new RandomStream(seed, "mesh");
        var layers = MapLayersTests.Random(random, 3);
        double[] rates = [.. Enumerable.Range(0, 4).Select(_ => random.NextDouble(100, 2000))];
        var links = new double[4, 4];
        foreach (var (i, j) in ((int, int)[])[(0, 1), (1, 2), (2, 3), (0, 2), (1, 3)])
        {
            links[i, j] = links[j, i] = random.NextDouble(500, 20000);
        }

        var mesh = new ResourceView(
            [.. rates.Select(static (rate, i) => new NodeView($"n{i}") { MultiplyAddsPerSecond = rate })],
            [
                .. from i in Enumerable.Range(0, 4) from j in Enumerable.Range(0, i) where links[i, j] > 0
                select new LinkView($"n{i}", $"n{j}", links[i, j]),
            ]);

        var plan = new MicroSplit(BlockCut.Free(layers.Count, 3)) { BytesPerValue = 2 }.Plan(layers, mesh, "n0", "n3");

        var best = Enumerable.Range(0, 4).Min(head => (layers.ValuesAt(0) * Value(0, head)) + From(0, head));
        Assert.Equal(best, plan.Cost.Seconds, 1e-9 * best);

        double From(int first, int head) => first == layers.Count ? head == 3 ? 0 : double.PositiveInfinity
            : (from end in Enumerable.Range(first + 1, layers.Count - first)
               from size in Enumerable.Range(1, 3)
               from to in Enumerable.Range(0, 4)
               select Block(first, end, head, size, to) + From(end, to)).Min();

        double Block(int first, int end, int head, int size, int to)
        {
            int[] set = [head, .. Enumerable.Range(0, 4).Where(n => links[head, n] > 0).OrderByDescending(n => rates[n]).Take(size - 1)];
            var rows = MapLayers.ShareRows(layers.Layers[end - 1].OutputHeight, [.. set.Select(n => rates[n])]);
            var (slowest, gather, row) = (0.0, 0.0, 0);
            for (var i = 0; i < set.Length; row += rows[i++])
            {
                if (rows[i] == 0) { continue; }
                var need = layers.Need(first, end, row, row + rows[i]);
                var given = (need.EndRow - need.FirstRow) * layers.Layers[first].InputValuesPerRow;
                slowest = Math.Max(slowest, (Value(head, set[i]) * given) + (need.MultiplyAdds / rates[set[i]]));
                gather += Value(set[i], to) * rows[i] * layers.Layers[end - 1].OutputValuesPerRow;
            }

            return slowest + gather;
        }

        // Seconds of a value of two bytes over the quickest of all ways of up to three links.
        double Value(int start, int to) => start == to ? 0 : 16 * (
            from a in Enumerable.Range(0, 4) from b in Enumerable.Range(0, 4) select Hop(start, a) + Hop(a, b) + Hop(b, to)).Min();

        double Hop(int start, int to) => start == to ? 0 : links[start, to] > 0 ? 1 / links[start, to] : double.PositiveInfinity;
    }

    [Fact]
    public void What_cannot_be_planned_says_why()
    {
        var island = Line with { Links = [Line.Links[0]] };
        Assert.Contains("none from a to c", Assert.Throws<ArgumentException>(() =>
            new MicroSplit(BlockCut.Whole(1)).Plan(One, island, "a", "b")).Message, StringComparison.Ordinal);
        Assert.Contains("reach layer 1", Assert.Throws<ArgumentException>(() =>
            new MicroSplit([]).Plan(One, Line, "a", "b")).Message, StringComparison.Ordinal);
        Assert.Contains("got d", Assert.Throws<ArgumentException>(() =>
            new MicroSplit(BlockCut.Whole(1)).Plan(One, Line, "a", "d")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MicroSplit([]) { Alpha = 2 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DisnetSplit(-1).Plan(One, Line, "a", "b"));
    }

    private static void Close(MeshCost expected, MeshCost actual)
    {
        Assert.Equal(expected.Seconds, actual.Seconds, 1e-9);
        Assert.Equal(expected.Joules, actual.Joules, 1e-9);
        Assert.Equal(expected.Bytes, actual.Bytes, 1e-9);
    }
}
