using StreamLearn.Compression;

namespace Acceptance.Tests;

/// <summary>Section 13.4: a model that was distilled, pruned, and rounded to 8 bits answers across devices and an edge.</summary>
public sealed class At13Together
{
    private const int BatchRows = 8, Batches = 63;

    /// <summary>Three devices measure 8 digits each 400 ms, over links of 1 Mbit/s and 20 ms each way, of which none carries anything from
    /// second 10 to 15. The teacher's cut is the fastest, and in the outage it answers on the device. Of the small network, devices have
    /// the layers up to the first exit, where sure rows leave.</summary>
    [Fact]
    public void AT_13a_A_tenth_of_the_size_and_half_the_latency_cost_a_point_at_most_through_an_outage()
    {
        var digits = CompressedDigits.Of(0);
        Network student = new(new(GlyphDigits.Pixels), GlyphDigits.Classes, [new Dense(24), new Relu(), new Dense(64), new Relu()],
            [new(1, new Dense(GlyphDigits.Classes)), new(3, new Dense(GlyphDigits.Classes))], seed: 1);
        var distilled = digits.Mlp.DistillInto(student, digits.Rows,
            retrain: new() { Steps = 3000, Optimizer = new Sgd(0.02f, 0.9f) { Schedule = Schedule.Step(2000, 0.2f) } });
        var pruned = distilled.Prune(digits.Rows, new PruneOptions
        {
            Schedule = new(0.7f),
            Retrain = new() { Steps = 1200, Optimizer = new Sgd(0.005f, 0.9f) },
        });
        var small = pruned.Quantize(digits.Some(0, 500));
        var rounded = ((Int8Network)small.Model).Rounded;

        var (size, whole) = (ModelFile.Save(small.Model, small.Weights, small.Card).Length, 4.0 * digits.Mlp.Model.Plan.Values);
        var teacher = Run((Network)digits.Mlp.Model, digits.Mlp.Weights, new());
        var together = Run(rounded, small.Weights,
            new() { Leaving = ExitRule.WhenConfident(2, 0.95f), MaxLayers = rounded.Exits[0].After + 1 });

        TestContext.Current.SendDiagnosticMessage($"{size / whole:P1} of the bytes; latency {together.Latency.TotalMilliseconds:F0} ms of "
            + $"{teacher.Latency.TotalMilliseconds:F0}; accuracy {together.Accuracy:P2} of {teacher.Accuracy:P2}; distilled "
            + $"{digits.Accuracy(distilled):P2}, pruned {digits.Accuracy(pruned):P2}, int8 {digits.Accuracy(small):P2}; "
            + $"{together.Early:P0} left early, {together.ByEdge:P0} answered by the edge");
        Assert.InRange(size / whole, 0, 0.1);
        Assert.InRange(together.Latency / teacher.Latency, 0, 0.5);
        Assert.InRange(together.Accuracy, teacher.Accuracy - 0.01, 1);
        Assert.InRange(together.Early, 0.2, 0.99);
        Assert.InRange(together.ByEdge, 0.01, 0.8);

        (TimeSpan Latency, double Accuracy, double Early, double ByEdge) Run(Network network, Weights weights, AcrossOptions options)
        {
            const int Devices = 3;
            var (features, labels) = digits.Unseen(BatchRows * Batches);
            var world = new AcrossWorld(new(network, features, BatchRows, TimeSpan.FromMilliseconds(400)), weights,
                options with { Within = TimeSpan.FromSeconds(1) })
            {
                Devices = Devices,
                Link = new()
                {
                    UpBitsPerSecond = 1e6,
                    DownBitsPerSecond = 1e6,
                    Delay = TimeSpan.FromMilliseconds(20),
                    Outages = [new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15))],
                },
            };
            world.Run();
            var answers = world.Answers;
            Assert.Equal(Enumerable.Range(0, labels.Length).SelectMany(static row => Enumerable.Repeat(row, Devices)),
                answers.Select(static a => a.Row).Order());
            return (TimeSpan.FromTicks((long)answers.Average(static a => a.Took.Ticks)),
                answers.Average(a => a.Class == labels[a.Row] ? 1.0 : 0), answers.Average(static a => a is { Place: 0, Exit: 0 } ? 1.0 : 0),
                answers.Average(static a => a.Place));
        }
    }
}
