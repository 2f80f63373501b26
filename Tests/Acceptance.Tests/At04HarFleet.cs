using Papers;

namespace Acceptance.Tests;

/// <summary>Section 4.6: activity recognition on 21 simulated devices of three kinds, plain federated averaging beside the best common
/// split and ARES. Recorded people where they are there, else generated ones.</summary>
public sealed class At04HarFleet(ITestOutputHelper output)
{
    private const int Devices = 21;
    private const int Rounds = 2;
    private const int RoundBatches = 4;
    private const double Alpha = .5;

    private static readonly Lazy<FleetRows> People = new(static () => FleetRows.Of(SharedFolders.Find("har"), seed: 0));

    private static readonly Lazy<FleetSetup> Short = new(static () => Setup(RoundBatches));

    private static int Layers => Short.Value.Costs.Count;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void AT_4m_Weights_are_those_of_federated_averaging_by_hand_and_the_same_bits_under_each_plan()
    {
        var setup = Short.Value;
        var runs = new[] { static (int _) => Layers, static _ => 2, static d => 2 + (d % (Layers - 1)) }
            .Select(split => new PlannedRun(
                setup, new("", BoundaryForm.Float32, [.. Enumerable.Range(0, Devices).Select(split)])))
            .Select(static run => (Run: run, Points: run.Play(Rounds, cancellationToken: Token))).ToList();

        Assert.Equal(Rounds, runs[0].Points.Select(static p => p.Sha256).Distinct().Count());
        Assert.All(runs, run => Assert.Equal(runs[0].Points.Select(static p => p.Sha256), run.Points.Select(static p => p.Sha256)));
        At04SplitFed.Near(ByHand(setup), [.. runs[0].Run.Newest.Values]);
    }

    /// <summary>What a batch adds, by two runs; the cost model has no frames around values, which are a hundredth.</summary>
    [Theory]
    [InlineData(4, 100e6)]
    [InlineData(1, null)]
    public void AT_4k_The_world_measures_the_seconds_and_joules_of_a_batch_that_the_plan_says(int bytes, double? rate)
    {
        var boundary = bytes == 4 ? BoundaryForm.Float32 : BoundaryForm.EightBit;
        var link = rate is { } bits ? new LinkProfile { UpBitsPerSecond = bits, DownBitsPerSecond = bits } : null;
        var (one, two) = (Setup(RoundBatches, link), Setup(2 * RoundBatches, link));
        var plan = new AresJoint().Plan(one.Costs, one.View, FleetSetup.Objective(boundary, Alpha));
        var splits = one.Plan(FleetFigures.Ares, new AresJoint(), boundary, Alpha);
        var (few, many) = (new PlannedRun(one, splits), new PlannedRun(two, splits));

        var (start, end) = (few.Play(1)[^1], many.Play(1)[^1]);

        Assert.Equal(2, splits.Splits.Distinct().Count());          // some are split, others are not
        for (var d = 0; d < Devices; d++)
        {
            var cost = plan.Routes[d].Cost;
            Near(cost.BatchJoules, (end.Devices[d].Joules - start.Devices[d].Joules) / RoundBatches);
            Near(cost.BatchBytesUp, (end.Devices[d].BytesUp - start.Devices[d].BytesUp) / (double)RoundBatches);
        }

        Near(plan.Routes.Max(static route => route.Cost.BatchSeconds), (end.At - start.At).TotalSeconds / RoundBatches);
    }

    /// <summary>By the powers of each profile, the work of its layers and the bytes of its link: computing, sending, receiving.</summary>
    [Fact]
    public void AT_4k_Joules_are_those_of_layers_and_bytes_by_hand()
    {
        var setup = Short.Value;
        var run = new PlannedRun(setup, new("all kinds split", BoundaryForm.Float32, [.. Enumerable.Repeat(4, Devices)]));

        var uses = run.Play(1)[^1].Devices;

        foreach (var (device, use) in setup.Devices.Zip(uses))
        {
            var (profile, link) = (device.Profile, device.Link);
            var computing = RoundBatches * setup.Training.BatchRows * 3.0 * setup.Costs.MultiplyAddsOf(0, 4)
                / (profile.MultiplyAddsPerSecond * profile.Speed);
            var joules = (profile.Power.ComputingWatts * computing) + (profile.Power.SendingWatts * 8 * use.BytesUp / link.UpBitsPerSecond)
                + (profile.Power.ReceivingWatts * 8 * use.BytesDown / link.DownBitsPerSecond);

            Assert.Equal(joules, use.Joules, 1e-3 * joules);
            Assert.InRange(use.BytesDown, RoundBatches * setup.Training.BatchRows * 1024 * 4, int.MaxValue);
        }
    }

    /// <summary>A round for a round: with 8 bits each plan gives other weights, and so other rounds.</summary>
    [Fact]
    public void AT_4k_ARES_is_worth_more_than_the_best_common_split_and_than_federated_averaging()
    {
        var rows = Figures();

        Assert.Equal([FleetFigures.Plain, FleetFigures.Common, FleetFigures.Ares, FleetFigures.Common, FleetFigures.Ares],
            rows.Select(static row => row.Plan.Name));
        foreach (var (common, ares) in new[] { (rows[1], rows[2]), (rows[3], rows[4]) })
        {
            Assert.InRange(OfRound(ares), 0, OfRound(common));
            Assert.InRange(OfRound(common), 0, 1);
        }

        Assert.True(OfRound(rows[4]) < OfRound(rows[3]));
        Assert.InRange(rows[4].TimeAgainst(rows[0]), -1, LongForm.IsAsked ? -.1 : -.2);

        double OfRound(FleetRow row) => row.ValueAgainst(rows[0], Alpha) * rows[0].Rounds / row.Rounds;
    }

    private ImmutableArray<FleetRow> Figures()
    {
        var setup = LongForm.IsAsked ? new(People.Value, FleetDevices.Of(Devices), seed: 0)
            : new FleetSetup(People.Value with { Judges = One(), Target = .3 }, FleetDevices.Of(Devices), seed: 0)
            {
                RoundBatches = RoundBatches,
            };
        var rows = FleetFigures.Of(setup, Alpha, Token);
        foreach (var line in FleetFigures.Lines(rows, Alpha)) { output.WriteLine(line); }
        Assert.All(rows, static row => Assert.True(row.IsReached, row.Plan.Name));
        Assert.All(rows.Take(3), row => Assert.Equal((rows[0].Rounds, rows[0].Point.Sha256), (row.Rounds, row.Point.Sha256)));
        return rows;
    }

    private static RecordedRows One()
    {
        const int Windows = 300;
        var all = People.Value.Judges;
        return new(all.Features[..(Windows * (all.Features.Length / all.Count))], all.Labels[..Windows]);
    }

    private static FleetSetup Setup(int batches, LinkProfile? link = null) =>
        new(People.Value, FleetDevices.Of(Devices, link), seed: 0) { RoundBatches = batches };

    private static void Near(double expected, double got) => Assert.Equal(expected, got, 0.01 * expected);

    private static float[] ByHand(FleetSetup setup)
    {
        var (network, training) = (setup.Network, setup.Training);
        float[] global = [.. network.Initial.Values];
        var draws = setup.Devices.Select((device, d) => new WindowDraws(setup.Rows.Learners[d], setup.Seed, device.Name)).ToList();
        for (var round = 0; round < Rounds; round++)
        {
            var sum = new double[global.Length];
            foreach (var drawn in draws)
            {
                var weights = OneRound(network, training, [.. global], drawn);
                for (var i = 0; i < sum.Length; i++) { sum[i] += weights[i] / Devices; }
            }

            global = [.. sum.Select(static value => (float)value)];
        }

        return global;
    }

    private static float[] OneRound(Network network, SplitTrainOptions training, float[] weights, WindowDraws draws)
    {
        var (state, gradients, memory) = (new float[weights.Length], new float[weights.Length], new Workspace());
        var (features, labels) = (new float[training.BatchRows * network.Plan.Input.Size], new int[training.BatchRows]);
        for (var b = 0; b < training.RoundBatches; b++)
        {
            for (var r = 0; r < labels.Length; r++)
            {
                (var values, labels[r]) = draws.Next();
                values.Span.CopyTo(features.AsSpan(r * values.Length));
            }

            network.Step(weights, new(features, labels), training.Optimizer, state, b + 1, gradients, memory);
        }

        return weights;
    }
}
