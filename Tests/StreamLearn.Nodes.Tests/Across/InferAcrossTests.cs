namespace StreamLearn.Nodes.Tests;

/// <summary>A device whose edge is the test.</summary>
public sealed class InferAcrossTests
{
    private static readonly Schema Rows = new(Field.Time(), Field.Channel("x", Unit.One), Field.Label());

    /// <summary>One value; the first exit says ±x, the last ∓x: which of them answered shows.</summary>
    private static readonly Network Net = new(
        new(1), 2, [new Dense(1), new Dense(1)], [new(0, new Dense(2)), new(1, new Dense(2))], features: [Rows.Fields[1]]);

    /// <summary>The same without the first exit.</summary>
    private static readonly Network Whole = new(
        new(1), 2, [new Dense(1), new Dense(1)], [new(1, new Dense(2))], features: [Rows.Fields[1]]);

    private static readonly Weights Model = Of(Net, [1, 0, 1, 0, -1, 1, 0, 0, 1, -1, 0, 0]);

    private static readonly AcrossOptions Options = new()
    {
        Cut = 1,
        Leaving = ExitRule.WhenConfident(2, 0.9f),
        Within = TimeSpan.FromMilliseconds(100),
        Epoch = 7,
        MaxInFlight = 2,
    };

    [Fact]
    public void A_row_that_an_exit_is_sure_of_is_answered_at_once_and_the_edge_answers_the_others()
    {
        using var probe = Probe();
        Send(probe, 3, 0.5f, -4);
        var sure = probe.Take<Batch>();
        var request = Requests(probe).Single();
        Assert.Equal("time, class, confidence, exit, place, version, label", string.Join(", ", sure.Schema.Fields.Select(f => f.Name)));
        Assert.Equal("0 1 0 0 1; 2 0 0 0 1", Content(sure));
        Assert.Equal((1, 1, new ModelVersion(0, 1), 7L),
            (request.Boundary.Split, request.Boundary.Rows, request.Version, request.Boundary.Epoch));
        Assert.Equal([0.5f], request.Boundary.Values);
        probe.Advance(TimeSpan.FromMilliseconds(99));
        probe.Control(Answer(request, 0.75f, 0.25f));
        var better = probe.Take<Batch>();
        Assert.Equal("1 0 1 1 1", Content(better));
        Assert.Equal(0.75f, better["confidence"].Values<float>()[0]);
        Assert.Equal((2L, 1L), (probe.Metrics.Counters["rows-here"], probe.Metrics.Counters["rows-edge"]));
    }

    [Fact]
    public void A_late_answer_is_dropped_and_the_exit_stands_in_at_the_deadline()
    {
        using var probe = Probe();
        Send(probe, 0.5f);
        var request = Requests(probe).Single();
        probe.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal((0, true), (probe.Count(), probe.AwaitingReplies));
        probe.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("0 1 0 0 1", Content(probe.Take<Batch>()));
        probe.Control(Answer(request, 1, 0));
        Assert.Equal((0, 1L, 1L, false),
            (probe.Count(), probe.Metrics.Drops["late"], probe.Metrics.Counters["kept"], probe.AwaitingReplies));
    }

    [Fact]
    public void Without_an_exit_before_the_cut_the_device_runs_the_other_layers_in_the_end()
    {
        using var probe = Probe(Options with { Leaving = null }, Whole, Of(Whole, [1, 0, 1, 0, 1, -1, 0, 0]));
        Send(probe, 0.5f, -2);
        Assert.Single(Requests(probe));
        Assert.Equal(0, probe.Count());
        probe.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("0 0 0 0 1; 1 1 0 0 1", Content(probe.Take<Batch>()));
    }

    [Fact]
    public void A_version_that_comes_meanwhile_does_not_mix_with_the_one_before()
    {
        using var probe = Probe(Options with { Leaving = null }, Whole, Of(Whole, [1, 0, 1, 0, 1, -1, 0, 0]));
        Send(probe, 0.5f);
        probe.Control(Of(Whole, [1, 0, 1, 0, -1, 1, 0, 0]) with { Version = 2 });
        probe.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("0 0 0 0 1", Content(probe.Take<Batch>()));
    }

    [Fact]
    public void A_refusal_and_an_answer_that_does_not_fit_leave_the_answer_to_the_device()
    {
        using var probe = Probe();
        Send(probe, 0.5f);
        Send(probe, 0.25f);
        var requests = Requests(probe);
        probe.Control(Answer(requests[0]) with { Refusal = RestRefusal.Version }, Answer(requests[1], 1, 0, 0));
        Assert.Equal([0, 0], probe.TakeAll<Batch>().Select(static b => b["place"].Values<int>()[0]));
        Assert.Equal(2, probe.Metrics.Counters["refused"]);
        probe.Control(Answer(requests[1]) with { Device = "other" });
        Assert.Equal(1, probe.Metrics.Drops["other-device"]);
    }

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(float.PositiveInfinity, 1)]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    public void An_answer_that_is_no_probability_leaves_the_answer_to_the_device(float forged, float other)
    {
        using var probe = Probe();
        Send(probe, 0.5f);
        probe.Control(Answer(Requests(probe).Single(), forged, other));
        Assert.Equal("0 1 0 0 1", Content(probe.Take<Batch>()));
        Assert.Equal(1, probe.Metrics.Counters["refused"]);
    }

    /// <summary>200 bytes and 4 for each of 1,998 values are 8,192; a row more is too large.</summary>
    [Theory, InlineData(1998, 1), InlineData(1999, 0)]
    public void Rows_of_a_request_above_the_limit_are_answered_here(int rows, int requests)
    {
        using var probe = Probe(Options with { Leaving = null, MaxRequestBytes = 8192 });
        Send(probe, [.. Enumerable.Repeat(0.5f, rows)]);
        Assert.Equal((requests, requests == 0 ? rows : 0), (Requests(probe).Count, probe.Metrics.Counter("too-large")));
        Assert.Equal(1 - requests, probe.TakeAll<Batch>().Count);
    }

    [Fact]
    public void A_request_has_the_label_of_its_columns_and_keeps_it_as_bytes()
    {
        var columns = new Schema(Rows.Fields[0], Rows.Fields[1] with { Privacy = PrivacyLabel.DeviceOnly }, Rows.Fields[2]);
        using var probe = Probe(columns: columns);
        probe.Send(Batches.Of(probe.Pool, columns, new long[] { 0 }, new[] { 0.5f }, new int?[1]));
        var request = Requests(probe).Single();
        Assert.Equal(PrivacyLabel.DeviceOnly, request.Privacy);
        Assert.Equal(PrivacyLabel.DeviceOnly, Frames.Same(NodesCodecs.RestRequests, request)!.Privacy);
    }

    [Fact]
    public void Rows_beyond_those_in_flight_and_rows_while_the_edge_is_gone_are_answered_here()
    {
        using var probe = Probe();
        for (var i = 0; i < 3; i++) { Send(probe, 0.5f); }
        Assert.Equal((1, 1L, 2), (probe.Count(), probe.Metrics.Counters["busy"], Requests(probe).Count));
        probe.Advance(TimeSpan.FromMilliseconds(100));      // two misses; the third is the probe's
        probe.Advance(TimeSpan.FromSeconds(5));
        Send(probe, 0.5f);
        Assert.Equal((4, 1L), (probe.Count(), probe.Metrics.Counters["gone"]));
        // the last by all layers
        Assert.Equal(["0 1 0 0 1", "0 1 0 0 1", "0 1 0 0 1", "0 0 1 0 1"], probe.TakeAll<Batch>().Select(Content));
        probe.Control(Answer(probe.TakeAll<RestRequest>(1)[^1]));
        Send(probe, 0.5f);
        Assert.Equal((0, 1), (probe.Count(), Requests(probe).Count));
    }

    [Fact]
    public void In_order_what_is_sure_waits_for_what_was_before_it()
    {
        using var probe = Probe(Options with { InOrder = true });
        Send(probe, 3, 0.5f);
        Send(probe, -3);
        Send(probe, 0.25f);
        var requests = Requests(probe);
        probe.Control(Answer(requests[1], 1, 0));
        Assert.Equal(0, probe.Count());
        probe.Control(Answer(requests[0], 1, 0));
        Assert.Equal(1, probe.Metrics.Drops["late"]);        // answers come in order: the first was given up for lost
        probe.Advance(TimeSpan.FromMilliseconds(100));
        var all = probe.TakeAll<Batch>();
        Assert.Equal([0L, 1, 0, 0], all.SelectMany(static b => b["time"].Values<long>().ToArray()));
        Assert.Equal([0, 0, 0, 1], all.SelectMany(static b => b["place"].Values<int>().ToArray()));
    }

    [Fact]
    public void A_plan_moves_the_cut_from_a_batch_on_and_what_is_on_the_way_keeps_its_own()
    {
        using var probe = Probe();
        probe.Control(new SplitPlan { Split = 0, FromSequence = 3 });
        Send(probe, 0.5f);
        Send(probe, 0.25f);
        var requests = Requests(probe);
        probe.Control(Answer(requests[0], 1, 0), Answer(requests[1], 1, 0));
        Send(probe, 0.5f);
        Assert.Equal([1, 1, 0], [.. requests.Select(static r => r.Boundary.Split), Requests(probe).Single().Boundary.Split]);
        Assert.Equal(2, probe.TakeAll<Batch>().Count);
        probe.Complete();
        Assert.Equal("0 0 1 0 1", Content(probe.Take<Batch>()));
    }

    [Fact]
    public void Settings_that_no_device_can_follow_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(Options with { Cut = 3 }));
        Assert.Contains("an exit among the 1 layers", Assert.Throws<ArgumentException>(
            () => Probe(Options with { Leaving = null, MaxLayers = 1 }, Whole)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Probe(Options with { Leaving = ExitRule.Never(3) }));
    }

    private static Weights Of(Network network, float[] values) =>
        new() { Version = 1, SchemaHash = network.Plan.SchemaHash, Values = [.. values] };

    /// <summary>A device whose edge is there.</summary>
    private static OperatorProbe Probe(
        AcrossOptions? options = null, Network? network = null, Weights? weights = null, Schema? columns = null)
    {
        var net = network ?? Net;
        var probe = OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(rows.InferAcross(net, p.Input<Weights>("models"),
            p.Input<RestAnswer>("answers"), options ?? Options).ControlledBy(p.Input<SplitPlan>("plans"))), columns ?? Rows);
        probe.Control(weights ?? Model);
        probe.WakeUp();
        probe.Control(Answer(probe.Take<RestRequest>(1)));
        return probe;
    }

    private static RestAnswer Answer(RestRequest request, params float[] values) => new()
    {
        Device = request.Boundary.Device,
        Epoch = request.Boundary.Epoch,
        Sequence = request.Boundary.Sequence,
        Values = [.. values],
    };

    private static IReadOnlyList<RestRequest> Requests(OperatorProbe probe) =>
        [.. probe.TakeAll<RestRequest>(1).Where(static r => !r.IsProbe)];

    private static void Send(OperatorProbe probe, params float[] values) => probe.Send(Batches.Of(probe.Pool, Rows,
        Enumerable.Range(0, values.Length).Select(static i => (long)i).ToArray(), values, new int?[values.Length]));

    /// <summary>Time, class, exit, place and version of each row.</summary>
    private static string Content(Batch batch) => string.Join("; ", Enumerable.Range(0, batch.Rows).Select(r => string.Join(' ',
        batch["time"].Values<long>()[r], batch["class"].Values<int>()[r], batch["exit"].Values<int>()[r], batch["place"].Values<int>()[r],
        batch["version"].Values<long>()[r])));
}
