namespace StreamLearn.Nodes.Tests;

/// <summary>The edge of a fleet in split training, when what arrives is not what it should be.</summary>
public sealed class ServeSplitTests : IDisposable
{
    private const int Split = 3;
    private static readonly Network Network = SplitPair.Network;
    private static readonly SplitTrainOptions Options = SplitPair.Options with { RoundBatches = 2, MaxDevices = 2 };

    private readonly OperatorProbe _edge = OperatorProbe.From<Activations>((p, flow) => OperatorProbe.Use(flow.ServeSplit(Network,
        p.Input<Weights>("versions"), new() { Split = Split, Training = Options }, p.Input<SplitPlan>("plans"),
        p.Input<SessionTransfer>("transfers"))));

    public void Dispose() => _edge.Dispose();

    [Fact]
    public void A_device_joins_trains_and_ends_a_round_and_waits_for_the_version_of_it()
    {
        var begins = Answer(Join("a"));
        Assert.Equal((new ModelVersion(0, 0), Split), (begins.Begins!.Value, begins.Split));
        Assert.Equal(Network.Values(0, Split, Start.Values.AsSpan()), begins.Part!.Values);
        Answer(Batch("a", 2, learned: 0));
        Answer(Batch("a", 3, learned: 1));
        _edge.Send(End("a", 4, begins));
        var update = _edge.Take<WeightDelta>(1);
        Assert.Equal((2, 0, 8, "a", 4), (update.Steps, update.BaseVersion, update.Samples, update.Device, update.Sequence));
        Assert.Equal(0, _edge.Count());
        _edge.Control(new SplitPlan { Device = "a", Split = 1 }, Start with { Version = 1 });
        var next = _edge.Take<BoundaryGradients>();
        Assert.Equal((1, 1, 4), (next.Split, next.Begins!.Value.Version, next.Sequence));
    }

    [Fact]
    public void What_is_sent_again_gets_the_same_answer_and_teaches_nothing()
    {
        Answer(Join("a"));
        var first = Answer(Batch("a", 2, learned: 0));
        Assert.Equal(first.Values, Answer(Batch("a", 2, learned: 0)).Values);
        Assert.Equal(1, _edge.Metrics.Counters["repeats"]);
        Assert.Equal(4, _edge.Metrics.Counters["rows-trained"]);
    }

    [Fact]
    public void Where_the_two_sides_do_not_agree_the_device_is_told_to_join_anew()
    {
        Voids(Batch("a", 2, learned: 0), "no-session");
        var begins = Answer(Join("a"));
        Answer(Batch("a", 3, learned: 0));
        Voids(Batch("a", 2, learned: 0), "duplicate");
        Voids(Batch("a", 4, learned: 0), "steps");
        Voids(Batch("a", 4, learned: 1) with { Split = 2 }, "split");
        Voids(End("a", 4, begins with { Begins = new(0, 9) }), "round");
        Assert.Equal(Split, Answer(Join("a") with { Sequence = 5 }).Split);
    }

    [Fact]
    public void A_device_that_has_lost_its_newest_numbers_joins_under_one_that_something_else_had()
    {
        Answer(Join("a"));
        Answer(Batch("a", 2, learned: 0));
        var begins = Answer(Join("a") with { Sequence = 2 });
        Assert.Equal((2, new ModelVersion(0, 0)), (begins.Sequence, begins.Begins!.Value));
        Answer(Batch("a", 3, learned: 0));
        var end = End("a", 4, begins);
        _edge.Send(end with { Round = end.Round! with { Batches = 1, Rows = 4 } });
        _edge.Take<WeightDelta>(1);
        for (var time = 0; time < 2; time++) { _edge.Send(Batch("a", 4, learned: 0)); }
        Assert.Equal((0, 2), (_edge.Count(), _edge.Metrics.Drops["ahead"]));        // what it lacks might come yet
        Voids(Batch("a", 4, learned: 0), "round");
        Assert.NotNull(Answer(Join("a") with { Sequence = 4 }).Begins);
        Assert.False(_edge.Metrics.Counters.ContainsKey("repeats"));
    }

    [Fact]
    public void What_is_ahead_of_an_edge_that_lost_a_batch_waits_for_that_batch()
    {
        var begins = Answer(Join("a"));
        _edge.Send(Batch("a", 3, learned: 1), End("a", 4, begins));
        Assert.Equal((0, 2), (_edge.Count(), _edge.Metrics.Drops["ahead"]));
        Answer(Batch("a", 2, learned: 0));
        Answer(Batch("a", 3, learned: 1));
        _edge.Send(End("a", 4, begins));
        Assert.Equal(2, _edge.Take<WeightDelta>(1).Steps);
    }

    [Fact]
    public void A_batch_of_a_round_whose_version_the_edge_has_not_had_waits_for_that_version()
    {
        var begins = Answer(Join("a"));
        Answer(Batch("a", 2, learned: 0));
        Answer(Batch("a", 3, learned: 1));
        _edge.Send(End("a", 4, begins), Batch("a", 5, learned: 0));
        Assert.Equal((0, 1), (_edge.Count(), _edge.Metrics.Drops["ahead"]));
        _edge.Control(Start with { Version = 1 });
        Assert.NotNull(_edge.Take<BoundaryGradients>().Begins);
        Assert.False(Answer(Batch("a", 5, learned: 0)).Voids);
    }

    [Fact]
    public void A_round_that_the_edge_has_not_had_all_batches_of_is_void_in_the_end()
    {
        var begins = Answer(Join("a"));
        Answer(Batch("a", 2, learned: 0));
        _edge.Send(End("a", 4, begins), End("a", 4, begins));
        Assert.Equal(2, _edge.Metrics.Drops["ahead"]);
        Voids(End("a", 4, begins), "steps");
        Assert.Equal(0, _edge.Count(1));
    }

    [Fact]
    public void What_it_cannot_take_is_dropped_by_reason()
    {
        Answer(Join("a"));
        Answer(Join("b"));
        _edge.Send(Join("c"));
        var good = Batch("a", 2, learned: 0);
        _edge.Send(good with { SchemaHash = 1 }, good with { Epoch = -1 }, good with { Labels = [] });
        _edge.Send(good with { Labels = good.Labels.SetItem(0, SplitPair.Classes) });
        _edge.Send(good with { Values = good.Values.SetItem(0, float.NaN) });
        _edge.Send(good with { Values = good.Values.RemoveAt(0) }, good with { Rows = 0, Values = [], Labels = [] });
        _edge.Control(new SplitPlan { Split = 99 }, new Weights { Version = 5, SchemaHash = 1, Values = [1] });

        Assert.Equal(0, _edge.Count());
        Assert.Equal(
            new Dictionary<string, long>
            {
                ["too-many-devices"] = 1,
                ["schema"] = 2,
                ["epoch"] = 1,
                ["unlabelled"] = 1,
                ["bad-label"] = 1,
                ["non-finite"] = 1,
                ["shape"] = 2,
                ["split"] = 1,
            },
            new Dictionary<string, long>(_edge.Metrics.Drops));
        Answer(good);
    }

    [Fact]
    public void A_device_that_leaves_says_so_with_what_it_has_learned()
    {
        var begins = Answer(Join("a"));
        Answer(Batch("a", 2, learned: 0));
        _edge.Send(End("a", 3, begins) with { Round = new() { Base = new(0, 0), Batches = 1, Rows = 4, IsLast = true } });
        var update = _edge.Take<WeightDelta>(1);
        Assert.True(update.Leaving);
        Assert.Equal(1, update.Steps);
        Voids(Batch("a", 4, learned: 1), "no-session");
    }

    [Fact]
    public void A_session_of_which_nothing_is_heard_is_forgotten()
    {
        Answer(Join("a"));
        _edge.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(1, _edge.Metrics.Counters["sessions-expired"]);
        Voids(Batch("a", 2, learned: 0), "no-session");
    }

    [Fact]
    public void A_session_is_handed_over_once_and_its_device_told_where_it_is()
    {
        Answer(Join("a"));
        Answer(Batch("a", 2, learned: 0));
        var move = new SessionTransfer { Step = TransferStep.Move, Device = "a", From = _edge.Pipeline.Name, To = "other" };
        _edge.Control(move, move);
        var session = _edge.Take<SessionTransfer>(2);
        _edge.Send(Batch("a", 3, learned: 1));
        _edge.Control(session with { Step = TransferStep.Taken, Session = null });
        var told = Answer(Batch("a", 3, learned: 1));
        Assert.Equal((2, 1, TransferStep.Session, "other"), (session.Session!.Sequence, session.Term, session.Step, session.Recipient));
        Assert.Equal(("other", 1), (told.Edge, told.Term));
        Assert.Equal(new Dictionary<string, long> { ["moving"] = 2, ["moved"] = 1 }, new Dictionary<string, long>(_edge.Metrics.Drops));
    }

    [Fact]
    public void A_session_that_another_edge_cannot_take_stays_where_it_was()
    {
        Answer(Join("a"));
        Answer(Batch("a", 2, learned: 0));
        _edge.Control(new SessionTransfer { Step = TransferStep.Move, Device = "a", From = _edge.Pipeline.Name, To = "other" });
        var session = _edge.Take<SessionTransfer>(2);
        _edge.Control(session with { Step = TransferStep.Refused, Session = null });
        Assert.Equal((2, 2), (_edge.Take<BoundaryGradients>() is var told ? told.Term : 0, (int)told.Sequence));
        Answer(Batch("a", 3, learned: 1));
    }

    private static Weights Start => Options.Start!;

    private static Activations Join(string device) => new()
    {
        Device = device,
        Epoch = 0,
        Sequence = 1,
        Split = Split,
        SchemaHash = Network.Plan.SchemaHash,
        Rows = 0,
        Round = new(),
    };

    private static Activations Batch(string device, long sequence, int learned)
    {
        var (features, labels) = SplitPair.Batch((int)sequence);
        var tape = new Tape();
        Network.Forward(Start.Values.AsSpan(), 0, Split, features, labels.Length, tape);
        return Join(device) with
        {
            Round = null,
            Sequence = sequence,
            Rows = 4,
            Labels = [.. labels],
            Values = [.. tape.Outputs],
            WeightsVersion = learned,
        };
    }

    private static Activations End(string device, long sequence, BoundaryGradients begins) => Join(device) with
    {
        Sequence = sequence,
        Round = new() { Base = begins.Begins!.Value, Batches = 2, Rows = 8, Time = TimeSpan.FromSeconds(1) },
        Part = begins.Part,
    };

    private BoundaryGradients Answer(Activations message)
    {
        _edge.Send(message);
        return _edge.Take<BoundaryGradients>();
    }

    private void Voids(Activations message, string reason)
    {
        var before = _edge.Metrics.Drops.GetValueOrDefault(reason);
        Assert.True(Answer(message).Voids);
        Assert.Equal(before + 1, _edge.Metrics.Drops[reason]);
    }
}
