namespace StreamLearn.Models.Tests;

/// <summary>Which lines a part needs, by hand, and what is refused.</summary>
public sealed class RowPartitionTests
{
    /// <summary>12 lines; kernel 3 with zeros around, pool 2, kernel 3 with stride 2 and zeros around: 12, 6, 3.</summary>
    private static readonly Network Small = new(new(2, 12, 5), 2,
        [new Conv2d(4, 3, 1, 1), new MaxPool2d(2), new Conv2d(3, 3, 2, 1), new Flatten(), new Dense(2)], [new(4, new Relu())]);

    /// <summary>Line i of the last layer sees lines 2i − 1 to 2i + 1 of six, those the lines 4i − 2 to 4i + 3 of twelve, and these one more
    /// on each side.</summary>
    [Theory]
    [InlineData(0, 1, 0, 5), InlineData(1, 2, 1, 9), InlineData(2, 3, 5, 12), InlineData(0, 2, 0, 9)]
    [InlineData(1, 3, 1, 12)]
    public void Lines_are_needed_with_their_halo_and_not_beyond_the_border(int from, int to, int first, int end)
    {
        var part = RowPart.Of(Small, 0, 3, new(from, to));
        Assert.Equal(new IndexRange(first, end), part.Inputs);
        Assert.Equal((new Shape(2, end - first, 5), new Shape(3, to - from, 1)), (part.Input, part.Output));
    }

    /// <summary>Of a row: 4 · 18 multiply-adds at 12 × 5 places, 3 · 36 at 3 × 1; parts of 2 and 1 lines compute 8 and 6 lines of the
    /// first layer, and share lines 5 to 8 of the input.</summary>
    [Fact]
    public void Work_and_halo_are_counted()
    {
        var partition = RowPartition.Of(Small, 0, 3, 2, 0, 1);
        Assert.Equal([0, 2], partition.Parts.Select(static p => p.Share));
        Assert.Equal([new(0, 2), new(2, 3)], partition.Parts.Select(static p => p.Outputs));
        Assert.Equal((4 * 18 * 60) + (3 * 36 * 3), partition.WholeMultiplyAdds);
        Assert.Equal([(4 * 18 * 40) + (3 * 36 * 2), (4 * 18 * 30) + (3 * 36)], partition.Parts.Select(static p => p.MultiplyAdds));
        Assert.Equal(partition.Parts.Sum(static p => p.MultiplyAdds), partition.MultiplyAdds);
        Assert.Equal(4 * 4 * 5 * 2, partition.HaloBytes);
    }

    [Theory]
    [InlineData(10, new[] { 1.0, 1, 1 }, new[] { 4, 3, 3 })]
    [InlineData(7, new[] { 3.0, 0, 1, 1 }, new[] { 5, 0, 1, 1 })]
    [InlineData(16, new[] { 10.0, 10, 10, 1 }, new[] { 6, 5, 5, 0 })]
    [InlineData(2, new[] { 1.0, 1, 8 }, new[] { 0, 0, 2 })]
    [InlineData(0, new[] { 1.0 }, new[] { 0 })]
    [InlineData(5, new[] { 1e-300, 1, 0 }, new[] { 0, 5, 0 })]
    public void Lines_are_dealt_out_so_that_the_last_is_done_as_early_as_can_be(int lines, double[] shares, int[] expected) =>
        Assert.Equal(expected, RowPartition.Deal(lines, shares));

    [Fact]
    public void A_layer_that_looks_at_all_lines_ends_a_block_and_is_named()
    {
        Assert.Equal([3, 3, 3, 3, 4], Enumerable.Range(0, 5).Select(i => RowPartition.Reach(Small, i)));
        var refused = Assert.Throws<ArgumentException>(() => RowPartition.Of(Small, 1, 5, 1, 1));
        Assert.Contains("layer 3 (flatten) on [3, 3, 1] reads all lines", refused.Message, StringComparison.Ordinal);
        var inside = new Network(new(4, 8, 8), 2, [new Residual(new Relu(), new GroupNorm(2)), new GlobalMean()], [new(1, new Dense(2))]);
        Assert.Equal((0, 2), (RowPartition.Reach(inside, 0), RowPartition.Reach(inside, 1)));
    }

    [Fact]
    public void Ranges_and_shares_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RowPartition.Of(Small, 2, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RowPartition.Of(Small, -1, 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RowPartition.Of(Small, 0, 6, 1));
        Assert.Throws<ArgumentException>(() => RowPartition.Of(Small, 0, 3, 0, 0));
        Assert.Throws<ArgumentException>(() => RowPartition.Of(Small, 0, 3, 1, -1));
        Assert.Throws<ArgumentException>(() => RowPartition.Of(Small, 0, 3, 1, double.NaN));
        Assert.Throws<ArgumentException>(() => RowPart.Of(Small, 0, 3, new(1, 1)));
        Assert.Throws<ArgumentException>(() => RowPart.Of(Small, 0, 3, new(-1, 1)));
        Assert.Throws<ArgumentException>(() => RowPart.Of(Small, 0, 3, new(0, 4)));
    }

    [Fact]
    public void A_part_allocates_nothing_once_it_has_run()
    {
        var part = RowPart.Of(Small, 0, 3, new(1, 3));
        var (inputs, outputs, memory) = (new float[3 * part.Input.Size], new float[3 * part.Output.Size], new Workspace());
        var weights = Small.Initial.Values.AsSpan();
        part.Run(weights, inputs, 3, outputs, memory);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) { part.Run(weights, inputs, 3, outputs, memory); }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
