namespace StreamLearn.Fleets.Tests;

/// <summary>Updates as codes, and what becomes of the rest.</summary>
public sealed class CodeUpdatesTests
{
    private const int Length = 200;
    private static readonly LinearModel Model = new(Length, new SquaredError(), bias: false);
    private static readonly TensorCode Tenth = TensorCode.TopK(0.1);
    private long _sequence;

    public static TheoryData<TensorCode> Codes =>
        [Tenth, TensorCode.Sign(), TensorCode.RandomK(0.2), TensorCode.Qsgd(), TensorCode.KBit(), TensorCode.Ternary()];

    /// <summary>Whole numbers, so that float32 adds them up exactly where the code sends values as they are.</summary>
    [Theory, MemberData(nameof(Codes))]
    public void AT_8f_What_was_learned_is_what_was_sent_and_what_waits(TensorCode code)
    {
        using var probe = Probe(new() { Code = code, Feedback = true });
        var random = new RandomStream(1, "learned");
        var (learned, sent) = (new double[Length], new double[Length]);
        for (var round = 0; round < 60; round++)
        {
            float[] change = [.. Enumerable.Range(0, Length).Select(_ => (float)random.NextInt32(11) - 5f)];
            var went = Sent(probe, Update(change)).Values;
            for (var i = 0; i < Length; i++) { learned[i] += change[i]; }
            var isRefused = random.NextInt32(4) == 0;
            probe.Control(Answer(_sequence, isRefused ? UpdateOutcome.Refused : UpdateOutcome.Applied));
            for (var i = 0; i < Length && !isRefused; i++) { sent[i] += went[i]; }
        }

        var rest = Sent(probe, Update(new float[Length]) with { Leaving = true, Steps = 0 });

        Assert.Null(rest.Coded);
        var within = code.ToString().Contains("-k", StringComparison.Ordinal) ? 0 : 1e-2;
        for (var i = 0; i < Length; i++) { Assert.Equal(learned[i], sent[i] + rest.Values[i], within); }
        Assert.InRange(probe.Metrics.Counter("changes-restored"), 1, int.MaxValue);
    }

    [Fact]
    public void What_an_unbiased_code_leaves_out_is_lost_unless_it_is_asked_for()
    {
        using var probe = Probe(new() { Code = TensorCode.Qsgd() });
        Sent(probe, Update(Of(static i => i)));
        Assert.All(Sent(probe, Update(new float[Length])).Values, static v => Assert.Equal(0, v));
    }

    [Fact]
    public void The_bytes_on_the_way_are_those_of_the_code_and_whoever_reads_them_needs_no_setting()
    {
        using var probe = Probe(new() { Code = Tenth });
        var update = Update(Of(static i => i));
        var sent = Sent(probe, update);
        var pool = new BatchPool();
        var bytes = Encoded(LearningCodecs.Deltas, sent);
        Assert.True(LearningCodecs.Deltas.TryDecode(new(bytes), pool, out var read));
        Assert.Equal(Of(static i => i < 180 ? 0 : i), read.Values);
        Assert.Equal((sent.EncodedBytes, sent.EncodedBytes), (bytes.Length, read.EncodedBytes));
        Assert.Equal((update.EncodedBytes, sent.EncodedBytes), (probe.Metrics.Counter("bytes"), probe.Metrics.Counter("bytes-sent")));
        Assert.InRange(sent.EncodedBytes, 180, 210);
        Assert.InRange((read with { Values = [.. update.Values] }).EncodedBytes, 4 * Length, 5 * Length);      // no code of other values
    }

    [Theory, MemberData(nameof(Codes))]
    public void An_update_that_comes_again_has_the_same_bits_after_its_answer_too(TensorCode code)
    {
        using var probe = Probe(new() { Code = code });
        var update = Update(Of(static i => MathF.Sin(i)));
        var first = Sent(probe, update);
        Sent(probe, Update(Of(static i => MathF.Cos(i))));
        var again = Sent(probe, update with { IsResent = true });
        probe.Control(Answer(1, UpdateOutcome.Refused));
        var last = Sent(probe, update with { IsResent = true });
        Assert.Equal(first.Values, again.Values);
        Assert.All([again, last], next => Assert.Equal(first.Coded!.Bytes, next.Coded!.Bytes));
    }

    /// <summary>As after a start from an older copy of the state: the receipt is that of another update.</summary>
    [Fact]
    public void An_update_that_gets_another_number_has_the_same_bits_and_nothing_waits_twice()
    {
        using var probe = Probe(new() { Code = Tenth });
        var update = Update(Of(static i => i)) with { Loss = 0.5f };
        var first = Sent(probe, update);
        probe.Control(Answer(1, UpdateOutcome.Refused) with { Fates = [new(1, UpdateOutcome.Refused, "norm", Fingerprint: 1)] });
        var again = Sent(probe, update with { Sequence = 9, IsResent = true });
        probe.Control(Answer(9, UpdateOutcome.Applied));
        var rest = Sent(probe, Update(new float[Length]) with { Leaving = true, Steps = 0 });
        Assert.Equal(9, again.Sequence);
        Assert.Equal(first.Values, again.Values.AsEnumerable());
        Assert.Equal(update.Values, first.Values.Zip(rest.Values, static (a, b) => a + b));
        Assert.Equal(0, probe.Metrics.Counter("changes-restored"));
    }

    /// <summary>DGC: what waits moves on with its velocity until it is sent, and begins at rest again.</summary>
    [Fact]
    public void Momentum_is_corrected_as_in_the_paper()
    {
        using var probe = Probe(new() { Code = TensorCode.TopK(1.0 / Length), Momentum = 0.5f });
        float[] Both(float a, float b) => Of(i => i == 0 ? a : i == 1 ? b : 0);
        Assert.Equal(Both(8, 0), Sent(probe, Update(Both(8, 4))).Values);
        Assert.Equal(Both(0, 6), Sent(probe, Update(Both(0, 0))).Values);       // 4 + ½ · 4
        Assert.Equal(Both(1, 0), Sent(probe, Update(Both(1, 0))).Values);
        Assert.Equal(Both(0, 0), Sent(probe, Update(Both(0, 0))).Values);
    }

    /// <summary>From a quarter to a hundredth in two updates: the share between is a twentieth.</summary>
    [Fact]
    public void The_share_falls_in_the_warm_up()
    {
        using var probe = Probe(new() { Code = TensorCode.TopK(0.01), WarmUp = 2 });
        int Given() => Sent(probe, Update(Of(static i => 1 + i))).Values.Count(static v => v != 0);
        Assert.Equal([50, 10, 2, 2], [Given(), Given(), Given(), Given()]);
    }

    [Fact]
    public void A_long_update_is_shortened_before_it_waits()
    {
        using var probe = Probe(new() { Code = Tenth, MaxNorm = 5 });
        float[] Both(float a, float b) => Of(i => i == 0 ? a : i == 1 ? b : 0);
        Assert.Equal(Both(3, 4), Sent(probe, Update(Both(30, 40))).Values);
        Assert.Equal(Both(0, -2), Sent(probe, Update(Both(0, -2))).Values);
    }

    [Fact]
    public void What_is_not_finite_goes_as_it_is_and_spoils_nothing()
    {
        using var probe = Probe(new() { Code = Tenth });
        Sent(probe, Update(Of(static i => i)));
        var wrong = Sent(probe, Update(Of(static i => i == 7 ? float.NaN : 0)));
        probe.Control(Answer(_sequence, UpdateOutcome.Refused));
        Assert.Null(wrong.Coded);
        Assert.Equal(Of(static i => i is >= 160 and < 180 ? i : 0), Sent(probe, Update(new float[Length])).Values);
    }

    [Fact]
    public void Updates_of_another_model_are_dropped_and_announcements_pass()
    {
        using var probe = Probe(new() { Code = Tenth });
        probe.Send(Update(new float[Length]) with { SchemaHash = 7 });
        Assert.Equal((1L, 0), (probe.Metrics.Drops["schema"], probe.Count()));
        Assert.Null(Sent(probe, Update(new float[Length]) with { Steps = 0 }).Coded);
    }

    [Fact]
    public void Wrong_options_are_refused_at_wiring()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Code = TensorCode.TopK(0) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Code = TensorCode.Qsgd(9) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Code = TensorCode.KBit(0) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Code = TensorCode.Ternary(float.NaN) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Code = Tenth, MaxUnanswered = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Code = Tenth, Momentum = 1 }));
        Assert.Throws<ArgumentException>(() => Probe(new() { Code = TensorCode.Qsgd(), Momentum = 0.9f }));
        Assert.Throws<ArgumentException>(() => Probe(new() { Code = TensorCode.Sign(), WarmUp = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Code = Tenth, WarmUp = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Probe(new() { Code = Tenth, MaxNorm = 0 }));
    }

    private static float[] Of(Func<int, float> value) => [.. Enumerable.Range(0, Length).Select(value)];
    private WeightDelta Update(float[] change) => SiteMessages.Update(Model, "d", ++_sequence, change);

    private static WeightDelta Sent(OperatorProbe probe, WeightDelta update)
    {
        probe.Send(update);
        return probe.Take<WeightDelta>();
    }

    private static Receipt Answer(long sequence, UpdateOutcome outcome) => new()
    {
        Device = "d",
        Epoch = 1,
        Aggregator = "edge",
        Newest = new(0, 0),
        Fates = [new(sequence, outcome, null)],
    };

    private static OperatorProbe Probe(CodeUpdatesOptions options) => OperatorProbe.From<WeightDelta>((p, updates) =>
        updates.CodeUpdates(Model, options, p.Input<Receipt>("receipts")).Output("main"));
}
