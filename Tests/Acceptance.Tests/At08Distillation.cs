using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Compression;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Samples;
using StreamLearn.Simulation;
using StreamLearn.Testing;

namespace Acceptance.Tests;

/// <summary>Section 8.8: distillation. The student is 784-10-10, 17 times smaller than the teacher.</summary>
public sealed class At08Distillation
{
    [Fact]
    public void AT_8i_A_student_learns_more_from_a_teacher_than_from_few_labels()
    {
        var (hard, soft) = Both(0, 250);

        TestContext.Current.SendDiagnosticMessage($"250 rows: labels {hard:P2}, teacher {soft:P2}");
        Assert.InRange(soft - hard, 0, 1);
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
        var shared = new RecordedRows(digits.Rows.Features[..(Rows * GlyphDigits.Pixels)], new int[Rows]);      // nobody has labels
        SoftLabels? came = null;
        using var world = new VirtualWorld(new() { Seed = 1 });
        var link = world.Transport("link");
        var teacher = world.Add(Pipeline.Define(teacherAt, p => p
            .From("scores", SoftLabels.Of(digits.Mlp, shared, [.. Enumerable.Range(0, Rows)], teacherAt),
                static (SoftLabels scores, OperatorContext context) => new Once(scores, context))
            .Publish(link, "scores", Distilling.SoftLabelsCodec)), new(), new LinkProfile());
        world.Add(Pipeline.Define("student", p => p.Subscribe(link, "scores", Distilling.SoftLabelsCodec)
            .ForEach("learn", scores => came = scores)));
        world.RunFor(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        var student = Student(0).Distill(shared, came!, new() { TeacherShare = 1, Retrain = Retrain(0) });
        var weights = digits.Mlp.Network.Plan.ParameterBytes;
        TestContext.Current.SendDiagnosticMessage($"{digits.Accuracy(student):P2} without labels, {teacher.BytesUp} bytes, weights {weights}");
        Assert.InRange(teacher.BytesUp, 1, weights / 20);
        Assert.InRange(digits.Accuracy(student), 0.9, 1);
    }

    /// <summary>Each device knows labels of some classes only, and has another structure; all have rows without labels.</summary>
    [Fact]
    public void AT_8i_Devices_of_different_structures_teach_each_other_what_one_of_them_alone_does_not_know()
    {
        const int Devices = 3, Shared = 1000, Rounds = 2;
        var digits = CompressedDigits.Of(0);
        var all = digits.Rows;
        var shared = new RecordedRows(all.Features[..(Shared * GlyphDigits.Pixels)], new int[Shared]);
        int[][] hidden = [[10], [16, 16], [24]];
        var models = new TrainedNetwork[Devices];
        var own = new RecordedRows[Devices];
        for (var d = 0; d < Devices; d++)
        {
            own[d] = Own(all, Shared + (d * 1000), row => all.Labels.Span[row] % Devices == d || row % 10 == 0);
            var start = ReferenceModels.Mlp(GlyphDigits.Pixels, hidden[d], GlyphDigits.Classes, d);
            models[d] = new TrainedNetwork(start, start.Initial).Retrain(own[d], Retrain(d));
        }

        var before = models.Average(digits.Accuracy);
        ImmutableArray<int> places = [.. Enumerable.Range(0, Shared)];
        for (var round = 0; round < Rounds; round++)
        {
            var consensus = SoftLabels.Consensus(
                [.. models.Select((m, d) => SoftLabels.Of(m, shared, places, $"device-{d}", round))], "server");
            models = [.. models.Select(m => m.Distill(shared, consensus, new() { TeacherShare = 1, Retrain = Retrain(round) }))];
        }

        var after = models.Average(digits.Accuracy);
        TestContext.Current.SendDiagnosticMessage($"mean of {Devices} devices: alone {before:P2}, with each other's scores {after:P2}");
        Assert.InRange(after - before, 0.03, 1);
    }

    private static (double ByLabels, double ByTeacher) Both(int seed, int rows)
    {
        var digits = CompressedDigits.Of(seed);
        var some = new RecordedRows(digits.Rows.Features[..(rows * GlyphDigits.Pixels)], digits.Rows.Labels[..rows]);
        var options = new DistillOptions { TeacherShare = 0.9f, Retrain = Retrain(seed, 4000) };
        return (digits.Accuracy(Student(seed).Retrain(some, options.Retrain)),
            digits.Accuracy(digits.Mlp.DistillInto(Student(seed), some, options)));
    }

    private static RetrainOptions Retrain(int seed, int steps = 1500) => new()
    {
        Optimizer = new Sgd(0.01f, 0.9f, float.PositiveInfinity) { Schedule = Schedule.Cosine(steps) },
        Steps = steps,
        BatchRows = 16,
        Seed = seed,
    };

    private static TrainedNetwork Student(int seed)
    {
        var network = ReferenceModels.Mlp(GlyphDigits.Pixels, [10], GlyphDigits.Classes, seed);
        return new(network, network.Initial);
    }

    private static RecordedRows Own(RecordedRows all, int from, Func<int, bool> has)
    {
        int[] places = [.. Enumerable.Range(from, 1000).Where(has)];
        return new((float[])[.. places.SelectMany(r => all.Features.Slice(r * GlyphDigits.Pixels, GlyphDigits.Pixels).ToArray())],
            (int[])[.. places.Select(r => all.Labels.Span[r])]);
    }

    private sealed class Once(SoftLabels scores, OperatorContext context) : Source<SoftLabels>
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
