namespace StreamLearn.Fleets;

internal sealed record EveryoneCohort : Cohort
{
    public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort)
    {
        foreach (var device in fleet.Devices) { cohort.Add(device.Device); }
    }
}

internal sealed record RandomCohort(int Count) : Cohort
{
    public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort) => Draw(fleet, Count, random, cohort);

    public override void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
}

internal sealed record FractionCohort(double Share) : Cohort
{
    public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort) =>
        Draw(fleet, (int)Math.Max(1, Math.Round(Share * fleet.Devices.Length)), random, cohort);

    public override void Check() => CheckShare(Share, nameof(Share));
}

internal sealed record OverSelection(int Needed, double Factor = 1.3) : Cohort
{
    public override int? Goal => Needed;

    public override void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort) =>
        Draw(fleet, (int)Math.Ceiling((Needed * Factor) - 1e-9), random, cohort);

    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Needed, 1);
        if (!(Factor >= 1 && double.IsFinite(Factor)))
        {
            throw new ArgumentOutOfRangeException(nameof(Factor), Factor, "expected at least 1");
        }
    }
}

internal sealed record TierCohort(int Count, int Tiers = 5, int ProfilingRounds = 5) : Cohort
{
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

    public override void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Tiers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ProfilingRounds, 1);
    }
}
