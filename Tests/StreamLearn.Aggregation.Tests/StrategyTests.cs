using StreamLearn.Learning;

namespace StreamLearn.Aggregation.Tests;

public sealed class StrategyTests
{
    public static TheoryData<Strategy> All() => [new FedAvg(3), new FedBuff(2), new FedBuff(3, 0.5f, TimeSpan.FromSeconds(1))];

    [Theory]
    [MemberData(nameof(All))]
    public void The_same_updates_give_the_same_bits(Strategy strategy)
    {
        Assert.Equal(Run(strategy, refused: 1), Run(strategy, refused: 1));
        Assert.NotEmpty(Run(strategy, refused: 1));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void What_a_refused_update_holds_changes_no_bit(Strategy strategy) =>
        Assert.Equal(Run(strategy, refused: 1), Run(strategy, refused: -700));

    [Fact]
    public void Presets_print_and_compare_by_value()
    {
        Assert.Equal("FedAvg { Devices = 3, LearningRate = 1 }", new FedAvg(3).ToString());
        var buffered = new FedBuff(10, 0.5f, TimeSpan.FromSeconds(3));
        Assert.Equal("FedBuff { BufferSize = 10, LearningRate = 0.5, Deadline = 00:00:03 }", buffered.ToString());
        Assert.Equal(new FedBuff(10), new FedBuff(10));
        Assert.NotEqual(new FedBuff(10), new FedBuff(11));
        Assert.NotEqual<Strategy>(new FedAvg(10), new FedBuff(10));
    }

    [Fact]
    public void Two_pipelines_of_one_definition_are_equal()
    {
        static Pipeline Define(Strategy strategy) => Pipeline.Define("edge", p =>
        {
            var (versions, inUse) = p.Input<WeightDelta>("updates").Aggregate(new SoftmaxRegression(2, 2), strategy);
            versions.Output("versions");
            inUse.Output("in-use");
        });

        Assert.Equal(Define(new FedAvg(3)), Define(new FedAvg(3)));
        Assert.NotEqual(Define(new FedAvg(3)), Define(new FedAvg(4)));
        Assert.Contains("FedAvg { Devices = 3, LearningRate = 1 }", Define(new FedAvg(3)).ToMermaid(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_weights_of_FedBuff_are_those_of_its_formula()
    {
        var weigh = new FedBuff(1).Rounds.Weigh;
        var round = new RoundView { Version = 9, Updates = 0, Devices = 0, Invited = 0, Alive = 0, Known = 0, Elapsed = TimeSpan.Zero };

        Assert.Equal(1, weigh(new(new("d"), 1, 1, 9, 16, 4, 0), round));
        Assert.Equal(0.5f, weigh(new(new("d"), 1, 1, 6, 16, 4, 0), round));
        Assert.Equal(MathF.Sqrt(0.1f), weigh(new(new("d"), 1, 1, 0, 16, 4, 0), round), 1e-7f);
    }

    /// <summary>Twelve updates of three devices; every fourth weighs nothing and holds the given values.</summary>
    private static List<string> Run(Strategy strategy, float refused)
    {
        using var probe = Updates.Probe(new Picky(strategy));
        var random = new RandomStream(5, "updates");
        for (var i = 0; i < 12; i++)
        {
            var device = "cab"[i % 3].ToString();
            var value = i % 4 == 3 ? refused : (float)random.NextGaussian();
            probe.Send(Updates.Of(device, i + 1, value, samples: i % 4 == 3 ? 13 : 20 + i) with { Moments = new(3, [value], [1]) });
            probe.Advance(TimeSpan.FromMilliseconds(100));
        }

        return [.. probe.TakeAll<Weights>().Concat(probe.TakeAll<Round>(port: 1).Select(r => r.InUse)).Select(w => w.Sha256())];
    }

    /// <summary>Another strategy that gives nothing for updates of 13 samples.</summary>
    private sealed record Picky(Strategy Inner) : Strategy
    {
        public override Rounds Rounds => Inner.Rounds with
        {
            Weigh = (in UpdateHeader update, in RoundView round) => update.Samples == 13 ? 0 : Inner.Rounds.Weigh(update, round),
        };
    }
}
