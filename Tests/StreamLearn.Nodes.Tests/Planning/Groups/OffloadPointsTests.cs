namespace StreamLearn.Nodes.Tests;

public sealed class OffloadPointsTests
{
    private static readonly LayerCosts Model = new(1,
        [Layer("conv", 16), Layer("pool", 0), Layer("conv", 32), Layer("dense 1", 12), Layer("dense 2", 4)]);

    [Fact]
    public void A_pool_stays_with_its_layer_and_dense_layers_mean_all() => Assert.Equal([2, 3, 5], OffloadPoints.Of(Model).Splits);

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(.25, 2)]
    [InlineData(.49, 2)]
    [InlineData(.5, 3)]             // as near to .25 as to .75
    [InlineData(.84, 3)]
    [InlineData(.85, 5)]            // nearest to .9375, after the first dense layer
    [InlineData(.97, 5)]
    [InlineData(2, 5)]
    public void A_share_means_the_nearest_point_and_of_two_the_later(double share, int split) =>
        Assert.Equal(split, OffloadPoints.Of(Model).SplitOf(share));

    [Fact]
    public void Without_dense_layers_every_layer_that_multiplies_is_a_point() =>
        Assert.Equal([2, 3], OffloadPoints.Of(Model with { Layers = Model.Layers[..3] }).Splits);

    [Fact]
    public void A_model_of_dense_layers_alone_stays_whole() =>
        Assert.Equal([2], OffloadPoints.Of(Model with { Layers = Model.Layers[3..] }).Splits);

    [Fact]
    public void A_split_that_leaves_the_server_next_to_nothing_means_all()
    {
        var points = OffloadPoints.Of(Model with { Layers = [Layer("conv", 499), Layer("conv", 499), Layer("relu and head", 2)] });
        Assert.Equal([1, 3], points.Splits);
        Assert.Equal((1, 3), (points.SplitOf(.74), points.SplitOf(.75)));       // nearest to .499, and to .998
    }

    private static LayerCost Layer(string name, long work) => new(name, 1, work, 2 * work, 0);
}
