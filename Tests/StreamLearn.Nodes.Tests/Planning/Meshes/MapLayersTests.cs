namespace StreamLearn.Nodes.Tests;

public sealed class MapLayersTests
{
    [Fact]
    public void Vgg16_has_the_shapes_and_the_work_that_are_known()
    {
        var vgg = MapLayers.Vgg16;
        Assert.Equal((18, 15_346_630_656), (vgg.Count, vgg.MultiplyAdds));
        Assert.Equal([3 * 224 * 224, 64 * 224 * 224, 64 * 112 * 112, 512 * 7 * 7],
            [vgg.ValuesAt(0), vgg.ValuesAt(1), vgg.ValuesAt(3), vgg.ValuesAt(18)]);
        Assert.Equal([224, 224, 112, 112, 112, 56, 56, 56, 56, 28, 28, 28, 28, 14, 14, 14, 14, 7],
            vgg.Layers.Select(static layer => layer.OutputHeight));
        Assert.All(vgg.Layers.Zip(vgg.Layers.Skip(1)), static pair =>
            Assert.Equal((pair.First.Outputs, pair.First.OutputHeight), (pair.Second.Inputs, pair.Second.Height)));
    }

    /// <summary>Row by row: which rows the window of each output row touches.</summary>
    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void Rows_and_work_of_a_part_are_those_that_its_windows_touch(long seed)
    {
        var random = new RandomStream(seed, "layers");
        for (var trial = 0; trial < 50; trial++)
        {
            var layers = Random(random, 1 + random.NextInt32(5));
            var (height, work) = (layers.Layers[^1].OutputHeight, 0L);
            var first = random.NextInt32(height);
            var end = first + 1 + random.NextInt32(height - first);
            var needed = Enumerable.Range(first, end - first).ToHashSet();
            foreach (var layer in layers.Layers.Reverse())
            {
                var side = layer.OutputHeight;
                work += layer.IsPool ? 0L : (long)needed.Count * side * layer.Kernel * layer.Kernel * layer.Inputs * layer.Outputs;
                needed = [.. from row in needed from tap in Enumerable.Range(0, layer.Kernel)
                    let at = (row * layer.Stride) + tap - layer.Padding where at >= 0 && at < layer.Height select at];
            }

            Assert.Equal((needed.Min(), needed.Max() + 1, work), layers.Need(0, layers.Count, first, end));
        }
    }

    [Theory]
    [InlineData(7, "1 1 1", "3 2 2"), InlineData(7, "5 1 0", "6 1 0"), InlineData(7, "1 9 1", "1 6 0")]
    [InlineData(1, "2 3", "0 1")]
    public void Rows_are_shared_by_the_largest_remainder(int rows, string weights, string expected) =>
        Assert.Equal(expected, string.Join(' ', MapLayers.ShareRows(rows, [.. weights.Split(' ').Select(double.Parse)])));

    [Fact]
    public void Weights_that_are_all_0_share_nothing() =>
        Assert.Contains("a sum of 0",
            Assert.Throws<ArgumentException>(static () => MapLayers.ShareRows(4, [0, 0])).Message, StringComparison.Ordinal);

    /// <summary>Layers whose maps fit together: windows of 2 or 3, no gaps between them.</summary>
    internal static MapLayers Random(RandomStream random, int count)
    {
        var (layers, channels, height) = (new List<MapLayer>(), 1 + random.NextInt32(4), 12 + random.NextInt32(12));
        for (var i = 0; i < count && height > 3; i++)
        {
            var (kernel, isPool) = (2 + random.NextInt32(2), random.NextInt32(3) == 0);
            var outputs = isPool ? channels : 1 + random.NextInt32(4);
            var layer = new MapLayer(kernel, 1 + random.NextInt32(2), random.NextInt32(2), channels, outputs, height, isPool);
            layers.Add(layer);
            (channels, height) = (outputs, layer.OutputHeight);
        }
        return new([.. layers]);
    }
}
