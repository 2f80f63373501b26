namespace Papers;

internal static class RequestFigures
{
    private const double Alpha = .5;
    private static readonly double[] Rates = [.5e6, 1e6, 2e6, 5e6, 10e6, 20e6, 50e6, 100e6];
    private static readonly double[] Radios = [54e6, 12e6, 2e6];         // Wi-Fi, LTE, 3G
    private static readonly double[] Loads = [1, 2, 5, 10];

    internal static IEnumerable<Figure> Of() => [.. Eeoc(), .. Neurosurgeon()];

    /// <summary>Time and energy relative to the better of running all layers on the device and all on the server.</summary>
    private static IEnumerable<Figure> Eeoc()
    {
        foreach (var (bytes, name) in ((double, string)[])[(1, "8 bit"), (4, "float32")])
        {
            ImmutableArray<(double Time, double Energy, double Value)> shares = [.. EeocShares(bytes)];
            var (of, is8Bit) = ($"of {shares.Length} settings, .5 to 100 Mbit/s, {name}", bytes == 1);
            var why = is8Bit ? "their networks and test bed are not published" : "four times the bytes";
            yield return Row($"time, best {of}", is8Bit ? "-24.6 %" : "", shares.Min(static s => s.Time), why);
            yield return Row($"energy, best {of}", is8Bit ? "-46.5 %" : "", shares.Min(static s => s.Energy), why);
            yield return Row($"value, best {of}", "", shares.Min(static s => s.Value), "time and energy together");
            yield return Row($"value, mean {of}", "", shares.Average(static s => s.Value), "the best cut is usually at an end");
        }

        static Figure Row(string what, string published, double ours, string why) =>
            new("EEoC", what, published, "", ours, Figure.Share, why);
    }

    /// <summary>In each setting, compared with the better of the two extremes.</summary>
    private static IEnumerable<(double Time, double Energy, double Value)> EeocShares(double bytes) =>
        from device in RequestBed.Devices
        from rate in Rates
        from load in Loads
        let objective = Objective.Request with { Alpha = Alpha, BytesPerValue = bytes }
        let view = RequestBed.View(ReferenceCosts.Vgg5, device.Profile, rate, rate, load)
        let routes = SplitRoutes.Of(ReferenceCosts.Vgg5, view, objective)[0]
        let ours = new ComputationExit().Plan(ReferenceCosts.Vgg5, view, objective).Routes[0].Cost
        let value = (Func<PlanCost, double>)(cost => ComputationExit.Value(routes, cost, Alpha))
        let better = ((PlanCost[])[routes.Local.Cost, routes[0].Cost]).MinBy(value)!
        select ((ours.BatchSeconds / better.BatchSeconds) - 1, (ours.BatchJoules / better.BatchJoules) - 1,
            (value(ours) / value(better)) - 1);

    /// <summary>Latency and energy relative to running all layers on the server.</summary>
    internal static IEnumerable<Figure> Neurosurgeon()
    {
        const string Remote = "server only needs the least energy";
        foreach (var (device, profile) in RequestBed.Devices)
        {
            var isNano = device == "nano";
            ImmutableArray<(double Faster, double Saved)> gains = [.. Gains(profile)];
            yield return Row("latency", "mean", "3.1x", gains.Average(static g => g.Faster), "theirs: 8 networks on a Jetson TK1",
                "the server is far faster");
            yield return Row("latency", "best", "40.7x", gains.Max(static g => g.Faster), "over 3G, all on the device",
                "a Pi 3 computes slowly");
            yield return Row("energy", "mean", "-59.5 %", gains.Average(static g => g.Saved), "theirs: LTE and 3G radios draw more",
                Remote);
            yield return Row("energy", "best", "-94.7 %", gains.Min(static g => g.Saved), "over 3G, all on the device", Remote);

            Figure Row(string what, string of, string published, double ours, string why, string whyPi) => new("Neurosurgeon",
                $"{what}, {device}, {of} of {gains.Length}, Wi-Fi, LTE, 3G", isNano ? published : "", "", ours,
                what == "latency" ? "0.00x" : Figure.Share, isNano ? why : whyPi);
        }
    }

    /// <summary>For each network and link, compared with all layers on the server.</summary>
    private static IEnumerable<(double Faster, double Saved)> Gains(DeviceProfile device) =>
        from model in new[] { ReferenceCosts.Vgg5, ReferenceCosts.Vgg8 }
        from rate in Radios
        let view = RequestBed.View(model, device, rate, rate, load: 1)
        let cloud = SplitRoutes.Of(model, view, Objective.Request)[0][0].Cost
        let least = (Func<bool, PlanCost>)(savesEnergy =>
            new Neurosurgeon(savesEnergy).Plan(model, view, Objective.Request).Routes[0].Cost)
        select (cloud.BatchSeconds / least(false).BatchSeconds,
            (least(true).BatchJoules / cloud.BatchJoules) - 1);
}
