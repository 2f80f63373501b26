namespace StreamLearn.Learning.Tests;

/// <summary>What a device does when it hears that its stream has changed.</summary>
public sealed class TrainAlarmTests
{
    private static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Label());
    private static readonly SoftmaxRegression Model = new(1, 2, seed: 1);
    private static readonly TrainOptions Small = new()
    {
        StartAfterRows = 1,
        BatchRows = 1,
        StepsPerUpdate = 4,
        Optimizer = new Sgd(0.05f, Momentum: 0),
    };

    [Fact]
    public void The_rate_is_raised_for_as_many_steps_as_are_asked_for()
    {
        var raised = Updates(Small with { Reaction = new(3, 4) }, Alarm(DriftLevel.Drift));
        var fast = Updates(Small with { Optimizer = new Sgd(0.15f, Momentum: 0) });
        var warned = Updates(Small with { Reaction = new(3, 4) }, Alarm(DriftLevel.Warning));
        var steady = Updates(Small);
        Assert.Equal(fast[0].Values, raised[0].Values);
        Assert.NotEqual(fast[1].Values, raised[1].Values);
        Assert.Equal(steady.SelectMany(static u => u.Values), warned.SelectMany(static u => u.Values));
    }

    [Fact]
    public void A_buffer_that_forgets_waits_for_new_rows()
    {
        using var probe = Probe(Small with { StartAfterRows = 3, Reaction = new() { Refill = true } });
        Send(probe, 3);
        Assert.Equal(1, probe.Metrics.Counter("steps"));
        probe.Control(Alarm(DriftLevel.Drift));
        Send(probe, 2);
        Assert.Equal((1, 1), (probe.Metrics.Counter("steps"), probe.Metrics.Counter("alarms")));
        Send(probe, 1);
        Assert.Equal(2, probe.Metrics.Counter("steps"));
    }

    [Fact]
    public void An_update_goes_at_once_where_steps_have_been_made()
    {
        using var probe = Probe(Small with { Reaction = new() { UpdatesAtOnce = true } });
        probe.Control(Alarm(DriftLevel.Drift));
        Assert.Equal(0, probe.Count());
        Send(probe, 2);
        probe.Control(Alarm(DriftLevel.Drift));
        Assert.Equal(2, probe.Take<WeightDelta>().Steps);
    }

    private static List<WeightDelta> Updates(TrainOptions options, DriftAlarm? alarm = null)
    {
        using var probe = Probe(options);
        if (alarm is not null) { probe.Control(alarm); }
        Send(probe, 8);
        return [.. probe.TakeAll<WeightDelta>()];
    }

    private static void Send(OperatorProbe probe, int rows)
    {
        for (var i = 0; i < rows; i++) { probe.Send(Batches.Of(probe.Pool, Rows, new[] { i % 3f }, new int?[] { i % 2 })); }
    }

    private static DriftAlarm Alarm(DriftLevel level) => new() { Device = "", Block = "other", Level = level, Row = 1, Mean = 0 };

    private static OperatorProbe Probe(TrainOptions options) => OperatorProbe.From<Batch>((p, rows) =>
    {
        var (deltas, scores) = rows.Train(Model, p.Input<Weights>("models"), options).ControlledBy(p.Input<DriftAlarm>("alarms"));
        deltas.Output("main");
        scores.Output("scores");
    }, Rows);
}
