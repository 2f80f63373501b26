namespace Acceptance.Tests;

/// <summary>A random half of the devices do half of the work in each round after the first. <paramref name="Steps"/>: local steps of a
/// round; half of them is partial work.</summary>
internal sealed record HalfTheWork(Direct Inner, int Devices, int Steps, long Seed) : Direct
{
    /// <summary><paramref name="drops"/>: true: partial work is not taken, and not waited for.</summary>
    internal static Rules Of(Strategy strategy, int devices, int steps, long seed, bool drops)
    {
        var rules = strategy.Rounds with { Direct = new HalfTheWork(strategy.Rounds.Direct, devices, steps, seed) };
        return drops ? rules with { Weigh = new Whole(rules.Weigh, steps), Due = new WithoutHalf(rules.Due, devices) } : rules;
    }

    public override Directive For(in DeviceView device, in RoundView round)
    {
        var name = device.Device.Name;
        var number = int.Parse(name.AsSpan(name.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);
        return Inner.For(device, round) with { StepsPerUpdate = Halved(round.Version).Contains(number) ? Steps / 2 : Steps };
    }

    /// <summary>Who does half of the work after a version.</summary>
    private HashSet<int> Halved(long version)
    {
        var (random, all) = (new RandomStream(Seed, $"halves {version}"), Enumerable.Range(0, Devices).ToArray());
        for (var i = Devices - 1; i > 0; i--)
        {
            var other = random.NextInt32(i + 1);
            (all[i], all[other]) = (all[other], all[i]);
        }

        return [.. all.Take(Devices / 2)];
    }

    private sealed record Whole(Weigh Inner, int Steps) : Weigh
    {
        public override float Of(in UpdateHeader update, in RoundView round) => update.Steps < Steps ? 0 : Inner.Of(update, round);
    }

    private sealed record WithoutHalf(Due Inner, int Devices) : Due
    {
        public override TimeSpan? Left(in RoundView round) => (round.Version > 0 ? WhenAll(Devices - (Devices / 2)) : Inner).Left(round);
    }
}
