namespace StreamLearn.Fleets;

internal readonly ref struct UtilitySelection(UtilityCohort settings, Span<double> memory)
{
    /// <summary>Quantile that limits samples · loss, so that false claims do not dominate.</summary>
    private const double Claimed = 0.95;

    private readonly ref double _round = ref memory[0];
    private readonly ref double _risen = ref memory[1];             // rise of the quantile above its first value
    private readonly ref double _windowSum = ref memory[2];
    private readonly ref double _windowBefore = ref memory[3];

    internal void Choose(in FleetView fleet, RandomStream random, List<DeviceId> cohort)
    {
        _round++;
        var (fresh, silent, tried) = (new List<DeviceId>(), new List<DeviceId>(), new List<DeviceView>());
        foreach (var device in fleet.Devices)
        {
            if (device.Samples > 0 && device.Latency is not null) { tried.Add(device); }
            else if (device.Invitations == 0) { fresh.Add(device.Device); }
            else { silent.Add(device.Device); }
        }

        Pace(tried, fleet.Version);
        var share = Math.Max(settings.ExploreLeast, settings.Explore * Math.Pow(settings.ExploreDecay, _round - 1));
        var explored = Math.Min(fresh.Count, Math.Max((int)Math.Round(share * settings.Count), settings.Count - tried.Count));
        Cohort.Draw(fresh, explored, random, cohort);
        Exploit(tried, settings.Count - explored, fleet.Version, random, cohort);
        Cohort.Draw(silent, settings.Count - cohort.Count, random, cohort);
    }

    private static double Learnable(in DeviceView device) =>
        float.IsFinite(device.Loss) ? device.Samples * Math.Max(0, (double)device.Loss) : 0;

    private void Pace(List<DeviceView> tried, long version)
    {
        foreach (var device in tried)
        {
            if (device.LastRound == version - 1) { _windowSum += Learnable(device); }
        }

        if (_round % settings.Window != 0) { return; }
        if (_windowSum < _windowBefore) { _risen = Math.Min(1, _risen + settings.QuantileStep); }
        (_windowBefore, _windowSum) = (_windowSum, 0);
    }

    private void Exploit(List<DeviceView> tried, int count, long version, RandomStream random, List<DeviceId> cohort)
    {
        if (count <= 0 || tried.Count == 0) { return; }
        var ranked = Ranked(tried, version);
        var cut = settings.CutOff * ranked[Math.Min(count, ranked.Count) - 1].Utility;
        var pool = ranked.FindAll(device => device.Utility >= cut);
        for (var i = 0; i < count && pool.Count > 0; i++)
        {
            var place = DrawByUtility(pool, random);
            cohort.Add(pool[place].Device);
            pool.RemoveAt(place);
        }
    }

    private List<(double Utility, DeviceId Device)> Ranked(List<DeviceView> tried, long version)
    {
        var preferred = QuantileOf(tried, settings.Quantile + _risen, static device => device.Latency!.Value.TotalSeconds);
        var most = Math.Max(double.Epsilon, QuantileOf(tried, Claimed, static device => Learnable(device)));
        var ranked = new List<(double Utility, DeviceId Device)>(tried.Count);
        foreach (var device in tried)
        {
            var ago = device.LastRound is { } last ? version - last : _round;
            var utility = Math.Min(1, Learnable(device) / most) + Math.Sqrt(0.1 * Math.Log(_round) / Math.Max(1, _round - ago));
            var seconds = device.Latency!.Value.TotalSeconds;
            if (seconds > preferred) { utility *= Math.Pow(preferred / seconds, settings.Alpha); }
            ranked.Add((utility, device.Device));
        }

        ranked.Sort(static (a, b) => a.Utility != b.Utility ? b.Utility.CompareTo(a.Utility) : a.Device.CompareTo(b.Device));
        return ranked;
    }

    private static double QuantileOf(List<DeviceView> tried, double quantile, Func<DeviceView, double> of)
    {
        var values = new List<double>(tried.Count);
        foreach (var device in tried) { values.Add(of(device)); }
        values.Sort();
        return values[Math.Max(0, (int)Math.Ceiling((Math.Min(1, quantile) * values.Count) - 1e-9) - 1)];
    }

    private static int DrawByUtility(List<(double Utility, DeviceId Device)> pool, RandomStream random)
    {
        double total = 0;
        foreach (var (utility, _) in pool) { total += utility; }
        var left = random.NextDouble() * total;
        for (var i = 0; i < pool.Count - 1; i++)
        {
            left -= pool[i].Utility;
            if (left < 0) { return i; }
        }

        return pool.Count - 1;
    }
}
