namespace StreamLearn.Aggregation;

/// <summary>Rules of who is invited. They choose among devices that are alive and have announced data.</summary>
public static class Selection
{
    /// <summary>All devices, and those that join within a round; a version then names nobody.</summary>
    public static Select Everyone { get; } = static (in FleetView fleet, RandomStream random, List<DeviceId> cohort) =>
    {
        foreach (var device in fleet.Devices) { cohort.Add(device.Device); }
    };

    /// <summary>A number of devices, drawn uniformly without repeats; all where there are not more.</summary>
    /// <param name="count">Devices, at least 1.</param>
    public static Select Random(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return (in FleetView fleet, RandomStream random, List<DeviceId> cohort) => Draw(All(fleet), count, random, cohort);
    }

    /// <summary>A share of the devices, m = max(1, round(C·N)), drawn uniformly without repeats.</summary>
    /// <remarks>Source: McMahan et al. (2017), FedAvg.</remarks>
    /// <param name="share">The share C, above 0, at most 1.</param>
    public static Select Fraction(double share)
    {
        Barrier.CheckShare(share, nameof(share));
        return (in FleetView fleet, RandomStream random, List<DeviceId> cohort) =>
            Draw(All(fleet), (int)Math.Max(1, Math.Round(share * fleet.Devices.Length)), random, cohort);
    }

    /// <summary>
    /// More devices than are needed, ⌈goal · factor⌉, drawn uniformly; the round is to end when the goal is reached:
    /// <see cref="Barrier.Count"/>.
    /// </summary>
    /// <remarks>Source: Bonawitz et al. (2019): 130 % of the goal.</remarks>
    /// <param name="goal">Devices needed, at least 1.</param>
    /// <param name="factor">How many times the goal is invited, at least 1; default 1.3.</param>
    public static Select OverSelect(int goal, double factor = 1.3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(goal, 1);
        CheckFactor(factor, nameof(factor));
        return Random((int)Math.Ceiling((goal * factor) - 1e-9));
    }

    /// <summary>
    /// Devices of like speed: all are invited to some rounds that measure them, then a tier is drawn, and devices inside it.
    /// </summary>
    /// <remarks>
    /// A device is measured when it was invited to so many rounds; while there is one that is not, the round invites just those. One that
    /// reported in none of them is left out: give the rounds a deadline. Tiers are cut anew each round from the smoothed latencies, of
    /// equal size. Source: Chai et al. (2020), TiFL, with uniform probabilities.
    /// </remarks>
    /// <param name="count">Devices, at least 1; all of the tier where there are not more.</param>
    /// <param name="tiers">Tiers, at least 1; default 5.</param>
    /// <param name="profilingRounds">Rounds that measure a device, at least 1; default 5.</param>
    public static Select Tiers(int count, int tiers = 5, int profilingRounds = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tiers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(profilingRounds, 1);
        return (in FleetView fleet, RandomStream random, List<DeviceId> cohort) =>
            TierSelection.Choose(fleet, random, cohort, count, tiers, profilingRounds);
    }

    /// <summary>Devices from which most is to be learned in the least time: <see cref="UtilityCohort"/>.</summary>
    /// <param name="count">Devices, at least 1.</param>
    public static Select Utility(int count) => new UtilityCohort(count).Select;

    internal static void CheckFactor(double factor, string name)
    {
        if (!(factor >= 1 && double.IsFinite(factor))) { throw new ArgumentOutOfRangeException(name, factor, "expected at least 1"); }
    }

    /// <summary>Draws without repeats. Source: Fisher, Yates (1938), as far as is needed.</summary>
    internal static void Draw(List<DeviceId> from, int count, RandomStream random, List<DeviceId> cohort)
    {
        for (var i = 0; i < count && i < from.Count; i++)
        {
            var place = i + random.NextInt32(from.Count - i);
            cohort.Add(from[place]);
            from[place] = from[i];
        }
    }

    private static List<DeviceId> All(in FleetView fleet)
    {
        var all = new List<DeviceId>(fleet.Devices.Length);
        foreach (var device in fleet.Devices) { all.Add(device.Device); }
        return all;
    }
}
