namespace Acceptance.Tests;

/// <summary>Sections 1.2, 1.3 and 1.6: what devices do alone, and what is made of it.</summary>
public sealed class At01LocalWork
{
    public static TheoryData<long> Seeds => LongForm.IsAsked ? [0, 1, 2] : [0];

    private const int Devices = 10;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AT_1g_The_average_of_eight_machines_is_better_than_their_mean(long seed)
    {
        const int Machines = 8;
        var alone = new List<double>();
        using var fleet = new GlyphFleet(new()
        {
            Strategy = new OneShot(Machines),
            Rows = Partition.Uniform(GlyphFleet.Digits, Machines),
            Seed = seed,
            BatchRows = 1,
            Steps = GlyphFleet.Digits / Machines,
        })
        { Update = Score };

        fleet.RunRounds(1);

        Assert.Equal(Machines, alone.Count);
        TestContext.Current.SendDiagnosticMessage($"seed {seed}: together {fleet.Accuracy():0.000}, alone {alone.Average():0.000}");
        Assert.True(fleet.Accuracy() > alone.Average());

        void Score(WeightDelta update)
        {
            if (update.Sequence > 1) { return; }
            ImmutableArray<float> values = [.. GlyphFleet.Model.Initial.Values.Zip(update.Values, (start, moved) => start + moved)];
            alone.Add(GlyphFleet.Accuracy(GlyphFleet.Model.Initial with { Values = values }, seed));
        }
    }

    [Fact]
    public void AT_1h_Without_a_proximal_term_FedProx_is_FedAvg_bit_for_bit()
    {
        using var prox = Fleet(new FedProx(Devices, Mu: 0), ByTwoLabels(0));
        using var plain = Fleet(new FedAvg(Devices), ByTwoLabels(0));
        using var held = Fleet(new FedProx(Devices, Mu: 1), ByTwoLabels(0));

        foreach (var fleet in new[] { prox, plain, held }) { fleet.RunRounds(10); }

        Assert.Equal(plain.Newest.Sha256(), prox.Newest.Sha256());
        Assert.NotEqual(plain.Newest.Sha256(), held.Newest.Sha256());
    }

    /// <summary>A random half of the devices do half of the steps in each round; the same halves, whatever becomes of their work. At this
    /// rate local steps run far from the version that they began with, so that a pull matters.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void AT_1h_With_one_label_a_device_a_pull_needs_no_more_rounds_at_equal_work_and_fewer_than_dropping_partial_work(long seed)
    {
        const int Steps = 20, Most = 60;
        const float Mu = 0.1f;
        const double Target = 0.80;
        var (pulled, free, dropping) = (Rounds(Mu, drops: false), Rounds(0, drops: false), Rounds(Mu, drops: true));

        TestContext.Current.SendDiagnosticMessage(
            $"seed {seed}: pulled {pulled} rounds, not pulled {free}, partial work dropped {dropping}");
        Assert.InRange(pulled, 1, Math.Min(free, dropping) - 1);        // the same number would show no pull

        int Rounds(float mu, bool drops)
        {
            var (partial, sent) = (0, 0);
            using var fleet = new GlyphFleet(new()
            {
                Strategy = HalfTheWork.Of(new FedProx(Devices, mu), Devices, Steps, seed, drops),
                Rows = Partition.ByLabel(GlyphFleet.Shared(seed).Labels.AsSpan(), Devices),
                Seed = seed,
                Steps = Steps,
                LearningRate = 0.5f,
            })
            {
                Update = update =>
                {
                    sent++;
                    if (update.Steps < Steps) { partial++; }
                },
            };
            var rounds = fleet.RoundsTo(Target, Most);
            Assert.Equal(Devices / 2 * (sent / Devices - 1), partial);      // in each round after the first
            return rounds ?? Most;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void AT_1i_Momentum_on_the_server_needs_no_more_rounds_with_two_labels_a_device(long seed)
    {
        using var momentum = Fleet(new FedAvgM(Devices), ByTwoLabels(seed), seed);
        using var plain = Fleet(new FedAvg(Devices), ByTwoLabels(seed), seed);

        var (with, without) = (momentum.RoundsTo(0.80, 60), plain.RoundsTo(0.80, 60));

        TestContext.Current.SendDiagnosticMessage($"seed {seed}: FedAvgM {with} rounds, FedAvg {without}");
        Assert.NotNull(with);
        Assert.True(with < (without ?? 60));        // the same number would show no momentum
    }

    private static ImmutableArray<ImmutableArray<int>> ByTwoLabels(long seed) =>
        Partition.Shards(GlyphFleet.Shared(seed).Labels.AsSpan(), Devices, 2, seed);

    private static GlyphFleet Fleet(Strategy strategy, ImmutableArray<ImmutableArray<int>> rows, long seed = 0) => new(new()
    {
        Strategy = strategy,
        Rows = rows,
        Seed = seed,
    });
}
