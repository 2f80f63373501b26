namespace StreamLearn.Fleets.Tests;

/// <summary>Changes that wait until they are significant, and come to nothing by no accident.</summary>
public sealed class KeepSignificantTests
{
    private static readonly LinearModel Model = new(3, new SquaredError(), bias: false);
    private static readonly KeepSignificantOptions Tenth = new() { Threshold = new ConstantThreshold(0.1f) };
    private long _sequence;

    [Fact]
    public void Changes_add_up_until_they_are_significant()
    {
        using var probe = Probe(Tenth);
        probe.Control(Version(10, 10, 0));
        Assert.Equal([0, 2, 0.5f], Sent(probe, 0.6f, 2, 0.5f));
        Assert.Equal([1.2f, 0, 0.5f], Sent(probe, 0.6f, 0.4f, 0.5f));
        Assert.Equal([0, 0, 0], Sent(probe, 0, 0.4f, 0));
        Assert.Equal((9, 4), (probe.Metrics.Counter("changes"), probe.Metrics.Counter("changes-sent")));
    }

    [Fact]
    public void It_counts_the_bytes_of_all_changes_and_of_those_that_went()
    {
        var model = new LinearModel(1000, new SquaredError(), bias: false);
        using var probe = OperatorProbe.From<WeightDelta>((p, updates) =>
            updates.KeepSignificant(model, p.Input<Weights>("versions"), options: Tenth).Output("main"));
        probe.Control(new Weights { Version = 1, SchemaHash = model.Plan.SchemaHash, Values = [.. Enumerable.Repeat(1f, 1000)] });
        var update = SiteMessages.Update(model, "d", 1, [.. Enumerable.Range(1, 1000).Select(static i => i % 10 == 0 ? 0.2f : 0.05f)]);
        probe.Send(update);
        var sent = probe.Take<WeightDelta>();
        Assert.Equal((update.EncodedBytes, sent.EncodedBytes), (probe.Metrics.Counter("bytes"), probe.Metrics.Counter("bytes-sent")));
        Assert.InRange(sent.EncodedBytes, 500, 700);        // five bytes a change
    }

    [Theory, InlineData(false), InlineData(true)]
    public void AT_3c_What_was_learned_is_what_was_sent_and_what_waits(bool isMeasured)
    {
        var random = new RandomStream(1, "learned");
        using var probe = Probe(isMeasured ? new() : new() { Threshold = new ShrinkingThreshold(0.2f) });
        var (learned, sent) = (new double[3], new double[3]);
        for (var round = 0; round < 200; round++)
        {
            probe.Control(Version(1, 2, 3));
            float[] change = [.. Enumerable.Range(0, 3).Select(_ => (float)(0.05 * random.NextGaussian()))];
            var went = Sent(probe, change);
            var update = _sequence;
            for (var i = 0; i < 3; i++) { learned[i] += change[i]; }
            if (random.NextInt32(4) == 0)
            {
                probe.Control(Answer(update, UpdateOutcome.Refused));
                continue;
            }

            probe.Control(Answer(update, UpdateOutcome.Applied));
            for (var i = 0; i < 3; i++) { sent[i] += went[i]; }
        }

        var rest = Sent(probe, leaving: true, steps: 0, 0, 0, 0);       // all that waits

        for (var i = 0; i < 3; i++) { Assert.Equal(learned[i], sent[i] + rest[i], 1e-4); }
        Assert.InRange(probe.Metrics.Counter("changes-restored"), 1, 600);
        Assert.InRange(probe.Metrics.Counter("changes-sent"), 10, 500);
    }

    [Fact]
    public void The_changes_of_a_refused_update_wait_again_unless_they_are_not_finite()
    {
        using var probe = Probe(Tenth);
        probe.Control(Version(1, 1, 1));
        Sent(probe, 1, 0.05f, 0);
        probe.Control(Answer(_sequence, UpdateOutcome.Held));
        Assert.Equal([0, 0, 0], Sent(probe, 0, 0.01f, 0));
        probe.Control(Answer(1, UpdateOutcome.Refused, "old-epoch"));
        Assert.Equal([1, 0, 0], Sent(probe, 0, 0.01f, 0));
        Sent(probe, float.NaN, 0, 0);
        probe.Control(Answer(_sequence, UpdateOutcome.Refused, "non-finite"));
        Assert.Equal([0, 0.11f, 0.5f], Sent(probe, 0, 0.04f, 0.5f).Select(static v => MathF.Round(v, 5)));
    }

    [Fact]
    public void An_update_that_comes_again_is_sent_with_the_changes_that_it_had()
    {
        using var probe = Probe(Tenth);
        probe.Control(Version(1, 1, 1));
        Sent(probe, 1, 0.05f, 0);
        Sent(probe, 0, 0.08f, 0);
        probe.Send(Update(1, false, 4, 1, 0.05f, 0) with { IsResent = true });
        var again = probe.Take<WeightDelta>();
        Assert.Equal([1, 0, 0], again.Values);
        Assert.True(again.IsResent);
        Assert.Equal(6, probe.Metrics.Counter("changes"));
    }

    /// <summary>An answer may pass an update that is sent again.</summary>
    [Fact]
    public void An_update_that_comes_again_after_its_answer_has_the_same_bits_and_is_not_restored_twice()
    {
        using var probe = Probe(Tenth);
        probe.Control(Version(1, 1, 1));
        Sent(probe, 1, 0.05f, 0);
        probe.Control(Answer(1, UpdateOutcome.Refused, "old-epoch"));
        Assert.Equal([1, 0, 0], SentBy(probe, Update(1, false, 4, 1, 0.05f, 0) with { IsResent = true }));
        probe.Control(Answer(1, UpdateOutcome.Refused, "old-epoch"));
        Assert.Equal([1, 0, 0], SentBy(probe, Update(2, false, 4, 0, 0.01f, 0)));
    }

    [Fact]
    public void A_rest_that_comes_again_has_the_same_bits()
    {
        using var probe = Probe(Tenth);
        probe.Control(Version(1, 1, 1));
        Sent(probe, 0.05f, 0, 0);
        var farewell = Update(++_sequence, true, 0, 0, 0, 0) with { Samples = 0 };
        probe.Send(farewell);
        var first = probe.Take<WeightDelta>();
        probe.Send(farewell with { IsResent = true });
        var again = probe.Take<WeightDelta>();
        Assert.Equal([0.05f, 0, 0], again.Values);
        Assert.Equal((first.Steps, first.Samples, true), (again.Steps, again.Samples, again.IsResent));
    }

    [Fact]
    public void An_update_that_was_sent_before_the_stage_was_there_comes_again_as_it_was()
    {
        using var probe = Probe(Tenth);
        probe.Control(Version(1, 1, 1));
        probe.Send(Update(1, false, 4, 1, 0.05f, 0) with { IsResent = true });
        Assert.Equal([1, 0.05f, 0], probe.Take<WeightDelta>().Values);
        probe.Control(Answer(1, UpdateOutcome.Refused));
        Assert.Equal([1, 0.15f, 0], SentBy(probe, Update(2, false, 4, 0, 0.1f, 0)).Select(static v => MathF.Round(v, 5)));
    }

    [Fact]
    public void An_announcement_and_a_farewell_without_rest_pass_as_they_are()
    {
        using var probe = Probe(Tenth);
        Assert.Equal([0, 0, 0], Sent(probe, leaving: false, steps: 0, 0, 0, 0));
        probe.Send(Update(++_sequence, true, 0, 0, 0, 0));
        Assert.Equal(0, probe.Take<WeightDelta>().Steps);
    }

    [Fact]
    public void A_rest_counts_as_the_update_before_did()
    {
        using var probe = Probe(Tenth);
        probe.Control(Version(1, 1, 1));
        Sent(probe, 0.05f, 0, 0);
        probe.Send(Update(++_sequence, true, 0, 0, 0, 0) with { Samples = 0 });
        var rest = probe.Take<WeightDelta>();
        Assert.Equal([0.05f, 0, 0], rest.Values);
        Assert.Equal((4, 64, true), (rest.Steps, rest.Samples, rest.Leaving));
    }

    [Fact]
    public void Updates_and_versions_of_another_model_are_dropped()
    {
        using var probe = Probe(Tenth);
        probe.Control(Version(1, 1, 1) with { SchemaHash = 7 });
        probe.Send(Update(1, false, 4, 1, 1, 1) with { SchemaHash = 7 });
        Assert.Equal(2, probe.Metrics.Drops["schema"]);
        Assert.Equal(0, probe.Count());
    }

    [Fact]
    public void Wrong_options_are_refused_at_wiring()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { MaxUnanswered = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Threshold = new ConstantThreshold(-1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Threshold = new ShrinkingThreshold(float.NaN) }));
    }

    private float[] Sent(OperatorProbe probe, params float[] change) => Sent(probe, leaving: false, steps: 4, change);

    private float[] Sent(OperatorProbe probe, bool leaving, int steps, params float[] change)
    {
        probe.Send(Update(++_sequence, leaving, steps, change));
        return [.. probe.Take<WeightDelta>().Values];
    }

    private static float[] SentBy(OperatorProbe probe, WeightDelta update)
    {
        probe.Send(update);
        return [.. probe.Take<WeightDelta>().Values];
    }

    private static Receipt Answer(long sequence, UpdateOutcome outcome, string? reason = null) => new()
    {
        Device = "d",
        Epoch = 1,
        Aggregator = "edge",
        Newest = new(0, 0),
        Fates = [new(sequence, outcome, reason)],
    };

    private static Weights Version(params float[] values) =>
        new() { Version = 1, SchemaHash = Model.Plan.SchemaHash, Values = [.. values] };

    private static WeightDelta Update(long sequence, bool leaving, int steps, params float[] change) => new()
    {
        Device = "d",
        Epoch = 1,
        Sequence = sequence,
        BaseVersion = 1,
        Samples = 64,
        Steps = steps,
        SchemaHash = Model.Plan.SchemaHash,
        Values = [.. change],
        Leaving = leaving,
    };

    private static OperatorProbe Probe(KeepSignificantOptions options) => OperatorProbe.From<WeightDelta>((p, updates) =>
        updates.KeepSignificant(Model, p.Input<Weights>("versions"), p.Input<Receipt>("receipts"), options).Output("main"));
}
