using static StreamLearn.Learning.Tests.OneChannel;

namespace StreamLearn.Learning.Tests;

/// <summary>The schedule of a learning rate over rounds and restarts.</summary>
public sealed class TrainScheduleTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1e-30f)]        // takes the other way to a step, and changes no bit of this one
    public void A_schedule_goes_on_over_rounds(float proximal)
    {
        var model = new Rising();
        using var probe = Probe(model, Options() with { Proximal = proximal });
        Send(probe, 9);
        for (var i = 0; i < 3; i++) { probe.Advance(TimeSpan.Zero); }
        // factors 1 1 ½, ½ ¼ ¼, ⅛ ⅛ 1/16
        Assert.Equal([2.5f, 1, 0.3125f], probe.TakeAll<WeightDelta>().Select(u => u.Values[0]));
        Assert.Equal(9, probe.Metrics.Gauges["schedule-steps"]);
    }

    [Fact]
    public void Steps_that_are_taken_back_do_not_count()
    {
        var model = new Rising { Broken = { 2, 3 } };
        using var probe = Probe(model, Options());
        Send(probe, 9);
        for (var i = 0; i < 3; i++) { probe.Advance(TimeSpan.Zero); }
        // the two broken losses take the whole first round back
        Assert.Equal([0, 2.5f, 1], probe.TakeAll<WeightDelta>().Select(u => u.Values[0]));
        Assert.Equal(6, probe.Metrics.Gauges["schedule-steps"]);
    }

    [Fact]
    public void A_directive_changes_the_rate_and_not_the_place_in_the_schedule()
    {
        var model = new Rising();
        using var probe = Probe(model, Options() with { Pace = TrainPace.LockStep });
        Send(probe, 6);
        probe.Control(model.Initial with { Version = 1, Directives = [new() { LearningRate = 4 }] });
        Assert.Equal([2.5f, 4], probe.TakeAll<WeightDelta>().Select(u => u.Values[0]));
    }

    [Theory, InlineData(0), InlineData(1)]
    public void A_device_that_starts_again_makes_the_steps_of_one_that_went_on_to_the_bit(int which)
    {
        var schedule = Schedule.LinearWarmUp(4, Schedule.Cosine(9));
        var options = new TrainOptions
        {
            Optimizer = which == 0 ? new Sgd(0.3f) { Schedule = schedule } : new Adam(0.3f) { Schedule = schedule },
            StartAfterRows = 4,
            BatchRows = int.MaxValue,       // all rows, in their order: nothing random
            BufferRows = 4,
            Draw = DrawKind.Shuffle,
            StepsPerRow = 15,
            StepsPerUpdate = 5,
            Pace = TrainPace.LockStep,
        };
        var versions = Enumerable.Range(1, 2).Select(v => Model.Initial with
        {
            Version = v,
            Values = [.. Model.Initial.Values.Select(w => w + (0.1f * v))],
        }).ToList();
        using var whole = Probe(Model, options);
        Send(whole, 4);
        whole.Control(versions[0]);
        var stepsBefore = (long)whole.Metrics.Gauges["schedule-steps"];
        whole.Control(versions[1]);
        var expected = whole.TakeAll<WeightDelta>();
        Assert.Equal((10, 3), (stepsBefore, expected.Count));

        using var again = Probe(Model, options with { StepsBefore = stepsBefore });
        again.Control(versions[1]);
        Send(again, 4);
        using var anew = Probe(Model, options);
        anew.Control(versions[1]);
        Send(anew, 4);

        MaskedNetwork.Same(expected[2].Values.AsSpan(), again.Take<WeightDelta>().Values.AsSpan());
        Assert.NotEqual(expected[2].Values, anew.Take<WeightDelta>().Values);
        Assert.Equal(15, again.Metrics.Gauges["schedule-steps"]);
    }

    [Fact]
    public void A_later_part_of_a_schedule_is_the_schedule_from_there_on()
    {
        var schedule = Schedule.LinearWarmUp(3, Schedule.Step(2, 0.5f));
        var later = schedule.After(2).After(3);
        for (var step = 1; step < 9; step++) { Assert.Equal(schedule.Factor(step + 5), later.Factor(step)); }
        Assert.Equal(schedule.After(5), later);
        Assert.EndsWith(", after 5 steps", later.ToString(), StringComparison.Ordinal);
        Assert.Same(schedule, schedule.After(0));
        Assert.Same(Schedule.Constant, Schedule.Constant.After(7));
        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.After(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(Model, new() { StepsBefore = -1 }));
    }

    private static TrainOptions Options() => new()
    {
        StartAfterRows = 1,
        BatchRows = 1,
        StepsPerUpdate = 3,
        Optimizer = new Sgd(1, Momentum: 0, ClipNorm: float.PositiveInfinity) { Schedule = Schedule.Step(2, 0.5f) },
    };

    private static void Send(OperatorProbe probe, int rows)
    {
        float[] x = [.. Enumerable.Range(0, rows).Select(i => (float)i)];
        probe.Send(Batches.Of(probe.Pool, Rows, x, Enumerable.Range(0, rows).Select(i => i & 1).ToArray()));
    }

    /// <summary>One value, which rises by the rate with each step; a step may be broken by its number.</summary>
    private sealed class Rising : IModel
    {
        public ModelPlan Plan { get; } = new(new(1), 2, 1, [("value", SliceKind.Trained, 1)]);
        public Weights Initial => new() { Version = 0, SchemaHash = Plan.SchemaHash, Values = [0] };
        internal HashSet<long> Broken { get; } = [];

        public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
        {
            gradients[0] = -1;
            return Broken.Contains(batch.Number) ? float.NaN : 1;
        }

        public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory) => outputs.Clear();
    }
}
