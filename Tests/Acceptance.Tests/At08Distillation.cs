using StreamLearn.Compression;

namespace Acceptance.Tests;

/// <summary>Section 8.8: distillation. The student is 784-10-10, 17 times smaller than the teacher.</summary>
public sealed class At08Distillation
{
    [Fact]
    public void AT_8i_A_student_learns_more_from_a_teacher_than_from_few_labels()
    {
        var (hard, soft) = Both(0, 250);

        TestContext.Current.SendDiagnosticMessage($"250 rows: labels {hard:P2}, teacher {soft:P2}");
        Assert.InRange(soft - hard, 0.01, 1);
    }

    /// <summary>Means over seeds 0, 1 and 2.</summary>
    [LongFact]
    public void AT_8i_A_teacher_helps_at_every_number_of_rows_and_more_rows_help_too()
    {
        var (all, before) = (0.0, 0.0);
        foreach (var rows in new[] { 250, 500, 1000, 2000, 4000 })
        {
            var (hard, soft) = (0.0, 0.0);
            for (var seed = 0; seed < 3; seed++)
            {
                var (byLabels, byTeacher) = Both(seed, rows);
                (hard, soft) = (hard + (byLabels / 3), soft + (byTeacher / 3));
            }

            TestContext.Current.SendDiagnosticMessage($"{rows} rows: labels {hard:P2}, teacher {soft:P2}");
            Assert.InRange(soft - hard, -0.005, 1);
            Assert.InRange(soft, before, 1);
            (all, before) = (all + ((soft - hard) / 5), soft);
        }

        Assert.InRange(all, 1e-9, 1);
    }

    [Theory]
    [InlineData("edge")]
    [InlineData("cloud")]
    public void AT_8i_Scores_travel_between_two_nodes_in_a_twentieth_of_the_bytes_of_weights(string teacherAt)
    {
        const int Rows = 600;
        var digits = CompressedDigits.Of(0);
        var shared = new Sample(digits.Some(0, Rows).Features, Rows);      // nobody has labels
        SoftLabels? came = null;
        var scores = SoftLabels.Of(digits.Mlp, shared, [.. Enumerable.Range(0, Rows)], teacherAt);
        using var world = new VirtualWorld(new() { Seed = 1 });
        var link = world.Transport("link");
        var teacher = world.Add(Pipeline.Define(teacherAt, p => p
            .From("scores", scores, static (SoftLabels scores, OperatorContext context) => new ScoresOnce(scores, context))
            .Publish(link, "scores", CompressionCodecs.SoftLabels)), new(), new LinkProfile());
        world.Add(Pipeline.Define("student", p => p.Subscribe(link, "scores", CompressionCodecs.SoftLabels)
            .ForEach("learn", scores => came = scores)));
        world.RunFor(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        var student = CompressedDigits.Untrained(Student(0)).Distill(shared, came!, teacherShare: 1, retrain: Retrain(0));
        var weights = digits.Mlp.Model.Plan.ParameterBytes;
        TestContext.Current.SendDiagnosticMessage(
            $"{digits.Accuracy(student):P2} without labels, {teacher.BytesUp} bytes, weights {weights}");
        Assert.InRange(teacher.BytesUp, 1, weights / 20);
        Assert.InRange(digits.Accuracy(student), 0.9, 1);
    }

    /// <summary>Each device knows labels of some classes only, and has another structure; all have rows without labels.</summary>
    [Fact]
    public void AT_8i_Devices_of_different_structures_teach_each_other_what_one_of_them_alone_does_not_know()
    {
        const int Devices = 3, Shared = 1000, Rounds = 2;
        var digits = CompressedDigits.Of(0);
        var shared = new Sample(digits.Some(0, Shared).Features, Shared);
        int[][] hidden = [[10], [16, 16], [24]];
        var models = new LoadedModel[Devices];
        for (var d = 0; d < Devices; d++)
        {
            var start = CompressedDigits.Untrained(ReferenceModels.Mlp(GlyphDigits.Pixels, hidden[d], GlyphDigits.Classes, d));
            models[d] = OwnRows(digits.Some(Shared + (d * 1000), 1000), label => label % Devices == d, start, d);
        }

        var before = models.Average(digits.Accuracy);
        ImmutableArray<int> places = [.. Enumerable.Range(0, Shared)];
        for (var round = 0; round < Rounds; round++)
        {
            var given = new SoftLabels[Devices];
            for (var d = 0; d < Devices; d++) { given[d] = SoftLabels.Of(models[d], shared, places, $"device-{d}", round); }
            var consensus = SoftLabels.Consensus(given, "server");
            for (var d = 0; d < Devices; d++)
            {
                models[d] = models[d].Distill(shared, consensus, teacherShare: 1, retrain: Retrain(round));
            }
        }

        var after = models.Average(digits.Accuracy);
        TestContext.Current.SendDiagnosticMessage($"mean of {Devices} devices: alone {before:P2}, with each other's scores {after:P2}");
        Assert.InRange(after - before, 0.03, 1);
    }

    private static (double ByLabels, double ByTeacher) Both(int seed, int rows)
    {
        var digits = CompressedDigits.Of(seed);
        var some = digits.Some(0, rows);
        var retrain = Retrain(seed, 4000);
        return (digits.Accuracy(CompressedDigits.Untrained(Student(seed)).Retrain(some, retrain)),
            digits.Accuracy(digits.Mlp.DistillInto(Student(seed), some, teacherShare: 0.9f, retrain: retrain)));
    }

    private static RetrainOptions Retrain(int seed, int steps = 1500) => new()
    {
        Optimizer = new Sgd(0.01f, 0.9f, float.PositiveInfinity) { Schedule = Schedule.Cosine(steps) },
        Steps = steps,
        BatchRows = 16,
        Seed = seed,
    };

    private static Network Student(int seed) => ReferenceModels.Mlp(GlyphDigits.Pixels, [10], GlyphDigits.Classes, seed);

    private static LoadedModel OwnRows(in Sample rows, Func<int, bool> has, LoadedModel start, int device)
    {
        var (features, labels) = (new List<float>(), new List<int>());
        for (var r = 0; r < rows.Rows; r++)
        {
            if (!has(rows.Labels[r])) { continue; }
            features.AddRange(rows.Features.Slice(r * GlyphDigits.Pixels, GlyphDigits.Pixels));
            labels.Add(rows.Labels[r]);
        }

        return start.Retrain(new((float[])[.. features], (int[])[.. labels]), Retrain(device));
    }

    private sealed class ScoresOnce(SoftLabels scores, OperatorContext context) : Source<SoftLabels>
    {
        private readonly DateTimeOffset _start = context.Now;
        private bool _made;

        public override DateTimeOffset? NextAt => _made ? null : _start;

        public override SoftLabels Next()
        {
            _made = true;
            return scores;
        }
    }
}
