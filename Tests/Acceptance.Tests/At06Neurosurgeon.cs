using Papers;

namespace Acceptance.Tests;

/// <summary>Section 6.2: Neurosurgeon. <c>independent/one_cut.py</c> computes the same figures by itself.</summary>
public sealed class At06Neurosurgeon(ITestOutputHelper output)
{
    private const double Mbit = 1e6;
    private static readonly double[] Loads = [1, 2, 4, 7, 10];

    private static readonly (string Name, LayerCosts Model)[] Networks = [("vgg5", ReferenceCosts.Vgg5), ("vgg8", ReferenceCosts.Vgg8)];

    private static readonly (string Name, DeviceProfile Profile)[] Devices =
    [
        ("pi3", DeviceProfile.Pi3), ("nano", DeviceProfile.NanoMaxn), ("nano 5 W", DeviceProfile.Nano5w),
    ];

    [Fact]
    public void AT_6b_The_partition_of_100_random_chains_is_that_of_brute_force()
    {
        var (random, cuts) = (new RandomStream(6, "chains"), new HashSet<(bool, string)>());
        for (var chain = 0; chain < 100; chain++)
        {
            var layers = 1 + random.NextInt32(15);
            var (mobile, cloud) = (Seconds(.02), Seconds(.004));
            int[] values = [.. Enumerable.Range(0, layers + 1).Select(_ => 1 + random.NextInt32(20_000))];
            var (rate, load) = (random.NextDouble(.5, 100) * Mbit, random.NextDouble(1, 10));
            var (sending, computing) = (random.NextDouble(.5, 3), random.NextDouble(1, 8));
            var model = new LayerCosts(values[0], [.. values.Skip(1).Select(static v => new LayerCost("layer", v, 1, 2, 1))]);
            var view = new ResourceView(
                [
                    new("phone") { Times = Times(mobile), Rows = 1, Power = new() { SendingWatts = sending, ComputingWatts = computing } },
                    new("cloud") { Times = Times(cloud), Load = load },
                ],
                [new("phone", "cloud", rate)]);
            foreach (var savesEnergy in new[] { false, true })
            {
                var (best, least) = (-1, double.PositiveInfinity);
                for (var i = 0; i <= layers; i++)
                {
                    double before = 0, after = 0, bytes = i == layers ? 0 : 4 * values[i];
                    for (var j = 0; j < i; j++) { before += mobile[j]; }
                    for (var j = i; j < layers; j++) { after += cloud[j] * load; }
                    var cost = savesEnergy
                        ? (before * computing) + (bytes * 8 / rate * sending)
                        : before + (bytes * 8 / rate) + after;
                    if (cost < least) { (best, least) = (i, cost); }
                }

                Assert.Equal(best, new Neurosurgeon(savesEnergy).Plan(model, view, Objective.Request).Routes[0].Split);
                cuts.Add((savesEnergy, best == 0 ? "all remote" : best == layers ? "all local" : "between"));
            }

            double[] Seconds(double most) => [.. Enumerable.Range(0, layers).Select(_ => random.NextDouble(0, most))];
        }

        Assert.Equal(6, cuts.Count);        // each kind of choice occurs, for both goals

        static LayerTimes Times(double[] each)
        {
            ImmutableArray<double> sums = [.. each.Select((_, i) => each.Take(i + 1).Sum())];
            return new(sums, sums);
        }
    }

    /// <summary>Choices and their least latency in ms and energy in mJ, from the script.</summary>
    [Theory]
    [InlineData("pi3", 54, 1, 0, "2.5248", 0, "2.0025")]
    [InlineData("pi3", 12, 10, 0, "15.2355", 0, "9.0112")]
    [InlineData("pi3", 2, 1, 7, "18.5150", 0, "54.0672")]
    [InlineData("nano", 54, 1, 6, "1.1748", 0, "4.2234")]
    [InlineData("nano", 54, 10, 7, "1.2375", 0, "4.2234")]
    [InlineData("nano", 12, 1, 7, "1.2375", 6, "8.5577")]
    [InlineData("nano", 2, 10, 7, "1.2375", 7, "8.9756")]
    public void AT_6b_Choices_and_figures_are_those_of_an_independent_count(
        string device, double rate, double load, int latencyCut, string latency, int energyCut, string energy)
    {
        var (profile, model) = (Devices.Single(d => d.Name == device).Profile, ReferenceCosts.Vgg5);
        var view = View(model, profile, rate, load);
        var (fast, saving) = (Choice(false), Choice(true));

        var seconds = fast.Cost.DeviceSeconds + fast.Cost.UpSeconds + fast.Cost.ServerSeconds;
        var joules = (profile.Power.ComputingWatts * saving.Cost.DeviceSeconds) + (profile.Power.SendingWatts * saving.Cost.UpSeconds);
        Assert.Equal((latencyCut, latency), (fast.Split, $"{1e3 * seconds:F4}"));
        Assert.Equal((energyCut, energy), (saving.Split, $"{1e3 * joules:F4}"));

        Route Choice(bool savesEnergy) => new Neurosurgeon(savesEnergy).Plan(model, view, Objective.Request).Routes[0];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AT_6b_The_partition_moves_towards_the_device_as_bandwidth_falls_or_load_rises(bool savesEnergy)
    {
        var moved = 0;
        foreach (var (network, model) in Networks)
        {
            foreach (var (device, profile) in Devices)
            {
                int Cut(double rate, double load) =>
                    new Neurosurgeon(savesEnergy).Plan(model, View(model, profile, rate, load), Objective.Request).Routes[0].Split;
                double[] rates =
                    [.. Enumerable.Range(0, 60).Select(static i => 100 * Math.Pow(.005, i / 59.0)).Concat([54, 12, 2]).OrderDescending()];
                foreach (var load in Loads)
                {
                    int[] cuts = [.. rates.Select(rate => Cut(rate, load))];
                    output.WriteLine($"{network} {device} load {load}, 54, 12, 2 Mbit/s: {Cut(54, load)} {Cut(12, load)} {Cut(2, load)}; "
                        + $"100 to .5: {string.Join(' ', cuts.Distinct())}");
                    Assert.Equal(cuts.Order(), cuts);
                    moved += cuts[^1] > cuts[0] ? 1 : 0;
                }

                foreach (var rate in rates)
                {
                    int[] cuts = [.. Loads.Select(load => Cut(rate, load))];
                    Assert.Equal(cuts.Order(), cuts);
                    moved += cuts[^1] > cuts[0] ? 1 : 0;
                }
            }
        }

        Assert.InRange(moved, savesEnergy ? 20 : 40, int.MaxValue);
    }

    /// <summary>What requests take is read from the clock and the meter of the virtual world.</summary>
    [Fact]
    public void AT_6b_It_loses_to_neither_extreme_in_the_virtual_world()
    {
        var gained = 0;
        foreach (var (network, model) in Networks)
        {
            foreach (var (device, profile) in Devices)
            {
                foreach (var (rate, load) in ((double[])[54, 12, 2]).SelectMany(static r => Loads.Select(l => (r, l))))
                {
                    var (view, objective) = (View(model, profile, rate, load), Objective.Request);
                    int Cut(bool savesEnergy) =>
                        new Neurosurgeon(savesEnergy) { CountsAll = true }.Plan(model, view, objective).Routes[0].Split;
                    int[] cuts = [0, model.Count, Cut(false), Cut(true)];
                    var played = new PlayedRequests(model, profile, DeviceProfile.EdgeServer with { Speed = 1 / load },
                        new() { UpBitsPerSecond = rate * Mbit, DownBitsPerSecond = rate * Mbit }, objective)
                        .Run(4, TimeSpan.FromSeconds(5), (i, _) => cuts[i]);
                    var latency = Math.Min(played[0].Seconds, played[1].Seconds);
                    var joules = Math.Min(played[0].Joules, played[1].Joules);

                    var setting = $"{network} {device} {rate} {load}";
                    Assert.True(played[2].Seconds <= latency + 1e-6, $"{setting}: {played[2].Seconds} s, {latency} s");
                    Assert.True(played[3].Joules <= joules + 1e-6, $"{setting}: {played[3].Joules} J, {joules} J");
                    gained += played[2].Seconds < .99 * latency || played[3].Joules < .99 * joules ? 1 : 0;
                }
            }
        }

        output.WriteLine($"better than both extremes in {gained} of {Networks.Length * Devices.Length * 3 * Loads.Length} settings");
        Assert.InRange(gained, 5, int.MaxValue);
    }

    private static ResourceView View(LayerCosts model, DeviceProfile device, double rate, double load) =>
        RequestBed.View(model, device, rate * Mbit, rate * Mbit, load);
}
