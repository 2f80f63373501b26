using System.Globalization;
using StreamLearn;
using StreamLearn.Aggregation;
using StreamLearn.Learning;

namespace Acceptance.Tests;

/// <summary>A strategy of which a random half of the devices do half of the work in each round after the first.</summary>
/// <param name="Inner">What decides the rest.</param>
/// <param name="Devices">Devices of the fleet.</param>
/// <param name="Steps">Local steps of a round; half of them is partial work.</param>
/// <param name="Seed">Seed of the halves.</param>
/// <param name="Drops">True: partial work is not taken, and not waited for.</param>
internal sealed record HalfTheWork(Strategy Inner, int Devices, int Steps, long Seed, bool Drops) : Strategy
{
    public override Rounds Rounds => Inner.Rounds with
    {
        Direct = Direct,
        Weigh = (in UpdateHeader update, in RoundView round) => Drops && update.Steps < Steps ? 0 : Inner.Rounds.Weigh(update, round),
        Due = Due,
    };

    private TimeSpan? Due(in RoundView round) =>
        (Drops && round.Version > 0 ? StreamLearn.Aggregation.Barrier.All(Devices - (Devices / 2)) : Inner.Rounds.Due)(round);

    private Directive Direct(in DeviceView device, in RoundView round)
    {
        var name = device.Device.Name;
        var number = int.Parse(name.AsSpan(name.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);
        return Inner.Rounds.Direct(device, round) with { StepsPerUpdate = Halved(round.Version).Contains(number) ? Steps / 2 : Steps };
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
}
