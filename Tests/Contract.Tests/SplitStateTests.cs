using StreamLearn.Nodes;

namespace Contract.Tests;

/// <summary>
/// The sides of a split network, joined by a link that is out at times: whatever is on the way when they are saved and taken up by new
/// ones, they go on to the same bits.
/// </summary>
public sealed class SplitStateTests
{
    private static readonly Network Network = new(
        new(3), 3, [new Scale(), new Dense(4), new BatchNorm(), new Relu(), new Dropout(0.2f), new Dense(4)],
        [new(1, new Dense(3), 0.5f), new(5, new Dense(3))], seed: 1);

    private static readonly SplitTrainOptions Options = new()
    {
        Optimizer = new Adam(0.02f),
        BatchRows = 3,
        ReportEvery = 7,
        GradientTimeout = TimeSpan.FromMilliseconds(40),
    };

    /// <summary>Rows that spoil a batch, and two batches one after the other.</summary>
    private static readonly int[] Spoiled = [20, 21, 60, 100, 101, 102, 103, 104, 105, 150];

    [Theory]
    [InlineData(1, null, 1)]
    [InlineData(2, null, 3)]
    [InlineData(1, 4, 1)]
    [InlineData(2, 5, 3)]
    public void States_saved_after_any_call_and_taken_up_by_new_sides_go_on_to_the_same_bits(int split, int? end, int inFlight)
    {
        var whole = Run(split, end, inFlight, null);
        var random = new Random(split);

        Assert.Equal(whole, Run(split, end, inFlight, _ => random.Next(3) == 0));
        Assert.Equal(whole, Run(split, end, inFlight, _ => true));
        var front = Assert.Single(whole, l => l.StartsWith("split-front ", StringComparison.Ordinal));
        Assert.All(["duplicate=", "late=", "missing-gradients=", "moves=", "rolled-back-steps="],
            reason => Assert.Contains(reason, front, StringComparison.Ordinal));
    }

    private static List<string> Run(int split, int? end, int inFlight, Func<Node, bool>? reloads)
    {
        using var world = new VirtualWorld(new() { Seed = 3, GuardMemory = true, Reloads = reloads });
        var air = world.Transport("air");
        var options = Options with { InFlight = inFlight };
        var script = new Script(Rows.Ordinary);
        var link = new LinkProfile
        {
            Delay = TimeSpan.FromMilliseconds(8),
            Outages =
            [
                .. Enumerable.Range(1, 12).Select(i => TimeSpan.FromMilliseconds(170 * i))
                    .Select(from => (from, from + TimeSpan.FromMilliseconds(60))),
            ],
        };
        world.Add(Edge(air, script, split, end, options));
        world.Add(Echo(air), link: new() { Delay = TimeSpan.FromMilliseconds(20) });
        VirtualDevice[] devices = [world.Add(Device("device", air, script, split, end, options), link: link), .. world.Devices.Take(1)];

        world.RunToEnd(TestContext.Current.CancellationToken);

        Assert.All(world.Devices, d => Assert.Null(d.Failure));
        Assert.Equal(0, world.Pool.RentedBatches);
        return [.. script.Seen, .. devices.SelectMany(d => SteppedRun.Counts(d.Metrics).Split('\n'))];
    }

    private static Pipeline Device(string name, ITransport air, Script s, int split, int? end, SplitTrainOptions options) =>
        Pipeline.Define(name, p =>
        {
            var gradients = p.Subscribe(air, "gradients/+", LearningCodecs.BoundaryGradients);
            var plans = s.Source(p, "plans", Enumerable.Range(0, 90).Select(i => (Func<BatchPool, SplitPlan>)(_ => Plan(i, split))));
            var (activations, reports) = s.FeatureRows(p, Spoil).SplitTrain(Network, split, gradients, plans, options);
            s.Collect(activations, "activations");
            s.Collect(reports, "front");
            if (end is not { } tail)
            {
                activations.Publish(air, "activations/sent", LearningCodecs.Activations);
                return;
            }

            activations.WithoutLabels().Publish(air, "activations/sent", LearningCodecs.Activations);
            var hidden = p.Subscribe(air, "hidden", LearningCodecs.Activations);
            var (back, ends) = hidden.SplitTrain(Network, tail, activations, options);
            back.Publish(air, "hidden-gradients/sent", LearningCodecs.BoundaryGradients);
            s.Collect(ends, "tail");
        });

    private static Pipeline Edge(ITransport air, Script s, int split, int? end, SplitTrainOptions options) => Pipeline.Define("edge", p =>
    {
        var activations = p.Subscribe(air, "activations/+", LearningCodecs.Activations);
        if (end is not { } tail)
        {
            var (gradients, reports) = activations.SplitTrain(Network, split, options: options);
            gradients.Publish(air, "gradients/sent", LearningCodecs.BoundaryGradients);
            s.Collect(gradients, "gradients");
            s.Collect(reports, "tail");
            return;
        }

        var back = p.Subscribe(air, "hidden-gradients/+", LearningCodecs.BoundaryGradients);
        var (hidden, answers) = activations.SplitTrain(Network, split, tail, back, options);
        hidden.Publish(air, "hidden", LearningCodecs.Activations);
        answers.Publish(air, "gradients/sent", LearningCodecs.BoundaryGradients);
        s.Collect(hidden, "hidden");
        s.Collect(answers, "gradients");
    });

    private static Pipeline Echo(ITransport air) => Pipeline.Define("echo", p =>
    {
        p.Subscribe(air, "activations/sent", LearningCodecs.Activations).Publish(air, "activations/again", LearningCodecs.Activations);
        p.Subscribe(air, "gradients/sent", LearningCodecs.BoundaryGradients)
            .Publish(air, "gradients/again", LearningCodecs.BoundaryGradients);
        p.Subscribe(air, "hidden-gradients/sent", LearningCodecs.BoundaryGradients)
            .Publish(air, "hidden-gradients/again", LearningCodecs.BoundaryGradients);
    });

    /// <summary>Layers to the device, all to the edge, all to the device, which a middle part refuses, and back; each from later batches
    /// on.</summary>
    private static SplitPlan Plan(int number, int split) => new()
    {
        Split = number is >= 60 and < 70 ? Network.Layers.Length : (number / 5 % 3) switch { 1 => 4, 2 => 0, _ => split },
        FromSequence = (number / 2) + (8 * (number % 3)),
    };

    private static void Spoil(Batch batch)
    {
        for (var row = 0; row < batch.Rows; row++)
        {
            if (Spoiled.Contains(row)) { batch["f1"].Writable<float>()[row] = 3e38f; }
        }
    }
}
