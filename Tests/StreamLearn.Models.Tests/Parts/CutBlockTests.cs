namespace StreamLearn.Models.Tests;

/// <summary>Blocks that end with a global reduction: what parts give of it, and what is made of that.</summary>
public sealed class CutBlockTests
{
    private const int Rows = 2;

    /// <summary>Lines 0 to 3 have the value of their line, line 4 is 14: means of 0.5 and 19 / 3.</summary>
    [Fact]
    public void Means_of_parts_count_by_their_lines_and_maxima_are_the_greatest()
    {
        var network = Ending(new Shape(1, 5, 2), new GlobalMeanMax());
        var block = new CutBlock(network, 0, 1);
        var (gathered, outputs) = (new float[block.GatheredSize], new float[2]);
        Run(block, network, [new(2, 5), new(0, 2)], [0, 0, 1, 1, 2, 2, 3, 3, 14, 14], gathered, outputs, rows: 1);
        Assert.Equal((5, 5 * 3, true), (block.Count, block.GatheredSize, block.GivesStatistics));
        Assert.Equal([0.5f, 0, 1], gathered[..3]);
        Assert.Equal([19f / 3, (float)((19.0 / 3) - (19f / 3)), 14], gathered[6..9]);
        Assert.Equal([4, 14], outputs);
        Assert.Throws<ArgumentException>(() => block.Merge([new(0, 2), new(3, 5)], gathered, 1, outputs));
    }

    /// <summary>In another order the sum were 1: 1e30 leaves nothing of it.</summary>
    [Theory, InlineData(0, 1, 2), InlineData(2, 1, 0), InlineData(0, 2, 1)]
    public void Statistics_are_put_together_in_the_order_of_lines_whatever_that_of_the_parts(params int[] order)
    {
        var network = Ending(new Shape(1, 3, 1), new GlobalMean());
        var (block, outputs) = (new CutBlock(network, 0, 1), new float[] { 5 });
        Run(block, network, [.. order.Select(static i => new IndexRange(i, i + 1))], [1e30f, 1, -1e30f],
            new float[block.GatheredSize], outputs, rows: 1);
        Assert.Equal([0], outputs);
    }

    /// <summary>Large values and a large common offset: the bounds are those that <see cref="CutBlock.Merge"/> states.</summary>
    [Theory, InlineData(1f, 0f), InlineData(1f, 1e4f), InlineData(3e38f, 0f)]
    public void Any_division_gives_the_maxima_of_one_node_and_means_within_the_bound(float scale, float offset)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new RandomStream(seed, "statistics");
            Layer reduction = (seed % 3) switch { 0 => new GlobalMean(), 1 => new GlobalMax(), _ => new GlobalMeanMax() };
            var input = seed % 4 == 3
                ? new Shape(3, 2 + random.NextInt32(60)) : new Shape(3, 2 + random.NextInt32(20), 1 + random.NextInt32(30));
            var network = Ending(input, reduction);
            var inputs = new float[Rows * input.Size];
            foreach (ref var value in inputs.AsSpan()) { value = offset + (scale * (float)random.NextDouble(-1, 1)); }
            var size = network.Boundaries[1].Size;
            var (whole, got) = (new float[Rows * size], new float[Rows * size]);
            network.InferLayers(network.Initial.Values.AsSpan(), 0, 1, inputs, Rows, whole, new());
            var partition = RowPartition.Of(network, 0, 1, 1, random.NextDouble(0, 3), random.NextDouble(0, 1));
            var block = new CutBlock(network, 0, 1);
            var gathered = new float[Rows * block.GatheredSize];

            Run(block, network, [.. partition.Parts.Select(static p => p.Outputs)], inputs, gathered, got, Rows);

            for (var i = 0; i < got.Length; i++)
            {
                var isMean = reduction is GlobalMean || (reduction is GlobalMeanMax && i % size < 3);
                var channel = inputs.AsSpan(((i / size * 3) + (i % size % 3)) * input.Samples, input.Samples);
                var magnitude = 0.0;
                foreach (var value in channel) { magnitude += Math.Abs((double)value) / channel.Length; }
                var bound = isMean ? (Math.Abs((double)whole[i]) * Math.Pow(2, -23)) + (magnitude * Math.Pow(2, -40)) : 0;
                Assert.True(Math.Abs((double)got[i] - whole[i]) <= bound, $"seed {seed}, {partition}: {got[i]} instead of {whole[i]}");
            }
        }
    }

    /// <summary>A dense layer sums in another order from 32 outputs on, and its parts have fewer.</summary>
    [Fact]
    public void Any_division_by_channels_gives_the_bits_of_one_node()
    {
        for (var seed = 0; seed < 120; seed++)
        {
            var random = new RandomStream(seed, "channels");
            var (channels, rows) = (1 + random.NextInt32(90), 1 + random.NextInt32(9));
            var input = seed % 3 == 1
                ? new Shape(3, 1 + random.NextInt32(30)) : new Shape(3, 3 + random.NextInt32(9), 3 + random.NextInt32(9));
            Layer layer = (seed % 3) switch
            {
                0 => new Dense(channels),
                1 => new Conv1d(channels, 1 + random.NextInt32(5), 1, Padding.Same),
                _ => new Conv2d(channels, 3, 1 + random.NextInt32(2), random.NextInt32(2)),
            };
            var network = Ending(input, layer);
            var block = new CutBlock(network, 0, 1, PartCut.Channels);
            var inputs = new float[rows * input.Size];
            foreach (ref var value in inputs.AsSpan()) { value = (float)random.NextGaussian(); }
            var size = rows * network.Boundaries[1].Size;
            var (whole, got) = (new float[size], new float[size]);
            network.InferLayers(network.Initial.Values.AsSpan(), 0, 1, inputs, rows, whole, new());

            var parts = ChannelPart.Of(network, 0, 1, random.NextDouble(0, 3), random.NextDouble(0, 1));
            Run(block, network, [.. parts.Select(static p => p.Outputs)], inputs, new float[rows * block.GatheredSize], got, rows);

            Assert.True(whole.SequenceEqual(got), $"seed {seed}: {string.Join(", ", parts)}");
            Assert.Equal(network.LayerPlans[0].MultiplyAdds, parts.Sum(static p => p.MultiplyAdds));
        }
    }

    [Fact]
    public void A_block_ends_with_a_reduction_or_before_a_layer_that_looks_at_all_lines()
    {
        var network = new Network(new(3, 8, 4), 6, [new Relu(), new GlobalMean(), new Relu(), new Dense(6)], [new(3, new Relu())]);
        Assert.Equal([2, 2, 3, 3], Enumerable.Range(0, 4).Select(i => CutBlock.Reach(network, i, PartCut.Lines)));
        Assert.Equal([0, 1, 2, 4], Enumerable.Range(0, 4).Select(i => CutBlock.Reach(network, i, PartCut.Channels)));
        Assert.Equal((8, 6), (new CutBlock(network, 0, 2).Count, new CutBlock(network, 3, 4, PartCut.Channels).Count));
        Assert.Throws<ArgumentException>(() => new CutBlock(network, 0, 3));
        Assert.Throws<ArgumentException>(() => new CutBlock(network, 2, 4, PartCut.Channels));
        Assert.Throws<ArgumentException>(() => new CutBlock(network, 3, 4, PartCut.Channels).Part(new(5, 7)));
    }

    [Fact]
    public void A_part_of_statistics_allocates_nothing_once_it_has_run()
    {
        var network = Ending(new(2, 9, 4), new Conv2d(3, 3, 1, 1), new GlobalMeanMax());
        var block = new CutBlock(network, 0, 2);
        var (part, memory) = (block.Part(new(0, 9)), new Workspace());
        var (inputs, outputs, merged) = (new float[Rows * part.Input.Size], new float[Rows * part.Output.Size], new float[Rows * 6]);
        var (gathered, parts) = (new float[Rows * block.GatheredSize], new[] { part.Outputs });
        var weights = network.Initial.Values.AsSpan();
        var before = 0L;
        for (var i = 0; i < 3; i++)
        {
            if (i == 1) { before = GC.GetAllocatedBytesForCurrentThread(); }
            part.Run(weights, inputs, Rows, outputs, memory);
            part.PutOutputs(outputs, Rows, gathered);
            block.Merge(parts, gathered, Rows, merged);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static Network Ending(Shape input, params ReadOnlySpan<Layer> layers) =>
        new(input, 2, [.. layers], [new(layers.Length - 1, new Dense(2))], seed: 3);

    private static void Run(
        CutBlock block, Network network, IndexRange[] parts, float[] inputs, float[] gathered, float[] outputs, int rows)
    {
        foreach (var range in parts)
        {
            var part = block.Part(range);
            var (needs, gives) = (new float[rows * part.Input.Size], new float[rows * part.Output.Size]);
            part.TakeInputs(inputs, rows, needs);
            part.Run(network.Initial.Values.AsSpan(), needs, rows, gives, new());
            part.PutOutputs(gives, rows, gathered);
        }
        block.Merge(parts, gathered, rows, outputs);
    }
}
