namespace StreamLearn.Nodes.Tests;

/// <summary>The edge's side of split training, when what arrives is not what it should be.</summary>
public sealed class SplitTailTests
{
    private static readonly int Split = 3;

    [Fact]
    public void What_it_cannot_take_is_dropped_by_reason_and_teaches_nothing()
    {
        using var pair = new SplitPair(Split);
        pair.Train(0, 1);
        pair.Feed(1);
        var good = pair.Device.Take<Activations>();

        pair.Edge.Send(good with { SchemaHash = 1 });
        pair.Edge.Send(good with { Sequence = 1 });
        pair.Edge.Send(good with { Sequence = 0 });
        pair.Edge.Send(good with { Epoch = -1 });
        pair.Edge.Send(good with { Split = Split + 1 });
        pair.Edge.Send(good with { Values = good.Values.RemoveAt(0) });
        pair.Edge.Send(good with { Rows = 0, Values = [] });
        pair.Edge.Send(good with { Rows = 5, Values = [.. good.Values, .. new float[32]], Labels = [.. good.Labels, 0] });
        pair.Edge.Send(good with { Labels = good.Labels.RemoveAt(0) });
        pair.Edge.Send(good with { Part = new() { First = 0, End = 1, Values = [], State = [] } });
        pair.Edge.Send(good with { Labels = [] });
        pair.Edge.Send(good with { Labels = good.Labels.SetItem(0, SplitPair.Classes) });
        pair.Edge.Send(good with { Labels = good.Labels.SetItem(0, -1) });
        pair.Edge.Send(good with { Values = good.Values.SetItem(7, float.NaN) });
        Assert.Equal(0, pair.Edge.Count());
        pair.Edge.Send(good);
        pair.Device.Control(pair.Edge.Take<BoundaryGradients>());

        Assert.Equal(
            new Dictionary<string, long>
            {
                ["schema"] = 1,
                ["duplicate"] = 2,
                ["epoch"] = 1,
                ["split"] = 1,
                ["shape"] = 5,
                ["unlabelled"] = 1,
                ["bad-label"] = 2,
                ["non-finite"] = 1,
            },
            new Dictionary<string, long>(pair.Edge.Metrics.Drops));
        Assert.Equal(SplitPair.Unsplit(2), pair.Finish());
    }

    [Fact]
    public void Labels_that_come_by_themselves_are_held_to_the_classes_too()
    {
        using var pair = new SplitPair(Split);
        pair.Feed(0);
        var good = pair.Device.Take<Activations>();
        using var tail = OperatorProbe.From<Activations>((p, flow) => OperatorProbe.Use(
            flow.SplitTrain(SplitPair.Network, Split, p.Input<Activations>("labels"))));
        tail.Control(good with { Labels = good.Labels.SetItem(0, SplitPair.Classes) });
        tail.Send(good with { Labels = [] });
        tail.Control(good with { Labels = good.Labels, Sequence = good.Sequence + 1 });
        tail.Send(good with { Labels = [], Sequence = good.Sequence + 1 });
        Assert.Equal(1, tail.Metrics.Drops["bad-label"]);
        Assert.Equal(1, tail.Count());
    }

    [Fact]
    public void A_batch_that_comes_twice_is_learned_from_once()
    {
        using var pair = new SplitPair(Split);
        pair.Feed(0);
        var batch = pair.Device.Take<Activations>();
        pair.Edge.Send(batch);
        pair.Edge.Send(batch);
        pair.Exchange();
        Assert.Equal(1, pair.Edge.Metrics.Drops["duplicate"]);
        Assert.Equal(4, pair.Edge.Metrics.RowsDropped["duplicate"]);
        Assert.Equal(SplitPair.Unsplit(1), pair.Finish());
    }

    [Fact]
    public void A_batch_that_is_lost_leaves_a_gap_that_is_no_fault()
    {
        using var pair = new SplitPair(Split);
        pair.Feed(0);
        pair.Device.Take<Activations>();
        pair.Feed(1);
        pair.Device.Advance(SplitPair.Options.GradientTimeout);
        pair.Exchange();
        Assert.Equal((8, 0), (4 + pair.Device.Metrics.Counter("rows-trained"), pair.Edge.Metrics.Drops.Count));
    }

    [Fact]
    public void A_move_that_cannot_be_is_dropped()
    {
        using var pair = new SplitPair(Split);
        pair.Train(0, 2);
        pair.Device.Control(new SplitPlan { Split = 1 });
        var down = pair.Device.Take<Activations>();
        var part = down.Part!;

        pair.Edge.Send(down with { MoveTo = -1 });
        pair.Edge.Send(down with { MoveTo = SplitPair.Layers + 1 });
        pair.Edge.Send(down with { MoveTo = Split });
        pair.Edge.Send(down with { Split = 2 });
        pair.Edge.Send(down with { Part = null });
        pair.Edge.Send(down with { Part = part with { End = 2 } });
        pair.Edge.Send(down with { Part = part with { Values = part.Values.RemoveAt(0) } });
        pair.Edge.Send(down with { Part = part with { State = [] } });
        pair.Edge.Send(down with { MoveTo = 5 });
        pair.Edge.Send(down with { Rows = 1 });
        pair.Edge.Send(down with { Part = part with { Values = part.Values.SetItem(0, float.NaN) } });
        Assert.Equal(0, pair.Edge.Count());
        pair.Edge.Send(down);
        pair.Exchange();
        pair.Train(2, 4);

        Assert.Equal(
            new Dictionary<string, long> { ["split"] = 4, ["shape"] = 6, ["non-finite"] = 1 },
            new Dictionary<string, long>(pair.Edge.Metrics.Drops));
        Assert.Equal(SplitPair.Unsplit(4), pair.Finish());
    }

    [Fact]
    public void Devices_beyond_the_bound_are_dropped_and_a_split_is_moved_by_one_for_itself_alone()
    {
        using var pair = new SplitPair(Split, SplitPair.Options with { MaxDevices = 2 });
        pair.Feed(0);
        var batch = pair.Device.Take<Activations>();
        pair.Edge.Send(batch);
        pair.Edge.Send(batch with { Device = "second" });
        pair.Edge.Send(batch with { Device = "third" });
        Assert.Equal(2, pair.Edge.Count());
        pair.Exchange();
        pair.Device.Control(new SplitPlan { Split = 1 });
        pair.Exchange();
        pair.Edge.Send(batch with { Device = "second", Sequence = 5 });
        pair.Edge.Send(batch with { Device = "second", Sequence = 5, Epoch = 1 });
        pair.Edge.Send(batch with { Device = "second", Sequence = 6, MoveTo = 1, Rows = 0, Values = [], Labels = [] });
        Assert.Equal(
            new Dictionary<string, long> { ["too-many-devices"] = 1, ["split"] = 3 },
            new Dictionary<string, long>(pair.Edge.Metrics.Drops));
    }

    [Fact]
    public void A_device_that_starts_anew_finds_the_edge_with_the_split_that_it_starts_with()
    {
        using var first = new SplitPair(Split);
        first.Train(0, 2);
        first.Device.Control(new SplitPlan { Split = 5 });
        first.Exchange();
        using var again = new SplitPair(Split, SplitPair.Options with { Epoch = 1 });
        again.Feed(0);
        var batch = again.Device.Take<Activations>();
        first.Edge.Send(batch with { Epoch = 0, Sequence = 10 });
        Assert.Equal(1, first.Edge.Metrics.Drops["split"]);
        first.Edge.Send(batch);
        again.Device.Control(first.Edge.Take<BoundaryGradients>());
        first.Edge.Send(batch with { Epoch = 0, Sequence = 11 });
        Assert.Equal(1, first.Edge.Metrics.Drops["epoch"]);
        Assert.Equal(4, again.Device.Metrics.Counter("rows-trained"));
    }

    [Fact]
    public void Nothing_is_kept_of_batches_that_have_gone()
    {
        using var pair = new SplitPair(Split, guard: false);
        pair.Feed(0);
        var batch = pair.Device.Take<Activations>();
        long Round(int from)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var n = from; n < from + 100; n++)
            {
                pair.Edge.Send(batch with { Sequence = n });
                pair.Edge.Clear();
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Round(1);
        var first = Round(101);
        const int reference = 8;       // what a kept batch costs at least; the runtime's own share while it compiles is below that
        var later = Enumerable.Range(2, 10).Sum(round => Round((100 * round) + 1));
        Assert.InRange(later, 1, 10 * (first + (100 * reference)));
    }
}
