namespace Examples.Tests;

/// <summary>The figures that were published, layer by layer.</summary>
public sealed class ReferenceModelsTests
{
    [Fact]
    public void Vgg5_has_its_seven_split_indices()
    {
        var network = ReferenceModels.Vgg5();
        Assert.Equal(
            [
                (32768, 884_736, 896 + 64), (8192, 0, 0), (16384, 4_718_592, 18_496 + 128), (4096, 0, 0), (4096, 2_359_296, 36_928 + 128),
                (128, 524_288, 524_416), (10, 1_280, 1_290),
            ],
            Rows(network));
        Assert.Equal(8_488_192, network.Plan.MultiplyAdds);
        Assert.Equal(582_346, Trained(network));
        Assert.Equal(320, network.Plan.Values - Trained(network));
    }

    [Fact]
    public void Vgg5_has_the_published_shares_of_work()
    {
        var network = ReferenceModels.Vgg5();
        var (sum, shares) = (0.0, new List<string>());
        foreach (var (_, work, _) in Rows(network))
        {
            sum += work;
            shares.Add((sum / network.Plan.MultiplyAdds).ToString("F5", System.Globalization.CultureInfo.InvariantCulture));
        }
        Assert.Equal(["0.10423", "0.10423", "0.66013", "0.66013", "0.93808", "0.99985", "1.00000"], shares);
    }

    [Fact]
    public void Vgg8_has_the_figures_that_it_states()
    {
        var network = ReferenceModels.Vgg8();
        Assert.Equal(11, Rows(network).Count);
        Assert.Equal(new Shape(128, 4, 4), network.Boundaries[9]);
        Assert.Equal((38_896_896, 551_466, 896), (network.Plan.MultiplyAdds, Trained(network), network.Plan.Values - Trained(network)));
    }

    [Fact]
    public void HarConv_has_the_figures_that_it_states()
    {
        var network = ReferenceModels.HarConv();
        Assert.Equal(
            [
                (32 * 124, 178_560, 1_472), (32 * 124, 0, 0), (32 * 62, 0, 0), (64 * 58, 593_920, 10_304), (64 * 58, 0, 0),
                (64, 0, 0), (6, 384, 390),
            ],
            Rows(network));
        Assert.Equal((772_864, 12_166), (network.Plan.MultiplyAdds, Trained(network)));
    }

    [Fact]
    public void CnnSmall_has_the_figures_that_it_states()
    {
        var network = ReferenceModels.CnnSmall();
        Assert.Equal(
            [
                (25_088, 627_200, 832), (25_088, 0, 0),
                (6_272, 0, 0), (6_272, 0, 0), (6_272, 5_017_600, 25_632), (6_272, 0, 0), (6_272, 0, 0),
                (1_568, 0, 0), (256, 401_408, 401_664), (256, 0, 0), (10, 2_560, 2_570),
            ],
            Rows(network));
        Assert.Equal((6_048_768, 430_698), (network.Plan.MultiplyAdds, Trained(network)));
        Assert.All(network.Initial.Values, v => Assert.InRange(v, -0.2f, 0.2f));
    }

    [Fact]
    public void CnnSmall_of_half_the_side_has_the_figures_that_it_states()
    {
        var network = ReferenceModels.CnnSmall(side: 14);
        Assert.Equal(
            [
                (6_272, 156_800, 832), (6_272, 0, 0),
                (1_568, 0, 0), (1_568, 0, 0), (1_568, 1_254_400, 25_632), (1_568, 0, 0), (1_568, 0, 0),
                (288, 0, 0), (256, 73_728, 73_984), (256, 0, 0), (10, 2_560, 2_570),
            ],
            Rows(network));
        Assert.Equal((1_487_488, 103_018), (network.Plan.MultiplyAdds, Trained(network)));
        Assert.Throws<ArgumentOutOfRangeException>(static () => ReferenceModels.CnnSmall(side: 3));
    }

    [Fact]
    public void Dense_models_have_a_value_for_each_weight_and_bias()
    {
        Assert.Equal([(784, 0, 0), (10, 7_840, 7_850)], Rows(ReferenceModels.Softmax(784, 10)));
        Assert.Equal([(64, 35_904, 35_968), (64, 0, 0), (6, 384, 390)], Rows(ReferenceModels.Mlp(561, [64], 6)));
        Assert.Equal([(300, 235_200, 235_500), (300, 0, 0), (10, 3_000, 3_010)], Rows(ReferenceModels.Mlp(784, [300], 10)));
    }

    [Fact]
    public void Seeds_begin_them_differently()
    {
        Assert.Equal(ReferenceModels.HarConv(3), ReferenceModels.HarConv(3));
        Assert.NotEqual(ReferenceModels.HarConv(3).Initial.Sha256(), ReferenceModels.HarConv(4).Initial.Sha256());
    }

    /// <summary>Values behind each layer of the trunk and behind the head, multiply-adds, trained values.</summary>
    private static List<(int Outputs, long MultiplyAdds, int Trained)> Rows(Network network)
    {
        var rows = new List<(int, long, int)>();
        for (var i = 0; i < network.Layers.Length; i++) { rows.Add(Row(network.Layers[i].Plan(network.Boundaries[i]))); }
        rows.Add(Row(network.Exits[^1].Head.Plan(network.Boundaries[^1])));
        return rows;
    }

    private static (int Outputs, long MultiplyAdds, int Trained) Row(LayerPlan plan) =>
        (plan.Output.Size, plan.MultiplyAdds, plan.Slices.Where(s => s.Kind == SliceKind.Trained).Sum(s => s.Length));

    private static int Trained(Network network) => network.Plan.Slices.Where(s => s.Kind == SliceKind.Trained).Sum(s => s.Length);
}
