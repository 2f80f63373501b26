namespace StreamLearn.Fleets.Tests;

/// <summary>A threshold that is chosen by the share of changes that goes, and by what others take back.</summary>
public sealed class MeasuredThresholdTests
{
    private const int Values = 400;
    private const int Updates = 300;
    private static readonly MeasuredThreshold Rule = new();
    private static readonly LinearModel Model = new(Values, new SquaredError(), bias: false);

    [Fact]
    public void It_rises_while_more_goes_than_is_asked_for_and_falls_while_less_does()
    {
        Assert.InRange(Rule.Next(0.01, sent: 0.3, opposition: 0), 0.0101, 0.02);
        Assert.InRange(Rule.Next(0.01, sent: 0.3, opposition: 1), 0.005, 0.0099);
        Assert.Equal(0.01, Rule.Next(0.01, Rule.Share, opposition: -1), 1e-9);
        Assert.Equal(0.01, Rule.Next(0.01, Rule.MaxShare, opposition: 1), 1e-9);
        Assert.Equal(0.01, Rule.Next(0.01, (Rule.Share + Rule.MaxShare) / 2, opposition: 0.06), 1e-9);       // half alike
    }

    /// <summary>What comes goes the same way as what waits, has nothing to do with it, or takes it back.</summary>
    [Theory]
    [InlineData(1, false), InlineData(0, false), InlineData(-1, false), InlineData(1, true)]
    [InlineData(0, true), InlineData(-1, true)]
    public void A_sender_whose_changes_others_take_back_sends_more(int direction, bool isSite)
    {
        using var probe = isSite ? Site() : Device();
        Assert.Equal(direction < 0 ? Rule.MaxShare : Rule.Share, Share(probe, direction, isSite), 0.04);
    }

    [Fact]
    public void With_few_changes_that_never_go_it_does_not_fall_for_ever()
    {
        var threshold = 0.01;
        for (var update = 0; update < 1000; update++) { threshold = Rule.Next(threshold, sent: 0, opposition: 1); }
        var updates = 0;
        for (; threshold < 0.01; updates++) { threshold = Rule.Next(threshold, sent: 1, opposition: 1); }
        Assert.InRange(updates, 1, 30);
    }

    [Fact]
    public void What_is_not_finite_is_not_measured()
    {
        var (control, twin) = (new ThresholdControl(Rule), new ThresholdControl(Rule));
        float[] waits = [1, -1, 0], moves = [1, 1, 1];
        foreach (var c in new[] { control, twin })
        {
            c.Choose(1, waits);
            if (c == control) { c.Move(double.NaN, double.PositiveInfinity); }
            c.Choose(1, waits);
            c.Move(moves, waits);
            c.Choose(1, waits);
        }

        Assert.Equal(twin.At(4), control.At(4));
    }

    [Fact]
    public void It_measures_without_allocation()
    {
        var control = new ThresholdControl(Rule);
        float[] waits = new float[Values], moves = [.. Enumerable.Repeat(1f, Values)];
        Measure();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) { Measure(); }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Measure()
        {
            control.Move(moves, waits);
            control.Choose(3, waits);
            _ = control.At(1);
        }
    }

    [Theory, InlineData(0, 0.4), InlineData(0.5, 0.4), InlineData(0.5, 1.1), InlineData(double.NaN, 0.4)]
    public void A_share_that_is_none_is_refused(double share, double most) =>
        Assert.Throws<ArgumentOutOfRangeException>(new MeasuredThreshold(share, most).Check);

    /// <summary>A device of an aggregator.</summary>
    private static OperatorProbe Device() => OperatorProbe.From<WeightDelta>((p, updates) =>
        updates.KeepSignificant(Model, p.Input<Weights>("versions")).Output("main"));

    private static OperatorProbe Site() => OperatorProbe.From<WeightDelta>((p, own) =>
        OperatorProbe.Use(own.Replicate(Model, p.Input<WeightDelta>("others"))));

    /// <summary>The share of changes that goes with the last third of the updates, as the others answer each.</summary>
    private static double Share(OperatorProbe probe, int direction, bool isSite)
    {
        var random = new RandomStream(3, "share");
        float[] model = [.. Enumerable.Repeat(1f, Values)], trend = [.. model.Select(_ => (float)(0.001 * random.NextGaussian()))];
        var before = 0L;
        for (var update = 1; update <= Updates; update++)
        {
            float[] change = [.. trend.Select(t => t + (float)(0.003 * random.NextGaussian()))];
            float[] answer = [.. trend.Select(t => (direction * t) + (float)(0.001 * random.NextGaussian()))];
            for (var i = 0; i < Values; i++) { model[i] += answer[i]; }
            probe.Send(SiteMessages.Update(Model, "probe", update, change));
            if (isSite) { probe.Control(SiteMessages.Update(Model, "a", update, answer)); }
            else { probe.Control(new Weights { Version = update, SchemaHash = Model.Plan.SchemaHash, Values = [.. model] }); }
            if (update == Updates * 2 / 3) { before = probe.Metrics.Counter("changes-sent"); }
        }

        return (probe.Metrics.Counter("changes-sent") - before) / (Updates / 3.0 * Values);
    }
}
