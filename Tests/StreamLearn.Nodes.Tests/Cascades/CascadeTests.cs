namespace StreamLearn.Nodes.Tests;

/// <summary>One tier of a cascade: what it asks, what it gives, and when.</summary>
public sealed class CascadeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Each_question_is_answered_once_and_in_order_by_the_surer_tier()
    {
        using var probe = Probe(new() { Threshold = 0.8 });
        foreach (var (key, confidence) in new[] { (1, 0.9f), (2, 0.5f), (3, 0.95f), (4, 0.6f), (5, 0.7f) })
        {
            probe.Send(Question(key, confidence));
        }

        Assert.Equal([1], Keys(probe));      // the third waits for the second
        Assert.Equal([2L, 4, 5], probe.TakeAll<CascadeQuestion>(1).Select(q => q.Key));
        probe.Control(Higher(4, 0.65f));
        Assert.Equal(0, probe.Count());
        probe.Control(Higher(2, 0.4f));

        Assert.Equal(
            [(2, 0, CascadeOutcome.Kept), (3, 0, CascadeOutcome.Sure), (4, 1, CascadeOutcome.Better)],
            probe.TakeAll<CascadeAnswer>().Select(a => (a.Key, a.Tier, a.Outcome)));
        Assert.Equal((4L, 1), probe.Take<CascadeLesson>(2) is var lesson ? (lesson.Question.Key, lesson.Answer.Tier) : default);
        probe.Advance(Second);
        Assert.Equal((5, CascadeOutcome.Deadline, 0.7f), probe.Expect<CascadeAnswer>() is var last
            ? (last.Key, last.Outcome, last.Confidence) : default);
        probe.Control(Higher(5, 1));
        probe.ExpectNothing();
        Assert.Equal(1, probe.Metrics.Drops["late"]);
    }

    [Fact]
    public void A_question_whose_key_waits_is_dropped_and_the_oldest_gives_way_when_too_many_wait()
    {
        using var probe = Probe(new() { MaxWaiting = 2 });
        foreach (var key in new[] { 1, 1, 2, 3 }) { probe.Send(Question(key, 0)); }
        Assert.Equal((1, CascadeOutcome.Full), probe.Expect<CascadeAnswer>() is var full ? (full.Key, full.Outcome) : default);
        Assert.Equal(1, probe.Metrics.Drops["duplicate"]);
        probe.Clear();
        probe.Complete();
        Assert.Equal([2, 3], Keys(probe));
    }

    /// <summary>6 a minute and 2 at once: tokens come back every 10 s.</summary>
    [Fact]
    public void The_budget_lets_a_burst_pass_and_then_its_rate()
    {
        using var probe = Probe(new() { Budget = (PerMinute: 6, Burst: 2), MaxMisses = int.MaxValue });
        List<int> asked = [];
        for (var second = 0; second <= 40; second++)
        {
            probe.Send(Question(second, 0));
            if (probe.Count(1) > 0) { asked.Add(second); }
            probe.Clear();
            probe.Advance(Second);
        }
        Assert.Equal([0, 1, 10, 20, 30, 40], asked);
    }

    [Fact]
    public void After_missed_deadlines_the_next_tier_is_left_alone_and_then_tried_with_one_item()
    {
        using var probe = Probe(new() { MaxMisses = 2, RetryAfter = TimeSpan.FromSeconds(5) });
        List<(int, CascadeOutcome)> given = [];
        for (var i = 0; i < 12; i++)
        {
            probe.Send(Question(i, 0));
            probe.Advance(Second);
            given.AddRange(probe.TakeAll<CascadeAnswer>().Select(a => ((int)a.Key, a.Outcome)));
        }

        // 0 and 1 are missed by 2 s; one is tried at 7 s, which is missed at 8 s
        Assert.Equal([0, 1, 7], given.Where(g => g.Item2 == CascadeOutcome.Deadline).Select(g => g.Item1));
        Assert.Equal([2, 3, 4, 5, 6, 8, 9, 10, 11], given.Where(g => g.Item2 == CascadeOutcome.Unhealthy).Select(g => g.Item1));
    }

    [Fact]
    public void An_answer_heals_a_tier_that_is_tried_again()
    {
        using var probe = Probe(new() { MaxMisses = 1, RetryAfter = TimeSpan.FromSeconds(2) });
        probe.Send(Question(1, 0));
        probe.Advance(Second);
        probe.Advance(2 * Second);
        probe.Send(Question(2, 0), Question(3, 0));
        probe.Control(Higher(2, 1));
        probe.Send(Question(4, 0));
        probe.Control(Higher(4, 1));
        Assert.Equal(
            [(1, CascadeOutcome.Deadline), (2, CascadeOutcome.Better), (3, CascadeOutcome.Unhealthy), (4, CascadeOutcome.Better)],
            probe.TakeAll<CascadeAnswer>().Select(a => (a.Key, a.Outcome)));
    }

    [Fact]
    public void Private_questions_stay_and_private_values_are_blank_in_what_is_asked()
    {
        using var probe = Probe(new());
        var question = Question(1, 0.1f) with
        {
            Values = [0.1f, 22, 33],
            ValueLabels = [PrivacyLabel.Public, PrivacyLabel.EdgeOnly, PrivacyLabel.DeviceOnly],
        };
        probe.Send(question, Question(2, 0.1f) with { Label = PrivacyLabel.EdgeOnly });
        Assert.Equal([0.1f, 0, 0], probe.Take<CascadeQuestion>(1).Values);
        Assert.Equal(0, probe.Count(1));
        probe.Control(Higher(1, 1));
        var answers = probe.TakeAll<CascadeAnswer>();
        Assert.Equal([CascadeOutcome.Better, CascadeOutcome.Private], answers.Select(a => a.Outcome));
        Assert.Equal([PrivacyLabel.Public, PrivacyLabel.EdgeOnly], answers.Select(a => a.Privacy));
        Assert.Equal([0.1f, 22, 33], probe.Take<CascadeLesson>(2).Question.Values);       // the own tier learns from what it has
        Assert.Equal([0.1f, 22, 0], question.Redacted(PrivacyLabel.EdgeOnly).Values);
        Assert.Equal(PrivacyLabel.EdgeOnly, question.Redacted(PrivacyLabel.EdgeOnly).Privacy);
    }

    [Fact]
    public void An_earlier_answer_does_for_the_same_text_and_for_values_at_most_18_degrees_away()
    {
        using var probe = Probe(new() { CacheCapacity = 2 });
        void Learn(CascadeQuestion question, int known)
        {
            probe.Send(question);
            probe.Control(Higher((int)question.Key, 1) with { Class = known });
            probe.Clear();
        }

        Learn(Question(1, 0) with { Values = [0, 1, 0] }, 7);
        Learn(Question(2, 0) with { Values = [], Text = "how warm is it" }, 8);
        CascadeAnswer? Ask(CascadeQuestion question)
        {
            probe.Send(question);
            return probe.Count(0) == 0 ? null : probe.Take<CascadeAnswer>();
        }

        float[] At(double degrees) => [0, (float)Math.Cos(degrees * Math.PI / 180), (float)Math.Sin(degrees * Math.PI / 180)];
        Assert.Equal((7, CascadeOutcome.Cached, 3L), Ask(Question(3, 0) with { Values = [.. At(18)] }) is { } near
            ? (near.Class, near.Outcome, near.Key) : default);       // cos 18° = 0.951, cos 19° = 0.9455
        Assert.Equal(8, Ask(Question(4, 0) with { Values = [], Text = "how warm is it" })!.Class);
        Assert.Null(Ask(Question(5, 0) with { Values = [.. At(19)] }));
        Assert.Null(Ask(Question(6, 0) with { Values = [], Text = "how warm is it?" }));
        Assert.Equal(2, probe.Metrics.Counter("cached"));

        probe.Control(Higher(5, 1) with { Class = 9 });      // two are kept: that of the first question is gone
        probe.Control(Higher(6, 1));
        probe.Clear();
        Assert.Equal(CascadeOutcome.Cached, Ask(Question(7, 0) with { Values = [.. At(19)] })!.Outcome);
        Assert.Null(Ask(Question(8, 0) with { Values = [0, 1, 0], Text = "x" }) is { Class: 7 } old ? old : null);
    }

    /// <summary>By hand: 0.5 + 0.05 × 0.2 for one that stays, 0.05 × 0.8 less for one that is asked.</summary>
    [Fact]
    public void The_threshold_rises_with_each_that_stays_and_falls_with_each_that_is_asked()
    {
        using var probe = Probe(new() { Threshold = 0.5, TargetShare = 0.2 });
        probe.Send(Question(1, 0.9f));
        Assert.Equal(0.51, probe.Metrics.Gauges["threshold"], 1e-12);
        probe.Send(Question(2, 0.505f));
        Assert.Equal(0.47, probe.Metrics.Gauges["threshold"], 1e-12);
        probe.Send(Question(3, 0) with { Label = PrivacyLabel.DeviceOnly });       // nobody could ask it
        Assert.Equal(0.47, probe.Metrics.Gauges["threshold"], 1e-12);
    }

    [Theory, InlineData(0.8, 0.999), InlineData(0.05, 0.01), InlineData(0.95, 0.6)]
    public void The_share_keeps_its_bound_whatever_the_confidences_are(double target, double confidence)
    {
        var (threshold, asked, items) = (0.5, 0, 20_000);
        for (var i = 0; i < items; i++)
        {
            var isAsked = confidence < threshold;
            asked += isAsked ? 1 : 0;
            threshold = CascadeOptions.NextThreshold(threshold, target, isAsked, 0.05);
        }
        Assert.InRange((double)asked / items, target - (1.1 / (0.05 * items)), target + (1.1 / (0.05 * items)));
    }

    [Fact]
    public void Messages_come_back_from_their_bytes_and_damaged_ones_do_not()
    {
        CascadeQuestion question = new()
        {
            Key = long.MinValue,
            Source = "pump-7",
            Text = "wärme?",
            Label = PrivacyLabel.EdgeOnly,
            Values = [1, float.NaN],
            ValueLabels = [PrivacyLabel.Public, PrivacyLabel.DeviceOnly],
        };
        CascadeAnswer answer = new()
        {
            Key = 3,
            Source = "",
            Class = 2,
            Confidence = 0.25f,
            Tier = 2,
            Outcome = CascadeOutcome.Full,
            Privacy = PrivacyLabel.DeviceOnly,
        };

        RoundTrips(NodesCodecs.CascadeQuestions, question);
        RoundTrips(NodesCodecs.CascadeQuestions, new() { Key = 0 });
        RoundTrips(NodesCodecs.CascadeAnswers, answer);
        RoundTrips(NodesCodecs.CascadeAnswers, answer with { Class = -1, Text = "warm", Source = "p" });
        var bytes = Encoded(NodesCodecs.CascadeAnswers, answer);
        Assert.False(NodesCodecs.CascadeQuestions.TryDecode(new(bytes), new(), out _));
        bytes = Encoded(NodesCodecs.CascadeAnswers, answer with { Confidence = float.NaN });
        Assert.False(NodesCodecs.CascadeAnswers.TryDecode(new(bytes), new(), out _));
    }

    [Fact]
    public void A_rows_question_has_its_columns_and_labels()
    {
        Schema columns = new(
            Field.Time(), Field.Channel("a", Unit.One), Field.Channel("heart", Unit.One) with { Privacy = PrivacyLabel.EdgeOnly },
            new Field(Schema.PrivacyColumn, ColumnType.Int32, Unit.One));
        using var probe = OperatorProbe.Of<Batch, CascadeQuestion>(rows => rows.ToQuestions(), columns);
        probe.Send(Batches.Of(probe.Pool, columns, new[] { 5L, 6 }, new[] { 1f, 2 }, new[] { 3f, 4 }, new[] { 0, 2 }));
        var asked = probe.TakeAll<CascadeQuestion>();
        Assert.Equal([(5, PrivacyLabel.Public, PrivacyLabel.EdgeOnly), (6, PrivacyLabel.DeviceOnly, PrivacyLabel.DeviceOnly)],
            asked.Select(q => (q.Key, q.Label, q.Privacy)));
        Assert.Equal([2f, 4], asked[1].Values);
    }

    /// <summary>Softmax of scores over 2 has the probabilities p^½ over their sum.</summary>
    [Fact]
    public void A_models_confidence_is_that_of_its_scores_over_the_temperature()
    {
        SoftmaxRegression model = new(2, 3, seed: 4);
        var random = new RandomStream(1, "x");
        CascadeQuestion question = new() { Key = 1, Values = [3, -2] };
        var scores = new float[3];
        model.Infer(model.Initial.Values.AsSpan(), new Sample(question.Values.AsSpan(), 1), scores, new());
        var roots = scores.Select(p => Math.Sqrt(p)).ToList();
        var answer = new ModelTier(model, model.Initial, temperature: 2).Answer(question, random, new());
        Assert.Equal(roots.Max() / roots.Sum(), answer.Confidence, 1e-6);
        Assert.Equal(Array.IndexOf(scores, scores.Max()), answer.Class);
        Assert.Equal(TierAnswer.None, new ModelTier(model, model.Initial).Answer(question with { Values = [1] }, random, new()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelTier(model, model.Initial, 0));
    }

    private static void RoundTrips<T>(ICodec<T> codec, T message) where T : class
    {
        var bytes = Encoded(codec, message);
        Assert.True(codec.TryDecode(new(bytes), new(), out var read));
        Assert.Equal(message, read);
        for (var i = 0; i < bytes.Length; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[i] ^= 0x41;
            Assert.False(codec.TryDecode(new(damaged), new(), out _));
            Assert.False(codec.TryDecode(new(bytes.AsMemory(0, i)), new(), out _));
        }
    }

    private static OperatorProbe Probe(CascadeOptions options) => OperatorProbe.From<CascadeQuestion>((p, questions) =>
        OperatorProbe.Use(questions.Cascade(new SaidTier(), p.Input<CascadeAnswer>("higher"), options)));

    private static CascadeQuestion Question(int key, float confidence) => new() { Key = key, Source = "d", Values = [confidence] };

    private static CascadeAnswer Higher(int key, float confidence) =>
        new() { Key = key, Source = "d", Class = 1, Confidence = confidence, Tier = 1 };

    private static IEnumerable<long> Keys(OperatorProbe probe) => probe.TakeAll<CascadeAnswer>().Select(a => a.Key);

    /// <summary>Is as sure as the first value says.</summary>
    private sealed record SaidTier : ICascadeTier
    {
        public string Name => "said";

        public TierAnswer Answer(CascadeQuestion question, RandomStream random, Workspace memory) =>
            new(0, "", question.Values.IsEmpty ? 0 : question.Values[0]);
    }
}
