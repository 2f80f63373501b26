namespace StreamLearn.Fleets.Tests;

/// <summary>A fleet with a barrier whose devices, each with other rows, end one after the other, until one is left for most of the rounds.
/// Every version is judged on people in between.</summary>
public sealed class ShrunkenBarrierTests(ITestOutputHelper output)
{
    private const int Devices = 8;
    private const int Classes = 4;
    private const double Point = 0.01;

    private static readonly Schema Rows = new(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Label());
    private static readonly SoftmaxRegression Model = new(2, Classes, seed: 1);

    [Theory]
    [InlineData(false, 40, 4)]
    [InlineData(true, 40, 4)]
    [InlineData(false, 400, 4)]
    [InlineData(true, 400, int.MaxValue)]       // nothing but its own two classes
    public void It_ends_within_a_point_of_its_best_version_and_with_the_same_bits_each_time(bool averages, int longest, int ofOthers)
    {
        int[] batches = [longest, .. Enumerable.Range(1, Devices - 1).Select(static d => 20 + (2 * d))];
        var options = new AggregateOptions { Averaging = averages ? Averaging.For(new FedAvg(Devices)) : Averaging.None };
        var before = Run(new FedAvg(Devices).Rounds with { WholeFrom = 0 }, options with { Averaging = Averaging.None }, batches, ofOthers);

        var fleet = Run(new FedAvg(Devices), options, batches, ofOthers);

        var (best, end, was) = (fleet.Max(Accuracy), Accuracy(fleet[^1]), Accuracy(before[^1]));
        output.WriteLine(FormattableString.Invariant($"{fleet.Count} versions   best {best:0.000}   end {end:0.000}   before {was:0.000}"));
        Assert.InRange(was, 0, best - (7 * Point));
        Assert.InRange(end, best - Point, 1);
        Assert.Equal(fleet[^1].Sha256(), Run(new FedAvg(Devices), options, batches, ofOthers)[^1].Sha256());
    }

    /// <summary>After few rounds of all, those that are left soon are the fleet.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    public void Devices_that_end_early_do_not_hold_the_others_back_for_good(int early)
    {
        int[] batches = [.. Enumerable.Range(0, Devices).Select(d => d < early ? 3 : 60)];
        var options = new AggregateOptions { Averaging = Averaging.None };

        var free = Run(new FedAvg(Devices).Rounds with { WholeFrom = 0 }, options, batches, rate: 0.01f);
        var fleet = Run(new FedAvg(Devices), options, batches, rate: 0.01f);

        output.WriteLine(FormattableString.Invariant($"end {Accuracy(fleet[^1]):0.000}   at once {Accuracy(free[^1]):0.000}"));
        Assert.InRange(Accuracy(fleet[^1]), Accuracy(free[^1]) - Point, 1);
    }

    private static double Accuracy(Weights weights)
    {
        const int Judged = 400;
        var (features, labels) = (new float[2 * Devices * Judged], new int[Devices * Judged]);
        for (var r = 0; r < labels.Length; r++)
        {
            var random = new RandomStream(r, "unseen");
            (features[2 * r], features[(2 * r) + 1], labels[r]) = Draw(r % Devices + 0.5, r / Devices % Classes, random);
        }

        return Evaluation.Of(Model, weights, new(features, labels)).Accuracy;
    }

    /// <summary>Four classes around the corners of a square, moved a little on each device.</summary>
    private static (float X, float Y, int Label) Draw(double device, int label, RandomStream random)
    {
        var turn = 2 * Math.PI * device / Devices;
        return ((float)((label & 1) + (0.3 * Math.Cos(turn)) + (0.2 * random.NextGaussian())),
            (float)((label >> 1) + (0.3 * Math.Sin(turn)) + (0.2 * random.NextGaussian())), label);
    }

    private static List<Weights> Run(Strategy strategy, AggregateOptions options, int[] batches, int ofOthers = 4, float rate = 0.3f)
    {
        using var world = new VirtualWorld(new() { Seed = 3 });
        var edge = world.Transport("edge");
        List<Weights> inUse = [];
        world.Add(Pipeline.Define("aggregator", p =>
        {
            var (made, rounds) = p.Subscribe(edge, "updates", LearningCodecs.Deltas).Aggregate(Model, strategy, options);
            made.Publish(edge, "models", LearningCodecs.Weights, retain: true);
            rounds.ForEach("versions", round => inUse.Add(round.Averaged));
        }));
        for (var d = 0; d < Devices; d++)
        {
            var device = new RowsOptions(d, batches[d], ofOthers);
            world.Add(Pipeline.Define($"device-{d}", p =>
            {
                var (deltas, scores) = p.From("rows", device, static (RowsOptions o, OperatorContext c) => new RowsSource(o, c), Rows)
                    .Train(Model, p.Subscribe(edge, "models", LearningCodecs.Weights),
                        new() { Pace = TrainPace.LockStep, Optimizer = new Sgd(rate), Announce = true });
                deltas.Publish(edge, "updates", LearningCodecs.Deltas);
                scores.Discard();
            }));
        }

        world.RunToEnd(TestContext.Current.CancellationToken);
        Assert.All(world.Devices, static d => Assert.Null(d.Failure));
        return inUse;
    }

    private sealed record RowsOptions(int Device, int Batches, int OfOthers);

    /// <summary>Sixteen rows a second, most of them of two of the classes.</summary>
    private sealed class RowsSource(RowsOptions options, OperatorContext context) : Source<Batch>
    {
        private readonly RandomStream _random = new(options.Device, "rows");
        private int _made;

        public override DateTimeOffset? NextAt => _made < options.Batches ? OperatorProbe.Start.AddSeconds(_made) : null;

        public override Batch Next()
        {
            _made++;
            var batch = context.Pool.Rent(Rows, 16);
            for (var r = 0; r < batch.Rows; r++)
            {
                var label = (options.Device + _random.NextInt32(_random.NextInt32(options.OfOthers) == 0 ? Classes : 2)) % Classes;
                (batch["x"].Writable<float>()[r], batch["y"].Writable<float>()[r], batch["label"].Writable<int>()[r]) =
                    Draw(options.Device, label, _random);
            }

            return batch;
        }
    }
}
