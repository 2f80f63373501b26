using StreamLearn.Testing;

namespace StreamLearn.Learning.Tests;

/// <summary>A fleet that shares what its rows are usually like.</summary>
public sealed class FleetMomentsTests
{
    private const int Channels = NormalStreams.Channels;
    private const int Rows = 1000;

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
        foreach (var (device, moments) in new[] { ("a", good), ("a", good.Copy()), ("a", others), ("a", broken), ("b", good) })
        {
            fleet.Send(new DeviceMoments(device, moments));
        }

        Assert.Single(fleet.TakeAll<FleetMoments>());
        Assert.Equal(["channels", "fleet-full", "non-finite", "old"], fleet.Metrics.Drops.Keys.Order());
        Assert.False(DeviceMoments.Codec.TryDecode(new(new byte[] { 1, 0, 0, 0, 97, 255, 0, 0, 0 }), new(), out _));
    }

    /// <summary>What a device says of its rows; <paramref name="whole"/> sees them too.</summary>
    private static List<DeviceMoments> Device(string name, int seed, RowMoments whole)
    {
        var (next, row) = (NormalStreams.Make("autoregressive", seed), new float[Channels]);
        using var probe = OperatorProbe.Of<Batch, DeviceMoments>(
            flow => flow.ShareMoments(name, new() { LearnRows = Rows, EveryRows = 300 }), Batches.Channels(Channels));
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

    private static T OverTheWire<T>(ICodec<T> codec, T message)
        where T : class
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        codec.Encode(message, bytes);
        Assert.True(codec.TryDecode(new(bytes.WrittenMemory), new(), out var read));
        return read;
    }
}
