using StreamLearn.Samples;

namespace StreamLearn.Nodes.Tests;

/// <summary>The device's side of split training, when gradients come late, twice, wrong or never.</summary>
public sealed class SplitFrontTests
{
    private static readonly TimeSpan Timeout = SplitPair.Options.GradientTimeout;

    [Fact]
    public void It_sends_no_more_batches_than_may_be_in_flight_and_closes()
    {
        using var pair = new SplitPair(3, SplitPair.Options with { InFlight = 2 });
        pair.Feed(0, rows: 4 * 5);
        Assert.Equal(2, pair.Device.Count());
        Assert.False(pair.Device.Ready);
        pair.Exchange();
        Assert.Equal([1L, 2, 3, 4, 5], pair.Sent.Select(a => a.Sequence));
        Assert.True(pair.Device.Ready);
    }

    [Fact]
    public void Rows_are_batched_in_order_whatever_batches_they_come_in()
    {
        using var pair = new SplitPair(0);
        for (var r = 0; r < 3; r++) { pair.Feed(r, rows: 3); }
        pair.Exchange();
        var rows = Enumerable.Range(0, 3).SelectMany(b => SplitPair.Batch(b, rows: 3).Features);
        Assert.Equal(rows.Take(2 * 128), pair.Sent.SelectMany(a => a.Values));
        var labels = Enumerable.Range(0, 3).SelectMany(b => SplitPair.Batch(b, rows: 3).Labels);
        Assert.Equal(labels.Take(8), pair.Sent.SelectMany(a => a.Labels));
    }

    [Fact]
    public void A_gradient_that_never_comes_is_given_up_after_its_time_and_one_that_comes_later_is_late()
    {
        using var pair = new SplitPair(3);
        pair.Feed(0);
        pair.Feed(1);
        pair.Edge.Send(pair.Device.Take<Activations>());
        var gradient = pair.Edge.Take<BoundaryGradients>();
        pair.Device.Advance(Timeout - TimeSpan.FromTicks(1));
        Assert.Equal(0, pair.Device.Count());
        pair.Device.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(2, pair.Device.Take<Activations>().Sequence);
        Assert.Equal((1, 64L), (pair.Device.Metrics.Counter("missing-gradients"), pair.Device.Metrics.RowsDropped["no-gradient"]));
        pair.Device.Control(gradient);
        Assert.Equal(1, pair.Device.Metrics.Drops["late"]);
        Assert.Equal(0, pair.Device.Metrics.Counter("rows-trained"));
    }

    [Fact]
    public void A_gradient_that_comes_twice_is_applied_once()
    {
        using var pair = new SplitPair(3);
        pair.Feed(0);
        pair.Edge.Send(pair.Device.Take<Activations>());
        var gradient = pair.Edge.Take<BoundaryGradients>();
        pair.Device.Control(gradient);
        pair.Device.Control(gradient);
        pair.Train(1, 3);
        Assert.Equal(1, pair.Device.Metrics.Drops["duplicate"]);
        Assert.Equal(SplitPair.Unsplit(3), pair.Finish());
    }

    [Fact]
    public void Each_batch_in_flight_has_its_own_time()
    {
        using var pair = new SplitPair(3, SplitPair.Options with { InFlight = 3 });
        pair.Feed(0);
        pair.Device.Advance(TimeSpan.FromSeconds(4));
        pair.Feed(1);
        pair.Device.Advance(TimeSpan.FromSeconds(4));
        pair.Feed(2);
        pair.Device.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, pair.Device.Metrics.Counter("missing-gradients"));
        pair.Device.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(2, pair.Device.Metrics.Counter("missing-gradients"));
        pair.Device.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(3, pair.Device.Metrics.Counter("missing-gradients"));
        Assert.Null(pair.Device.WakeAt);
    }

    [Fact]
    public void What_is_no_answer_to_its_batches_is_dropped_by_reason_and_the_batch_goes_on_waiting()
    {
        using var pair = new SplitPair(3);
        pair.Feed(0);
        pair.Edge.Send(pair.Device.Take<Activations>());
        var gradient = pair.Edge.Take<BoundaryGradients>();

        pair.Device.Control(gradient with { Device = "another" });
        pair.Device.Control(gradient with { SchemaHash = 1 });
        pair.Device.Control(gradient with { Epoch = 1 });
        pair.Device.Control(gradient with { Sequence = 2 });
        pair.Device.Control(gradient with { Sequence = 0 });
        pair.Device.Control(gradient with { Split = 2 });
        pair.Device.Control(gradient with { Values = gradient.Values.RemoveAt(0) });
        pair.Device.Control(gradient with { Values = gradient.Values.SetItem(3, float.PositiveInfinity) });
        pair.Device.Control(gradient with { Loss = float.NaN });
        pair.Device.Control(gradient);

        Assert.Equal(
            new Dictionary<string, long>
            {
                ["other-device"] = 1,
                ["schema"] = 1,
                ["epoch"] = 1,
                ["unknown"] = 2,
                ["split"] = 1,
                ["shape"] = 1,
                ["non-finite"] = 2,
            },
            new Dictionary<string, long>(pair.Device.Metrics.Drops));
        Assert.Equal(SplitPair.Unsplit(1), pair.Finish());
    }

    [Fact]
    public void Rows_it_cannot_learn_from_are_dropped_by_reason()
    {
        using var pair = new SplitPair(3);
        var bad = SplitPair.Stream(pair.Device, 0, rows: 3);
        bad["x"].Writable<float>()[5] = float.NaN;
        bad["label"].Writable<int>()[16] = 77;
        for (var r = 32; r < 48; r++) { bad["label"].Writable<int>()[r] = 77; }
        pair.Device.Send(bad);
        pair.Device.Send(Batches.OfChannels(pair.Device.Pool, [1]));
        Assert.Equal(
            new Dictionary<string, long> { ["non-finite"] = 16, ["unlabelled"] = 16, ["bad-label"] = 16, ["schema"] = 1 },
            new Dictionary<string, long>(pair.Device.Metrics.RowsDropped));
    }

    [Fact]
    public void At_the_end_it_counts_the_rows_of_an_incomplete_batch_and_of_those_in_flight()
    {
        using var pair = new SplitPair(3);
        pair.Feed(0, rows: 7);
        pair.Device.Complete();
        Assert.Equal(
            new Dictionary<string, long> { ["no-gradient"] = 64, ["incomplete-batch"] = 48 },
            new Dictionary<string, long>(pair.Device.Metrics.RowsDropped));
        Assert.Equal(0, pair.Device.Take<SplitReport>(port: 1).Weights.Version);
    }

    [Fact]
    public void A_long_silence_costs_no_memory_but_the_messages()
    {
        using var pair = new SplitPair(3, SplitPair.Options with { InFlight = 4 }, guard: false);
        long Silence(int batches)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var b = 0; b < batches; b++)
            {
                pair.Feed(b & 7);
                pair.Device.Advance(Timeout);
                pair.Device.Clear();
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Silence(200);
        var (first, second) = (Silence(100), Silence(100));
        Assert.Equal(first, second);
        Assert.Equal(400, pair.Device.Metrics.Counter("missing-gradients"));
    }

    [Theory, MemberData(nameof(WrongOptions))]
    public void Wrong_options_are_refused_at_wiring(SplitTrainOptions options)
    {
        Assert.ThrowsAny<ArgumentException>(() => new SplitPair(2, options));
        Assert.ThrowsAny<ArgumentException>(
            () => OperatorProbe.Of<Activations, BoundaryGradients, SplitReport>(
                flow => flow.SplitTrain(SplitPair.Network, 2, options: options)));
    }

    [Fact]
    public void Parts_that_cannot_be_are_refused_at_wiring()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SplitPair(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SplitPair(SplitPair.Layers + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.From<Activations>((p, flow) => OperatorProbe.Use(
            flow.SplitTrain(SplitPair.Network, 4, 4, p.Input<BoundaryGradients>("gradients")))));
        Assert.Throws<ArgumentOutOfRangeException>(() => OperatorProbe.From<Activations>((p, flow) => OperatorProbe.Use(
            flow.SplitTrain(SplitPair.Network, 4, SplitPair.Layers, p.Input<BoundaryGradients>("gradients")))));
    }

    public static TheoryData<SplitTrainOptions> WrongOptions() =>
    [
        new SplitTrainOptions() { BatchRows = 0 }, new SplitTrainOptions() { InFlight = 0 },
        new SplitTrainOptions() { InFlight = 65 }, new SplitTrainOptions() { GradientTimeout = TimeSpan.Zero },
        new SplitTrainOptions() { ReportEvery = 0 }, new SplitTrainOptions() { MaxDevices = 0 },
        new SplitTrainOptions() { MinLayers = -1 }, new SplitTrainOptions() { Optimizer = new Sgd(0) },
        new SplitTrainOptions() { Start = HarNetwork.Create().Initial },
    ];
}
