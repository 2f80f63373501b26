namespace Acceptance.Tests;

/// <summary>Section 1.8: who is invited. 100 devices, 10 a round, speeds log-uniform from a tenth to one.</summary>
public sealed class At01Selection
{
    private const int Devices = 100;
    private const int PerRound = 10;
    private const int Rounds = 200;
    private static readonly int Seeds = LongForm.IsAsked ? 3 : 1;

    [LongFact]
    public void AT_1e_Devices_chosen_by_tier_or_utility_make_rounds_shorter_and_answers_no_worse()
    {
        var (time, accuracy) = (new double[3], new double[3]);
        for (var seed = 0; seed < Seeds; seed++)
        {
            Cohort[] cohorts = [Cohort.Random(PerRound), Cohort.Tier(PerRound), Cohort.Utility(PerRound)];
            for (var c = 0; c < cohorts.Length; c++)
            {
                using var fleet = Fleet(cohorts[c], seed);
                fleet.RunRounds(Rounds);
                time[c] += fleet.Rounds.Take(Rounds).Average(r => (r.Ended - r.StartedAt).TotalSeconds) / Seeds;
                accuracy[c] += fleet.Accuracy() / Seeds;
            }
        }

        TestContext.Current.SendDiagnosticMessage(
            $"mean round: random {time[0]:0.000} s, tiers {time[1]:0.000} s, utility {time[2]:0.000} s; "
            + $"accuracy {accuracy[0]:0.000}, {accuracy[1]:0.000}, {accuracy[2]:0.000}");
        Assert.True(time[0] >= 1.5 * time[1], $"tiers: {time[0] / time[1]:0.00} times shorter");
        Assert.True(time[0] >= 2 * time[2], $"utility: {time[0] / time[2]:0.00} times shorter");
        Assert.InRange(accuracy[1], accuracy[0] - 0.02, 1);
        Assert.InRange(accuracy[2], accuracy[0] - 0.02, 1);
    }

    private static GlyphFleet Fleet(Cohort cohort, long seed) => new(new()
    {
        Strategy = new FedAvg(Devices) { Cohort = cohort },
        Rows = Partition.Uniform(GlyphFleet.Digits, Devices),
        Seed = seed,
        BatchRows = 8,
        Steps = 5,
        LearningRate = 0.05f,
        Announce = true,
        Speed = device => Math.Pow(10, -new RandomStream(seed, "speed", $"{device}").NextDouble()),
    });
}
