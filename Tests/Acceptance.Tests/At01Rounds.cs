namespace Acceptance.Tests;

/// <summary>Sections 1.1 and 1.8: rounds with a barrier, what they equal, and what they save.</summary>
public sealed class At01Rounds
{
    private const int Devices = 10;

    [Fact]
    public void AT_1b_With_one_step_over_all_rows_FedAvg_is_gradient_descent_on_one_machine()
    {
        const int Rounds = 50;
        const float Rate = 0.3f;
        using var fleet = new GlyphFleet(new()
        {
            Strategy = new FedAvg(Devices),
            Rows = Partition.Uniform(GlyphFleet.Digits, Devices),
            BatchRows = int.MaxValue / GlyphDigits.Pixels,
            Steps = 1,
            LearningRate = Rate,
        });
        fleet.RunRounds(Rounds);

        float[] weights = [.. GlyphFleet.Model.Initial.Values];
        var (gradients, memory, digits) = (new float[weights.Length], new Workspace(), GlyphFleet.Shared(0));
        for (var round = 0; round < Rounds; round++)
        {
            GlyphFleet.Model.Loss(weights, new(digits.Features.AsSpan(), digits.Labels.AsSpan()), gradients, memory);
            for (var i = 0; i < weights.Length; i++) { weights[i] -= Rate * gradients[i]; }
        }

        Assert.Equal(Rounds, fleet.Newest.Version);
        var (difference, norm) = (0.0, 0.0);
        for (var i = 0; i < weights.Length; i++)
        {
            difference += Math.Pow(weights[i] - fleet.Newest.Values[i], 2);
            norm += Math.Pow(weights[i], 2);
        }

        TestContext.Current.SendDiagnosticMessage($"relative difference {Math.Sqrt(difference / norm):e1}");
        Assert.InRange(Math.Sqrt(difference / norm), 0, 1e-5);
    }

    /// <summary>Both at a rate that suits them: FedSGD at the better of two for each seed, of which larger ones are worse.</summary>
    [Fact]
    public void AT_1c_Five_local_epochs_need_at_most_a_fifth_of_the_rounds_of_FedSGD()
    {
        const double Target = 0.93;
        var (averaged, descended) = (0.0, 0.0);
        foreach (var seed in new long[] { 0, 1, 2 })
        {
            averaged += Rounds(seed, batchRows: 32, steps: 5 * 19, rate: 0.1f, Target) ?? throw new InvalidOperationException("no target");
            var fewest = Rounds(seed, 600, 1, 0.3f, Target) ?? 100;
            descended += Rounds(seed, 600, 1, 0.5f, Target, most: fewest) ?? fewest;
        }

        TestContext.Current.SendDiagnosticMessage($"rounds: FedAvg {averaged / 3:0.0}, FedSGD {descended / 3:0.0}");
        Assert.True(averaged <= descended / 5, $"{averaged / 3} rounds, FedSGD {descended / 3}");
    }

    [Fact]
    public void AT_1d_With_over_selection_a_device_that_dies_within_a_round_delays_none()
    {
        const int Rounds = 20;
        using var whole = Fleet(new FedAvg(Devices) { Cohort = Cohort.OverSelection(7) });
        using var bereft = Fleet(new FedAvg(Devices) { Cohort = Cohort.OverSelection(7) });
        using var barrier = Fleet(new FedAvg(Devices));
        foreach (var fleet in new[] { bereft, barrier }) { fleet.World.At(TimeSpan.FromSeconds(1.95), fleet.Devices[3].Crash); }

        whole.RunRounds(Rounds);
        bereft.RunRounds(Rounds);
        barrier.World.RunFor(whole.World.Elapsed, TestContext.Current.CancellationToken);

        Assert.All(whole.Rounds.Zip(bereft.Rounds), pair => Assert.Equal(pair.First, pair.Second));
        Assert.True(bereft.Devices[3].HasCrashed);
        Assert.InRange(whole.Rounds.Count(r => r.Ended < TimeSpan.FromSeconds(1.95)), 3, Rounds - 10);
        Assert.InRange(barrier.Rounds.Count, 1, 10);        // a barrier for all waits for ever
    }

    private static GlyphFleet Fleet(Strategy strategy) => new(new()
    {
        Strategy = strategy,
        Rows = Partition.Uniform(GlyphFleet.Digits, Devices),
        Announce = true,
    });

    private static int? Rounds(long seed, int batchRows, int steps, float rate, double target, int most = 100)
    {
        using var fleet = new GlyphFleet(new()
        {
            Strategy = new FedAvg(Devices),
            Rows = Partition.Uniform(GlyphFleet.Digits, Devices),
            Seed = seed,
            BatchRows = batchRows,
            Steps = steps,
            LearningRate = rate,
        });
        return fleet.RoundsTo(target, most);
    }
}
