using System.Text;

namespace StreamLearn.Aggregation;

/// <summary>Decides who is invited to a round, among the devices that are alive and have announced data.</summary>
/// <remarks>A rule is a pure function of the fleet: what it remembers is in <see cref="FleetView.Memory"/>.</remarks>
public abstract record Cohort : Rule
{
    /// <summary>All devices, and those that join within a round; a version then names nobody.</summary>
    public static Cohort Everyone { get; } = new EveryoneCohort();

    /// <summary>Devices whose updates end a round; null (default): all that were invited.</summary>
    public virtual int? Goal => null;

    /// <summary>Chooses who is invited.</summary>
    /// <param name="fleet">The fleet.</param>
    /// <param name="random">The only dice.</param>
    /// <param name="cohort">Empty; receives those invited, in any order. If it stays empty, everyone is invited.</param>
    public abstract void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort);

    /// <summary>Prints the settings alone.</summary>
    /// <param name="builder">Where to.</param>
    protected override bool PrintMembers(StringBuilder builder) => false;

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

    /// <summary>Draws from all devices without repeats.</summary>
    private protected static void Draw(in FleetView fleet, int count, RandomStream random, List<DeviceId> cohort)
    {
        var all = new List<DeviceId>(fleet.Devices.Length);
        foreach (var device in fleet.Devices) { all.Add(device.Device); }
        Draw(all, count, random, cohort);
    }
}

/// <summary>All devices: <see cref="Cohort.Everyone"/>.</summary>
internal sealed record EveryoneCohort : Cohort
{
    /// <inheritdoc />
    public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort)
    {
        foreach (var device in fleet.Devices) { cohort.Add(device.Device); }
    }
}

/// <summary>A number of devices, drawn uniformly without repeats; all where there are not more.</summary>
/// <param name="Count">Devices, at least 1.</param>
public sealed record RandomCohort(int Count) : Cohort
{
    /// <inheritdoc />
    public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort) => Draw(fleet, Count, random, cohort);

    /// <inheritdoc />
    public override void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
}

/// <summary>A share of the devices, m = max(1, round(C·N)), drawn uniformly without repeats.</summary>
/// <remarks>Source: McMahan et al. (2017), FedAvg.</remarks>
/// <param name="Share">The share C, above 0, at most 1.</param>
public sealed record FractionCohort(double Share) : Cohort
{
    /// <inheritdoc />
    public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort) =>
        Draw(fleet, (int)Math.Max(1, Math.Round(Share * fleet.Devices.Length)), random, cohort);

    /// <inheritdoc />
    public override void Check() => CheckShare(Share, nameof(Share));
}

/// <summary>More devices than are needed, ⌈goal · factor⌉, drawn uniformly; a round ends when the goal is reached.</summary>
/// <remarks>Source: Bonawitz et al. (2019): 130 % of the goal.</remarks>
/// <param name="Needed">The goal, at least 1.</param>
/// <param name="Factor">How many times the goal is invited, at least 1; default 1.3.</param>
public sealed record OverSelection(int Needed, double Factor = 1.3) : Cohort
{
    /// <inheritdoc />
    public override int? Goal => Needed;

    /// <inheritdoc />
    public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort) =>
        Draw(fleet, (int)Math.Ceiling((Needed * Factor) - 1e-9), random, cohort);

    /// <inheritdoc />
    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Needed, 1);
        if (!(Factor >= 1 && double.IsFinite(Factor)))
        {
            throw new ArgumentOutOfRangeException(nameof(Factor), Factor, "expected at least 1");
        }
    }
}

/// <summary>
/// Devices of like speed: all are invited to some rounds that measure them, then a tier is drawn, and devices inside it.
/// </summary>
/// <remarks>
/// A device is measured when it was invited to so many rounds; while there is one that is not, the round invites just those. One that
/// reported in none of them is left out: give the rounds a deadline. Tiers are cut anew each round from the smoothed latencies, of equal
/// size. Source: Chai et al. (2020), TiFL, with uniform probabilities.
/// </remarks>
/// <param name="Count">Devices, at least 1; all of the tier where there are not more.</param>
/// <param name="Tiers">Tiers, at least 1; default 5.</param>
/// <param name="ProfilingRounds">Rounds that measure a device, at least 1; default 5.</param>
public sealed record TierCohort(int Count, int Tiers = 5, int ProfilingRounds = 5) : Cohort
{
    /// <inheritdoc />
    public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort)
    {
        var measured = new List<(TimeSpan Latency, DeviceId Device)>();
        foreach (var device in fleet.Devices)
        {
            if (device.Invitations < ProfilingRounds) { cohort.Add(device.Device); }
            else if (device.Participations > 0 && device.Latency is { } latency) { measured.Add((latency, device.Device)); }
        }

        if (cohort.Count > 0 || measured.Count == 0) { return; }
        measured.Sort();
        var tiers = Math.Min(Tiers, measured.Count);
        var tier = random.NextInt32(tiers);
        var inside = new List<DeviceId>();
        for (var i = Bound(tier); i < Bound(tier + 1); i++) { inside.Add(measured[i].Device); }
        Draw(inside, Count, random, cohort);

        int Bound(int number) => (int)((long)number * measured.Count / tiers);
    }

    /// <inheritdoc />
    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Tiers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ProfilingRounds, 1);
    }
}
