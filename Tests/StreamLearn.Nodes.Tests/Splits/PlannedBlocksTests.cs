namespace StreamLearn.Nodes.Tests;

/// <summary>What a planner of meshes says, run by the block that computes in parts.</summary>
public sealed class PlannedBlocksTests
{
    private static readonly Network Network = new(new(2, 16, 16), 3,
        [
            new Scale(), new Conv2d(4, 3, 1, Padding.Same), new BatchNorm(), new Relu(), new MaxPool2d(2), new Conv2d(6, 3, 1, 1),
            new GroupNorm(2), new Relu(), new Conv2d(5, 3, 1, 1), new Relu(), new GlobalMax(),
        ],
        [new(10, new Dense(3))], seed: 7);

    [Fact]
    public void Layers_of_a_network_have_its_shapes_and_its_work()
    {
        var layers = MapLayers.Of(Network);
        Assert.Equal(
            [new(3, 1, 1, 2, 4, 16), new(2, 2, 0, 4, 4, 16, IsPool: true), new(3, 1, 1, 4, 6, 8), new(3, 1, 1, 6, 5, 8)], layers.Layers);
        Assert.Equal(new[] { 1, 5, 8 }.Sum(static i => Network.LayerPlans[i].MultiplyAdds), layers.MultiplyAdds);
        Assert.Throws<ArgumentException>(() => MapLayers.Of(
            new(new(2, 8, 6), 2, [new Conv2d(4, 3), new GlobalMean()], [new(1, new Dense(2))])));
        Assert.Throws<ArgumentException>(() => MapLayers.Of(
            new(new(2, 8, 8), 2, [new DepthwiseConv2d(3), new GlobalMean()], [new(1, new Dense(2))])));
    }

    /// <summary>The group norm divides the last block of the plan; what is after the last convolution belongs to it.</summary>
    [Fact]
    public void A_block_of_the_plan_is_divided_where_a_layer_cannot_be_cut_and_one_of_this_node_alone_is_left_out()
    {
        var plan = new MeshPlan(default,
        [
            new(0, 1, "camera", [new("a", 0, 10, 1), new("camera", 10, 16, 1)], default),
            new(1, 2, "camera", [new("camera", 0, 8, 1)], default),
            new(2, 4, "b", [new("b", 0, 5, 1), new("a", 5, 8, 1)], default),
        ]);
        var blocks = PartBlock.Of(Network, plan, "camera");
        Assert.Equal(
            [
                new() { First = 1, End = 4, Workers = [("a", 10)], OwnRate = 6 },
                new() { First = 5, End = 6, Workers = [("b", 5), ("a", 3)] },
                new() { First = 7, End = 11, Workers = [("b", 5), ("a", 3)] },
            ], blocks);
        Assert.Throws<ArgumentException>(() => PartBlock.Of(Network, plan with { Blocks = plan.Blocks[..2] }, "camera"));
    }

    [Fact]
    public void A_plan_runs_with_the_rows_that_it_gave_each_node_and_the_bits_of_one_node()
    {
        var mesh = new ResourceView(
            [
                new("camera") { MultiplyAddsPerSecond = 1e6 }, new("a") { MultiplyAddsPerSecond = 3e6 },
                new("b") { MultiplyAddsPerSecond = 2e6 },
            ],
            [new("camera", "a", 1e9), new("camera", "b", 1e9), new("a", "b", 1e9)]);
        Assert.NotEmpty(PlannedBlocksExamples.Planned(Network, mesh));
        var layers = MapLayers.Of(Network);
        var plan = new MicroSplit([new(0, 2, 3), new(2, 3, 3), new(3, 4, 2)]).Plan(layers, mesh, "camera", "camera");
        var blocks = PartBlock.Of(Network, plan, "camera");
        Schema rows = new(Field.Time(), Field.Channel("a", Unit.One), Field.Channel("b", Unit.One));
        using var head = OperatorProbe.From<Batch>((p, flow) => OperatorProbe.Use(flow.InferInParts(
            Network, p.Input<PartResult>("results"), new() { Blocks = blocks, Epoch = 1 })), rows);
        using var worker = OperatorProbe.From<PartTask>(static (_, tasks) =>
            tasks.ServeParts(Network, worker: "any").Output("main"));
        using var whole = OperatorProbe.Of<Batch, Batch>(static flow => flow.Infer(Network, Network.Initial), rows);
        var given = new List<(string Node, int Rows)>();

        foreach (var probe in new[] { head, whole }) { probe.Send(Batches.Random(probe.Pool, rows, 256, seed: 1)); }
        for (var tasks = head.TakeAll<PartTask>(1); tasks.Count > 0; tasks = head.TakeAll<PartTask>(1))
        {
            foreach (var task in tasks)
            {
                given.Add((task.Worker, task.Lines.Count));
                worker.Send(task with { Worker = "any" });
                head.Control(worker.Take<PartResult>() with { Worker = task.Worker });
            }
            head.Advance(TimeSpan.Zero);
        }

        Assert.Equal(plan.Blocks.SelectMany(static b => b.Parts).Where(static p => p.Node != "camera")
            .Select(static p => (p.Node, p.EndRow - p.FirstRow)), given);
        Assert.True(blocks.Length > 1 && given.Count > 3, $"{plan}");
        using var answers = head.Expect<Batch>();
        using var expected = whole.Expect<Batch>();
        Assert.Equal(Batches.Hash(expected), Batches.Hash(answers));
    }
}
