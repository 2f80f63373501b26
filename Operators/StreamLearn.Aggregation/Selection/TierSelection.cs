namespace StreamLearn.Aggregation;

/// <summary>Chooses devices of like speed.</summary>
internal static class TierSelection
{
    internal static void Choose(
        in FleetView fleet, RandomStream random, List<DeviceId> cohort, int count, int tiers, int profilingRounds)
    {
        var measured = new List<(TimeSpan Latency, DeviceId Device)>();
        foreach (var device in fleet.Devices)
        {
            if (device.Invitations < profilingRounds) { cohort.Add(device.Device); }
            else if (device.Participations > 0 && device.Latency is { } latency) { measured.Add((latency, device.Device)); }
        }

        if (cohort.Count > 0 || measured.Count == 0) { return; }
        measured.Sort();
        tiers = Math.Min(tiers, measured.Count);
        var tier = random.NextInt32(tiers);
        var inside = new List<DeviceId>();
        for (var i = Bound(tier); i < Bound(tier + 1); i++) { inside.Add(measured[i].Device); }
        Selection.Draw(inside, count, random, cohort);

        int Bound(int number) => (int)((long)number * measured.Count / tiers);
    }
}
