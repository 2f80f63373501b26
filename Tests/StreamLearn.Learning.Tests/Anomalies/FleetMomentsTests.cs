namespace StreamLearn.Learning.Tests;

/// <summary>A fleet that shares what its rows are usually like.</summary>
public sealed class FleetMomentsTests
{
    private const int Channels = NormalStreams.Channels;
    private const int Rows = 1000;
    private static readonly TimeSpan News = new MergeMomentsOptions().After;
    private static readonly string[] Names = ["a", "b", "c", "odd"];

    [Fact]
    public void A_fleet_has_the_moments_of_one_machine_and_names_the_device_that_differs()
    {
        var whole = new RowMoments(Channels);
        using var fleet = OperatorProbe.Of<DeviceMoments, FleetMoments>(flow => flow.MergeMoments());
        List<DeviceMoments> told = [];
        foreach (var (i, name) in Names.Index()) { told.AddRange(Device(name, i, whole)); }

        FleetMoments? merged = null;
        foreach (var message in told.OrderBy(static m => m.Moments.Count))      // devices by turns
        {
            fleet.Send(OverTheWire(DeviceMoments.Codec, message));
            fleet.Advance(News);
            merged = OverTheWire(FleetMoments.Codec, fleet.Take<FleetMoments>());
        }

        Assert.Equal(whole.Count, merged!.Moments.Count);
        for (var i = 0; i < Channels; i++)
        {
            Assert.Equal(whole.Mean[i], merged.Moments.Mean[i], 1e-12 * Math.Abs(whole.Mean[i]));
            for (var j = 0; j < Channels; j++)
            {
                Assert.Equal(whole.Covariance(i, j), merged.Moments.Covariance(i, j),
                    1e-12 * Math.Sqrt(whole.Covariance(i, i) * whole.Covariance(j, j)));
            }
        }

        Assert.Equal(["odd"], merged.Different);
        Assert.Equal(Names, merged.Devices.Select(static d => d.Device));
        Assert.All(merged.Devices[..3], static d => Assert.InRange(d.Distance!.Value, 0, 0.2));
        Assert.InRange(merged.Devices[3].Distance!.Value, 2, 1000);
    }

    [Fact]
    public void Neither_the_order_of_messages_nor_their_repetition_changes_a_bit()
    {
        List<DeviceMoments> told = [.. Names.SelectMany((name, i) => Device(name, i, new(Channels)))];
        var (forward, backward) = (Merged(told), Merged([.. told.AsEnumerable().Reverse(), .. told]));
        Assert.Equal(forward.Moments.Mean.ToArray(), backward.Moments.Mean.ToArray());
        Assert.Equal(forward.Devices.Select(static d => d.Distance), backward.Devices.Select(static d => d.Distance));

        static FleetMoments Merged(IEnumerable<DeviceMoments> messages)
        {
            using var fleet = OperatorProbe.Of<DeviceMoments, FleetMoments>(flow => flow.MergeMoments());
            foreach (var message in messages) { fleet.Send(message); }
            fleet.Advance(News);
            return fleet.TakeAll<FleetMoments>()[^1];
        }
    }

    [Fact]
    public void The_distance_is_the_relative_entropy_of_normal_distributions()
    {
        RowMoments own = new(2), other = new(2);
        foreach (var (x, y) in new[] { (-1f, -1f), (-1f, 1f), (1f, -1f), (1f, 1f) })
        {
            for (var i = 0; i < 500; i++)
            {
                own.Add([x + 1, 2 * y]);        // one mean off by a deviation, one deviation twice as large
                other.Add([x, y]);
            }
        }

        Assert.Equal(0.5 + ((4 - 1 - Math.Log(4)) / 2), MomentsDistance.Of(own, other), 2e-3);       // 0.001 is added to correlations
        Assert.Equal(0, MomentsDistance.Of(other, other), 1e-12);
    }

    [Fact]
    public void What_no_device_of_the_fleet_can_have_seen_is_dropped()
    {
        using var fleet = OperatorProbe.Of<DeviceMoments, FleetMoments>(flow => flow.MergeMoments(new() { MaxDevices = 1 }));
        RowMoments good = new(2), others = new(3), broken = new(2);
        good.Add([1, 2]);
        others.Add([1, 2, 3]);
        broken.Add([float.NaN, 2]);
        foreach (var (device, moments) in new[] { ("a", good), ("a", good.Copy()), ("a", broken), ("b", good) })
        {
            fleet.Send(new DeviceMoments(device, 7, [.. new[] { "x", "y", "z" }.Take(moments.Mean.Length)], moments));
        }

        fleet.Advance(News);
        Assert.Single(fleet.TakeAll<FleetMoments>());
        fleet.Send(new DeviceMoments("a", 7, ["x", "z"], others), new DeviceMoments("a", 7, ["x", "y"], new(2)));
        Assert.Equal([("fleet-full", 1), ("old", 1), ("unsound", 2)], fleet.Metrics.Drops.Select(static d => (d.Key, d.Value)).Order());
        Assert.Equal(1, fleet.Metrics.Counter("repeated"));
        Assert.False(DeviceMoments.Codec.TryDecode(new(new byte[] { 1, 0, 0, 0, 97, 255, 0, 0, 0 }), new(), out _));
    }

    [Fact]
    public void Devices_are_compared_with_those_of_the_same_columns_whoever_tells_first()
    {
        using var fleet = OperatorProbe.Of<DeviceMoments, FleetMoments>(flow => flow.MergeMoments(new() { MinRows = 20 }));
        var strange = Of("a", epoch: 1, rows: 500, shift: 9);
        fleet.Send(strange with { Device = "0", Columns = ["y", "x"] });
        foreach (var name in Names) { fleet.Send(Of(name, epoch: 1, rows: 100, shift: name == "odd" ? 5 : 0)); }
        fleet.Advance(News);
        var told = fleet.TakeAll<FleetMoments>()[^1];
        Assert.Equal(400, told.Moments.Count);
        Assert.Equal(["odd"], told.Different);
        Assert.Equal((true, null), (told.Devices[0].HasOtherColumns, told.Devices[0].Distance));
        Assert.DoesNotContain(told.Devices[1..], static d => d.HasOtherColumns || d.Distance is null);
        Assert.Equal(1, fleet.Metrics.Gauges["devices-of-other-columns"]);
    }

    [Fact]
    public void A_device_that_learns_anew_takes_its_own_place_and_the_column_that_differs_is_named()
    {
        using var fleet = OperatorProbe.Of<DeviceMoments, FleetMoments>(flow => flow.MergeMoments(new() { MinRows = 20 }));
        foreach (var name in Names) { fleet.Send(Of(name, epoch: 1, rows: 100, shift: name == "odd" ? 5 : 0)); }
        fleet.Advance(News);
        var before = fleet.TakeAll<FleetMoments>()[^1];
        fleet.Send(Of("odd", epoch: -5, rows: 10, shift: 0));       // its clock has no battery
        fleet.Advance(News);
        fleet.Send(Of("odd", epoch: -5, rows: 9, shift: 5), Of("odd", epoch: -5, rows: 50, shift: 0));
        fleet.Advance(News);
        var after = fleet.TakeAll<FleetMoments>();
        Assert.Equal([("a", ""), ("b", ""), ("c", ""), ("odd", "y")], before.Devices.Select(static d => (d.Device, d.Column)));
        Assert.Equal(["odd"], before.Different);
        Assert.Equal(5, before.Devices[^1].Own.Mean - before.Devices[^1].Others.Mean, 0.5);
        Assert.Equal([(10, null), (50, false)], after.Select(static f => f.Devices[^1])
            .Select(static d => (d.Rows, d.Distance is null ? null : (bool?)d.Differs)));
        Assert.Equal(350, after[^1].Moments.Count);
    }

    [Fact]
    public void Of_many_devices_each_is_compared_with_some_and_what_overflows_is_far()
    {
        using var fleet = OperatorProbe.Of<DeviceMoments, FleetMoments>(flow => flow.MergeMoments(new() { MinRows = 20 }));
        for (var i = 0; i < 300; i++) { fleet.Send(Of($"{i:000}", epoch: 1, rows: 30, shift: i % 100 == 7 ? 5 : 0)); }
        var huge = new RowMoments(2);
        for (var i = 0; i < 30; i++) { huge.Add([i % 2 == 0 ? float.MaxValue : -float.MaxValue, 1]); }
        fleet.Send(new DeviceMoments("huge", 1, ["x", "y"], huge));
        fleet.Send(new DeviceMoments("forged", 1, ["x", "y"], Forged(1e308, 1)));
        fleet.Send(new DeviceMoments("inside out", 1, ["x", "y"], Forged(1, -200)));
        fleet.Advance(News);
        var merged = fleet.Take<FleetMoments>();
        Assert.Equal(["007", "107", "207", "forged", "huge"], merged.Different);
        Assert.Equal(1, fleet.Metrics.Drops["unsound"]);
        Assert.All(merged.Devices, static d => Assert.InRange(d.Distance!.Value, 0, 1e9));
    }

    [Fact]
    public void Of_three_devices_the_one_that_differs_is_named()
    {
        using var fleet = OperatorProbe.Of<DeviceMoments, FleetMoments>(flow => flow.MergeMoments(new() { MinRows = 20 }));
        foreach (var name in Names[1..]) { fleet.Send(Of(name, epoch: 1, rows: 100, shift: name == "odd" ? 5 : 0)); }
        fleet.Advance(News);
        Assert.Equal(["odd"], fleet.Take<FleetMoments>().Different);
    }

    [Theory, InlineData(1), InlineData(3), InlineData(8), InlineData(20)]
    public void Devices_that_are_alike_with_no_more_rows_than_needed_are_not_named(int channels)
    {
        var (random, named) = (new RandomStream(7, "alike"), 0);
        var row = new float[channels];
        for (var draw = 0; draw < 50; draw++)
        {
            using var fleet = OperatorProbe.Of<DeviceMoments, FleetMoments>(flow => flow.MergeMoments());
            foreach (var name in Names[..3])
            {
                var moments = new RowMoments(channels);
                for (var i = 0; i < MergeMomentsOptions.UsualMinRows(channels); i++)
                {
                    for (var c = 0; c < channels; c++) { row[c] = (float)random.NextGaussian(); }
                    moments.Add(row);
                }
                fleet.Send(new DeviceMoments(name, 1, [.. Enumerable.Range(0, channels).Select(static c => $"{c}")], moments));
            }

            fleet.Advance(News);
            var merged = fleet.Take<FleetMoments>();
            Assert.All(merged.Devices, static d => Assert.NotNull(d.Distance));
            named += merged.Different.Count();
        }

        Assert.Equal(0, named);
    }

    /// <summary>Moments that no rows have.</summary>
    private static RowMoments Forged(double mean, double variance)
    {
        var (bytes, count, moments) = (new StateBuffer(), 30L, new RowMoments(2));
        var s = new StateStream(bytes);
        s.Value(ref count);
        s.Values<double>([mean, -mean]);
        s.Values<double>([29 * variance, 0, 29]);
        var read = new StateStream(bytes.Written, new());
        moments.State(ref read);
        return moments;
    }

    [Fact]
    public void What_was_told_is_told_again_for_those_that_come_later()
    {
        using var probe = OperatorProbe.Of<Batch, DeviceMoments>(
            flow => flow.ShareMoments("a", learnRows: 4, everyRows: 2, epoch: 7, repeatEvery: TimeSpan.FromSeconds(60)),
            Batches.Channels(2));
        for (var t = 0; t < 5; t++)
        {
            probe.Send(Batches.OfChannels(probe.Pool, [[t], [2 * t]]));
            probe.Advance(TimeSpan.FromSeconds(40));
        }

        probe.Advance(TimeSpan.FromSeconds(100));
        // rows come at 0, 40, 80, 120 and 160 s; the last is beyond those that count
        Assert.Equal([2, 3, 4, 4, 4, 4], probe.TakeAll<DeviceMoments>().Select(static m => m.Moments.Count));
    }

    private static DeviceMoments Of(string name, long epoch, int rows, float shift)
    {
        var (moments, random) = (new RowMoments(2), new Random(5));
        for (var i = 0; i < rows; i++) { moments.Add([random.NextSingle(), random.NextSingle() + shift]); }
        return new(name, epoch, ["x", "y"], moments);
    }

    /// <summary>What a device says of its rows; <paramref name="whole"/> sees them too.</summary>
    private static List<DeviceMoments> Device(string name, int seed, RowMoments whole)
    {
        var (next, row) = (NormalStreams.Make("autoregressive", seed), new float[Channels]);
        using var probe = OperatorProbe.Of<Batch, DeviceMoments>(
            flow => flow.ShareMoments(name, learnRows: Rows, everyRows: 300), Batches.Channels(Channels));
        for (var t = 0; t < Rows + 50; t++)
        {
            next(row);
            if (name == "odd") { row[2] = 3 * row[1]; }     // hangs together in another way
            if (t < Rows) { whole.Add(row); }
            probe.Send(Batches.OfChannels(probe.Pool, [.. row.Select(static v => new[] { v })]));
        }

        var told = probe.TakeAll<DeviceMoments>();
        Assert.Equal([300, 600, 900, 1000], told.Select(static m => m.Moments.Count));
        return [.. told];
    }

    private static T OverTheWire<T>(ICodec<T> codec, T message) where T : class
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        codec.Encode(message, bytes);
        Assert.True(codec.TryDecode(new(bytes.WrittenMemory), new(), out var read));
        return read;
    }
}
