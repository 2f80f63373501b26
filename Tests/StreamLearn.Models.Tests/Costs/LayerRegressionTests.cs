namespace StreamLearn.Models.Tests;

public sealed class LayerRegressionTests
{
    [Fact]
    public void Throughput_in_the_features_is_found_again()
    {
        // 10⁹ + 1000 inputs + 10⁶ outputs multiply-adds a second
        MeasuredLayer[] known = [.. from i in (int[])[10, 40, 100, 300] from o in (int[])[5, 20, 70] select Dense(i, o, Rate(i, o))];
        var seconds = LayerRegression.Fit(known).Seconds(new Dense(33), new(222));
        Assert.Equal(222 * 33 / Rate(222, 33), seconds.Forward, 1e-12);
        Assert.Equal(2 * 222 * 33 / Rate(222, 33), seconds.Backward, 1e-12);

        static double Rate(int inputs, int outputs) => 1e9 + (1000.0 * inputs) + (1e6 * outputs);
    }

    [Fact]
    public void Throughput_in_the_logarithm_of_the_features_is_found_again()
    {
        MeasuredLayer[] known = [.. from i in (int[])[10, 40, 100, 300] from o in (int[])[5, 20, 70] select Dense(i, o, Rate(i, o))];
        var seconds = LayerRegression.Fit(known).Seconds(new Dense(33), new(222));
        Assert.Equal(222 * 33 / Rate(222, 33), seconds.Forward, 1e-12);
        static double Rate(int inputs, int outputs) => 1e9 * (1 + Math.Log(inputs) + (2 * Math.Log(outputs)));
    }

    [Fact]
    public void Seconds_of_layers_without_multiply_adds_follow_their_size()
    {
        MeasuredLayer[] known =
        [
            .. ((int[])[10, 100, 200, 500, 900]).Select(static n => new MeasuredLayer(new Relu(), new(n), 1e-6 + (1e-9 * n), 3e-9 * n)),
            new(new MaxPool2d(2), new(1, 8, 8), 64e-9, 128e-9),         // alone of its kind: in proportion to the size of its input
        ];
        var regression = LayerRegression.Fit(known);
        Assert.Equal(1e-6 + 400e-9, regression.Seconds(new Relu(), new(400)).Forward, 1e-12);
        Assert.Equal(1200e-9, regression.Seconds(new LeakyRelu(), new(400)).Backward, 1e-12);
        Assert.Equal((256e-9, 512e-9), regression.Seconds(new MaxPool2d(4), new(1, 16, 16)));
    }

    [Fact]
    public void A_convolution_has_the_features_that_were_published()
    {
        // Throughput 10⁸ + 10 × input + 10⁶ × (kernel / stride)² × filters
        MeasuredLayer[] known =
        [
            .. from side in (int[])[8, 12, 20]
            from layer in (Conv2d[])[new(4, 3), new(9, 3), new(4, 5, 2), new(7, 5, 5)]
            select Of(layer, new(3, side, side)),
        ];
        var unseen = Of(new(5, 4, 3), new(2, 16, 16));
        Assert.Equal(unseen.ForwardSeconds, LayerRegression.Fit(known).Seconds(unseen.Layer, unseen.Input).Forward, 1e-12);

        static MeasuredLayer Of(Conv2d layer, Shape input)
        {
            var window = (double)layer.Kernel / layer.Stride;
            var seconds = layer.Plan(input).MultiplyAdds / (1e8 + (10 * input.Size) + (1e6 * window * window * layer.Filters));
            return new(layer, input, seconds, seconds);
        }
    }

    [Fact]
    public void A_network_takes_the_sum_of_its_layers_and_heads_and_its_first_layer_gives_no_gradient()
    {
        var regression = LayerRegression.Fit(
            new(new Dense(10), new(100), 1e-6, 2e-6), new(new Relu(), new(100), 1e-7, 3e-7), new(new Flatten(), new(100), 0, 0));
        var network = new Network(new(50), 2,
            [new Dense(20), new Sequential(new Relu(), new Dense(30)), new Residual(new Relu())],
            [new(1, new Dense(2), 0.5f), new(2, new Sequential(new Relu(), new Dense(2)))]);
        var times = regression.Predict(network);
        double[] forward = [1e-9 * 50 * 20, (1e-9 * 20) + (1e-9 * 20 * 30) + (1e-9 * 30 * 2), (1e-9 * 30) + (1e-9 * 30) + (1e-9 * 30 * 2)];
        double[] backward = [1e-9 * 50 * 20, (3e-9 * 20) + (2e-9 * 20 * 30) + (2e-9 * 30 * 2), (6e-9 * 30) + (2e-9 * 30 * 2)];
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(forward[i], times.ForwardSeconds(i, i + 1), 1e-15);
            Assert.Equal(backward[i], times.BackwardSeconds(i, i + 1), 1e-15);
        }
    }

    [Fact]
    public void Predictions_stay_near_what_was_measured()
    {
        MeasuredLayer[] known = [.. ((int[])[10, 20, 30, 40, 50]).Select(static i => Dense(i, i, 1e9 + (1e8 * i)))];
        var regression = LayerRegression.Fit(known);
        var most = 4 * (1e9 + 5e9);
        Assert.Equal(1e4 * 1e4 / most, regression.Seconds(new Dense(10_000), new(10_000)).Forward, 1e-9);
        Assert.InRange(regression.Seconds(new Dense(1), new(1)).Forward, 0, 4 / 1e9);
        MeasuredLayer[] falling =
            [.. ((int[])[10, 20, 30, 40, 50]).Select(static n => new MeasuredLayer(new Relu(), new(n), 6e-6 - (1e-7 * n), 1))];
        Assert.Equal(1e-6 / 50 / 4 * 1000, LayerRegression.Fit(falling).Seconds(new Relu(), new(1000)).Forward, 1e-12);
    }

    [Fact]
    public void A_kind_that_was_not_measured_is_refused_by_name()
    {
        var regression = LayerRegression.Fit(Dense(10, 10, 1e9));
        Assert.Equal(["dense"], regression.Kinds);
        var e = Assert.Throws<ArgumentException>(() => regression.Seconds(new Relu(), new(3)));
        Assert.Contains("expected a layer of a kind that was measured (dense), got relu", e.Message, StringComparison.Ordinal);
    }

    private static MeasuredLayer Dense(int inputs, int outputs, double rate) =>
        new(new Dense(outputs), new(inputs), inputs * outputs / rate, 2 * inputs * outputs / rate);
}
