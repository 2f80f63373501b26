namespace StreamLearn.Models.Tests;

public sealed class LayerProfilerTests
{
    private const int Rows = 4;

    /// <summary>Three layers with an exit in the middle: a pass is three calls forward and three backward.</summary>
    private static readonly Network Network = new(
        new(3), 2, [new Dense(5), new Relu(), new Dense(4)], [new(1, new Dense(2), 0.5f), new(2, new Dense(2))], seed: 1);

    [Fact]
    public void The_median_of_the_passes_that_count_is_that_of_each_layer_by_row()
    {
        // Seconds of call c in pass p are 100 (c + 1) + p², with the first three passes far off.
        var clock = new ScriptedClock(static n => (n / 6) < 3 ? 1e6 : (100 * ((n % 6) + 1)) + Math.Pow((n / 6) - 3, 2));
        var profile = LayerProfile.Measure(Network, Rows, clock);
        const double Median = (16 + 25) / 2.0;          // of 0, 1, 4, … 81
        Assert.Equal(
            [(100 + Median, 600 + Median), (200 + Median, 500 + Median), (300 + Median, 400 + Median)],
            profile.Layers.Select(static l => (l.ForwardSeconds * Rows, l.BackwardSeconds * Rows)));
        Assert.Equal(13 * 6, clock.Calls);
        Assert.Equal(LayerCosts.Of(Network), profile.Costs);
        Assert.Equal((Rows, ScriptedClock.Now), (profile.Rows, profile.Date));
        Assert.All(profile.Layers, static l => Assert.InRange(l.PeakBytes, 1, 10_000));
    }

    [Fact]
    public void Times_are_sums_over_the_layers_so_far()
    {
        var times = LayerProfile.Measure(Network, 1, new ScriptedClock(static n => (n % 6) + 1), warmUp: 0, repeat: 1).Times;
        Assert.Equal([1, 3, 6], times.Forward);
        Assert.Equal([6, 11, 15], times.Backward);
        Assert.Equal(2 + 3 + 5 + 4, times.Seconds(1, 3));
    }

    [Theory, InlineData(TargetKind.Label), InlineData(TargetKind.Value)]
    public void Every_layer_of_the_library_is_measured(TargetKind target)
    {
        Layer[] images =
        [
            new Scale(), new Conv2d(4, 3, 1, 1), new BatchNorm(), new LocalResponseNorm(3), new Relu(), new DepthwiseConv2d(3, 1, 1),
            new Residual(new Conv2d(4, 3, 1, 1), new GroupNorm(2)), new MaxPool2d(2), new AveragePool2d(2), new Dropout(0.5f),
            new Sequential(new Flatten(), new Dense(8)), new LayerNorm(), new LeakyRelu(), new Sigmoid(), new Tanh(),
        ];
        var network = target == TargetKind.Label
            ? new Network(new(2, 8, 8), 3, [.. images], [new(images.Length - 1, new Dense(3))])
            : new Network(new(2, 8, 8), 1, [.. images], [new(images.Length - 1, new Dense(1))], objective: new SquaredError());
        var profile = LayerProfile.Measure(network, 2, new ScriptedClock(static _ => 2), warmUp: 0, repeat: 1);
        Assert.All(profile.Layers, static l => Assert.Equal((1, 1), (l.ForwardSeconds, l.BackwardSeconds)));
    }

    [Fact]
    public void One_layer_is_measured_for_itself()
    {
        var layer = new Conv2d(4, 3, 1, 1);
        var measured = LayerProfiler.Measure(layer, new(2, 8, 8), 2, new ScriptedClock(static n => 4 + (2 * (n % 2))));
        Assert.Equal(new(layer, new(2, 8, 8), 2, 3), measured);
    }

    [Fact]
    public void Layers_with_an_exit_and_the_first_one_say_nothing_of_their_kind()
    {
        var network = new Network(new(3), 2, [new Dense(5), new Relu(), new Dense(4), new Relu()], [new(3, new Dense(2))]);
        var profile = LayerProfile.Measure(network, 1, new ScriptedClock(static _ => 1), warmUp: 0, repeat: 1);
        Assert.Equal([(new Relu(), new Shape(5)), (new Dense(4), new(5))],
            LayerProfiler.LayersOf(network, profile).Select(static l => (l.Layer, l.Input)));
        Assert.Throws<ArgumentException>(() => LayerProfiler.LayersOf(Network, profile));
    }

    [Fact]
    public void It_ends_when_it_is_told()
    {
        using var ended = new CancellationTokenSource();
        var clock = new ScriptedClock(n =>
        {
            if (n == 20) { ended.Cancel(); }
            return 1;
        });
        Assert.Throws<OperationCanceledException>(() => LayerProfile.Measure(Network, 1, clock, cancellationToken: ended.Token));
        Assert.Equal(21, clock.Calls);
    }

    [Fact]
    public void Wrong_numbers_are_refused()
    {
        var clock = new ScriptedClock(static _ => 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => LayerProfile.Measure(Network, 0, clock));
        Assert.Throws<ArgumentOutOfRangeException>(() => LayerProfile.Measure(Network, 1, clock, warmUp: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LayerProfile.Measure(Network, 1, clock, repeat: 0));
        Assert.Throws<ArgumentException>(() => LayerProfiler.Measure(new Conv2d(1, 9), new(1, 4, 4), 1, clock));
    }
}

/// <summary>A clock of which each measured call takes what a script says.</summary>
internal sealed class ScriptedClock(Func<int, double> seconds) : TimeProvider
{
    private long _at;
    private bool _isUnderWay;
    internal static DateTimeOffset Now { get; } = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);

    /// <summary>Calls that were measured.</summary>
    internal int Calls { get; private set; }
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp()
    {
        if (_isUnderWay) { _at += (long)(seconds(Calls++) * TimeSpan.TicksPerSecond); }
        _isUnderWay = !_isUnderWay;
        return _at;
    }
}
