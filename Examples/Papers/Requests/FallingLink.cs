namespace Papers;

/// <summary>Requests of a Jetson Nano with a busy server, one per second, over a link that drops from 100 to 1 Mbit/s.</summary>
internal static class FallingLink
{
    internal const int Requests = 120;
    private const int ChangesEach = 3;          // seconds
    private const double Fastest = 100e6, Slowest = 1e6, Busy = 5, Alpha = .5;

    /// <summary>EEoC's choices, and the time with each fixed cut at the same moment, by the number of layers on the device.</summary>
    internal static (ImmutableArray<RequestEvents> Planned, ImmutableArray<ImmutableArray<RequestEvents>> Fixed) Play(long seed)
    {
        var (model, device, every) = (ReferenceCosts.Vgg5, DeviceProfile.NanoMaxn, TimeSpan.FromSeconds(1));
        var objective = Objective.Request with { BytesPerValue = 1 };
        var played = new PlayedRequests(model, device, DeviceProfile.EdgeServer with { Speed = 1 / Busy }, new()
        {
            UpBitsPerSecond = Fastest,
            DownBitsPerSecond = Fastest,
            RateTrace = [.. Enumerable.Range(1, (Requests / ChangesEach) - 1)
                .Select(static i => (TimeSpan.FromSeconds(i * ChangesEach), SpeedIn(i)))],
        }, objective);
        var estimates = new NoisyEstimates(model, device, seed);
        return (
            played.Run(Requests, every, (_, time) => new ComputationExit().Plan(model,
                estimates.Next(SpeedIn((int)time.TotalSeconds / ChangesEach) * Fastest, Busy), objective).Routes[0].Split),
            [.. Enumerable.Range(0, model.Count + 1).Select(cut => played.Run(Requests, every, (_, _) => cut))]);
    }

    /// <summary>Means per request. The value is alpha · T / T₀ + (1 − alpha) · E / E₀. The references T₀ and E₀ are the worse of running
    /// all layers on the device and all on the server for the same request.</summary>
    internal static IEnumerable<(string Name, double Seconds, double Joules, double Value)> Means(
        ImmutableArray<RequestEvents> planned, ImmutableArray<ImmutableArray<RequestEvents>> cuts) =>
        cuts.Select((of, cut) => (cut == 0 ? "all on the server" : cut == cuts.Length - 1 ? "all on the device" : $"{cut} on the device",
                of))
            .Prepend(("EEoC", planned))
            .Select(run => (run.Item1, run.Item2.Average(static e => e.Seconds), run.Item2.Average(static e => e.Joules),
                run.Item2.Select((e, i) => (Alpha * e.Seconds / Math.Max(cuts[0][i].Seconds, cuts[^1][i].Seconds))
                    + ((1 - Alpha) * e.Joules / Math.Max(cuts[0][i].Joules, cuts[^1][i].Joules))).Average()));

    internal static IEnumerable<string> Lines()
    {
        var (planned, cuts) = Play(seed: 0);
        return Table.Lines(["<plan", "ms", "mJ", "value"], Means(planned, cuts).Select(static m => new[]
        {
            m.Name, Table.Text(1e3 * m.Seconds, "F3"), Table.Text(1e3 * m.Joules, "F3"), Table.Text(m.Value, "F3"),
        })).Prepend("\na Jetson Nano, a server at load 5, 120 requests in virtual time while the link falls from 100 to 1 Mbit/s\n");
    }

    private static double SpeedIn(int change) => Math.Pow(Slowest / Fastest, (double)change / ((Requests / ChangesEach) - 1));
}
