namespace StreamLearn.Nodes.Tests;

/// <summary>Several blocks in parts, by lines with and without statistics and by channels.</summary>
public sealed class InferInBlocksTests
{
    /// <summary>Three blocks with a layer between the first two that cannot be cut. Of the greatest values parts give the bits of one
    /// node.</summary>
    private static readonly Network Network = Ending(new GlobalMax());

    private static readonly InferPartsOptions Options = Of(
        new() { First = 1, End = 4, Workers = [("left", 3), ("right", 1)] },
        new() { First = 5, End = 9, Workers = [("middle", 1), ("right", 2)] },
        new() { First = 9, End = 10, Workers = [("left", 1), ("middle", 1)], By = PartCut.Channels, OwnRate = 2 });

    [Fact]
    public void Each_block_is_dealt_to_its_own_workers_after_the_one_before()
    {
        using var fleet = new PartFleet(Options, Network);
        fleet.Feed(0);
        var (seen, sequences) = (new List<string>(), new List<long>());
        for (var tasks = fleet.Tasks(); tasks.Count > 0; tasks = fleet.Tasks())
        {
            seen.Add(string.Join(", ", tasks.Select(static t => $"{t.Worker} {t.First}-{t.End} {t.By} {t.Lines}")));
            sequences.AddRange(tasks.Select(static t => t.Sequence));
            Answer(fleet, tasks);
        }

        Assert.Equal(
            [
                "left 1-4 Lines [0, 12), right 1-4 Lines [12, 16)", "middle 5-9 Lines [0, 3), right 5-9 Lines [3, 8)",
                "left 9-10 Channels [0, 2), middle 9-10 Channels [2, 4)",
            ], seen);
        Assert.Equal([1, 1, 2, 2, 3, 3], sequences);
        fleet.Head.ExpectNothing();
        fleet.Head.Advance(TimeSpan.Zero);
        Assert.Equal(fleet.Whole(0), fleet.Answer());
        Assert.Equal((6, 1), (fleet.Head.Metrics.Counter("parts-answered"), fleet.Head.Metrics.Counter("parts-here")));
    }

    [Fact]
    public void A_worker_that_is_lost_in_the_second_block_costs_no_answer_and_gets_nothing_of_later_blocks()
    {
        using var fleet = new PartFleet(Options, Network);
        fleet.Feed(0);
        Answer(fleet, fleet.Tasks());
        var second = fleet.Tasks();
        Answer(fleet, second.Where(static t => t.Worker == "right"));       // the other one is dead
        fleet.Head.Advance(Options.Deadline);
        var moved = fleet.Tasks();
        Answer(fleet, moved);
        var third = fleet.Tasks();
        Answer(fleet, third);
        fleet.Head.Advance(TimeSpan.Zero);
        Assert.Equal([("right", second[0].Lines)], moved.Select(static t => (t.Worker, t.Lines)));
        Assert.Equal(["left"], third.Select(static t => t.Worker));
        Assert.Equal(fleet.Whole(0), fleet.Answer());
        fleet.Head.Control(fleet.Result(second[0]));
        Assert.Equal((1, 1), (fleet.Head.Metrics.Drops["late"], fleet.Head.Metrics.Counter("workers-lost")));
    }

    /// <summary>The second input overtakes the first one in the blocks, and waits for its answer.</summary>
    [Fact]
    public void Inputs_in_other_blocks_are_answered_in_order_and_at_the_end_without_anybody()
    {
        using var fleet = new PartFleet(Options, Network);
        fleet.Feed(0);
        fleet.Feed(1);
        var first = fleet.Tasks();
        Answer(fleet, first.Where(static t => t.Sequence == 2));
        Answer(fleet, fleet.Tasks());
        Answer(fleet, fleet.Tasks());
        fleet.Head.Advance(TimeSpan.Zero);
        fleet.Head.ExpectNothing();
        fleet.Head.Complete();
        Assert.Equal([fleet.Whole(0), fleet.Whole(1)], [fleet.Answer(), fleet.Answer()]);
        fleet.Head.ExpectNothing();
    }

    /// <summary>The same lines are put together, whoever computes them: the workers, another one after a loss, or the head.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void Means_have_the_same_bits_whoever_computes_which_part_and_are_near_those_of_one_node(bool withMaxima)
    {
        var network = Ending(withMaxima ? new GlobalMeanMax() : new GlobalMean());
        var options = Of(new PartBlock { First = 5, End = 9, Workers = [("left", 1), ("right", 1), ("middle", 1)] });
        var bits = new HashSet<ulong>();
        for (var lost = 0; lost < 8; lost++)
        {
            using var fleet = new PartFleet(options, network);
            fleet.Feed(3);
            var tasks = fleet.Tasks();
            Answer(fleet, tasks.Where((_, i) => (lost >> i & 1) == 0).Reverse());
            fleet.Head.Advance(Options.Deadline);
            var moved = fleet.Tasks();
            Answer(fleet, moved);
            fleet.Head.Advance(TimeSpan.Zero);
            Assert.Equal(
                lost == 7 ? [] : tasks.Where((_, i) => (lost >> i & 1) != 0).Select(static t => t.Lines.From).ToHashSet(),
                moved.Select(static t => t.Lines.From).ToHashSet());
            Assert.All(moved, t => Assert.Contains(tasks, lines => lines.Lines == t.Lines));        // as a whole
            using var answers = fleet.Head.Expect<Batch>();
            using var whole = fleet.WholeAnswers(3);

            Assert.Equal(3, tasks.Count);
            bits.Add(Batches.Hash(answers));
            for (var c = 1; c < answers.Columns.Count; c++)
            {
                if (answers.Columns[c].Field.Type != ColumnType.Float32) { continue; }
                Assert.Equal(whole.Columns[c].Values<float>().ToArray(), answers.Columns[c].Values<float>().ToArray(), Near);
            }
        }

        Assert.Single(bits);

        static bool Near(float a, float b) => Math.Abs(a - b) <= 1e-6;      // of a probability, after two dense layers
    }

    [Fact]
    public void Statistics_are_fewer_bytes_than_the_lines_that_they_stand_for()
    {
        long Bytes(int end)
        {
            using var fleet = new PartFleet(Of(new PartBlock { First = 5, End = end, Workers = [("left", 1), ("right", 1)] }), Network);
            fleet.Feed(0);
            return fleet.Tasks().Sum(t => (long)Frames.Encoded(NodesCodecs.PartResults, fleet.Result(t)).Length);
        }
        var (lines, statistics) = (Bytes(8), Bytes(9));
        TestContext.Current.TestOutputHelper!.WriteLine($"results of two parts: {lines} bytes of lines, {statistics} of statistics");
        Assert.Equal(4 * ((6 * 8 * 2) - (2 * 6)), lines - statistics);      // 6 channels of 8 × 2 values, or a number for each part
    }

    /// <summary>Networks, blocks, cuts, rates and faults are drawn at random.</summary>
    [Fact]
    public void Any_plan_of_any_network_gives_the_bits_of_one_node_whoever_is_lost()
    {
        var (blocks, channels, statistics, lost) = (0, 0, 0, 0L);
        for (var seed = 0; seed < 80; seed++)
        {
            var random = new RandomStream(seed, "plans");
            var network = Random(random);
            var options = Of([.. Plan(network, random)]);
            using var fleet = new PartFleet(options, network);
            blocks += options.Blocks.Length;
            channels += options.Blocks.Count(static b => b.By == PartCut.Channels);
            statistics += options.Blocks.Count(b => network.Layers[b.End - 1] is GlobalMax);
            var (fed, answered) = (0, 0);
            while (answered < 3)
            {
                while (fed < 3 && fleet.Head.Ready) { fleet.Feed(fed++); }
                Answer(fleet, fleet.Tasks().Where(_ => random.NextInt32(8) > 0).Reverse());
                fleet.Head.Advance(TimeSpan.FromMilliseconds(random.NextInt32(60)));
                while (fleet.Head.Count() > 0)
                {
                    var (whole, got) = (fleet.Whole(answered++), fleet.Answer());
                    Assert.True(whole == got, $"seed {seed}: {options}\n{network}");
                }
            }

            lost += fleet.Head.Metrics.Counter("workers-lost");
        }

        Assert.True(blocks > 160 && channels > 40 && statistics > 10 && lost > 40, $"{blocks} {channels} {statistics} {lost}");
    }

    private static Network Ending(Layer reduction) => new(new(2, 16, 5), 3,
        [
            new Scale(), new Conv2d(4, 3, 1, 1), new BatchNorm(), new Relu(), new GroupNorm(2), new MaxPool2d(2), new Conv2d(6, 3, 1, 1),
            new Relu(), reduction, new Dense(8), new Relu(),
        ],
        [new(10, new Dense(3))], seed: 7);

    private static InferPartsOptions Of(params ReadOnlySpan<PartBlock> blocks) => PartFleet.Options with { Blocks = [.. blocks] };

    private static void Answer(PartFleet fleet, IEnumerable<PartTask> tasks)
    {
        foreach (var task in tasks.ToList()) { fleet.Head.Control(fleet.Result(task)); }
    }

    private static Network Random(RandomStream random)
    {
        var (layers, shape) = (new List<Layer>(), new Shape(2, 16, 5));
        for (var i = 3 + random.NextInt32(5); i > 0; i--)
        {
            layers.Add(random.NextInt32(6) switch
            {
                0 => new BatchNorm(),
                1 => new Relu(),
                2 => new GroupNorm(1),
                3 when shape.Height > 3 && shape.Width > 2 => new MaxPool2d(2, 1 + random.NextInt32(2)),
                _ => new Conv2d(1 + random.NextInt32(20), 1 + (2 * random.NextInt32(2)), 1, Padding.Same),
            });
            shape = layers[^1].Plan(shape).Output;
        }

        layers.Add(random.NextInt32(2) == 0 ? new GlobalMax() : new Flatten());
        layers.AddRange(new Dense(1 + random.NextInt32(40)), new Relu());
        return new(new(2, 16, 5), 3, [.. layers], [new(layers.Count - 1, new Dense(3))], seed: random.NextInt32(1000));
    }

    /// <summary>Blocks one after the other, of any length and with any of the workers; some layers are left out.</summary>
    private static List<PartBlock> Plan(Network network, RandomStream random)
    {
        var blocks = new List<PartBlock>();
        for (var at = 0; at < network.Layers.Length; at++)
        {
            var by = (PartCut)random.NextInt32(2);
            var reach = CutBlock.Reach(network, at, by);
            if (reach == at || random.NextInt32(4) == 0) { continue; }
            var workers = PartFleet.Names.Where((_, i) => i == at % 3 || random.NextInt32(2) == 0);
            blocks.Add(new()
            {
                First = at,
                End = at + 1 + random.NextInt32(reach - at),
                By = by,
                Workers = [.. workers.Select(name => (name, random.NextDouble(0.1, 3)))],
                OwnRate = random.NextInt32(3) == 0 ? 1 : 0,
            });
            at = blocks[^1].End - 1;
        }

        return blocks.Count > 0 ? blocks : Plan(network, random);
    }
}
