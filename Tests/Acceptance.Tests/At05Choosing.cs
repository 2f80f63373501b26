using Papers;

namespace Acceptance.Tests;

/// <summary>Section 5.1: computation that leaves the device early.</summary>
/// <remarks>Requests run in the virtual world: what they take is read from its clock and its meter, not from the planners' costs.
/// <c>independent/one_cut.py</c> computes values of EEoC by itself.</remarks>
public sealed class At05Choosing(ITestOutputHelper output)
{
    private const int Local = 7;
    private const double Mbit = 1e6;
    private static readonly LayerCosts Vgg5 = ReferenceCosts.Vgg5;
    private static readonly Objective Request = Objective.Request with { BytesPerValue = 1 };
    private static readonly double[] Alphas = [0, .5, 1];

    private static readonly (string Name, DeviceProfile Profile)[] Devices =
        [("pi3", DeviceProfile.Pi3), ("nano", DeviceProfile.NanoMaxn)];

    [Fact]
    public void AT_5a_A_request_in_the_virtual_world_takes_what_the_planner_counts_with()
    {
        foreach (var (name, device) in Devices)
        {
            var routes = SplitRoutes.Of(Vgg5, View(device, rate: 5, load: 3), Request)[0];
            for (var cut = 0; cut <= Local; cut++)
            {
                var played = Play(device, _ => (5, 3), 2, (_, _) => cut)[1];

                output.WriteLine($"{name} {cut}: {1e3 * played.Seconds:F3} ms, {1e3 * played.Joules:F3} mJ");
                Assert.Equal(routes[cut].Cost.BatchSeconds, played.Seconds, 1e-6);
                Assert.Equal(routes[cut].Cost.BatchJoules, played.Joules, 1e-6);
            }
        }
    }

    /// <summary>Cuts for loads of 1, 2, 5 and 10, and the value over that of the better extreme, from the script.</summary>
    [Theory]
    [InlineData("pi3", 2, 1, "0 (1.000) 0 (1.000) 0 (1.000) 7 (1.000)")]
    [InlineData("nano", 5, .5, "6 (0.972) 6 (0.973) 6 (0.976) 6 (0.978)")]
    [InlineData("nano", 20, .5, "0 (1.000) 0 (1.000) 4 (0.900) 4 (0.862)")]
    [InlineData("nano", 100, .5, "4 (0.955) 4 (0.701) 4 (0.548) 4 (0.490)")]
    [InlineData("nano", 100, 1, "4 (0.712) 4 (0.667) 5 (0.930) 7 (1.000)")]
    public void AT_5a_Cuts_and_values_are_those_of_an_independent_count(string device, double rate, double alpha, string expected) =>
        Assert.Equal(expected, string.Join(' ', ((double[])[1, 2, 5, 10]).Select(load =>
        {
            var profile = Devices.Single(d => d.Name == device).Profile;
            var routes = SplitRoutes.Of(Vgg5, View(profile, rate, load), Request)[0];
            var cut = new ComputationExit().Plan(Vgg5, View(profile, rate, load), Request with { Alpha = alpha }).Routes[0].Split;
            double Value(int of) => ComputationExit.Value(routes, routes[of].Cost, alpha);
            return $"{cut} ({Value(cut) / Math.Min(Value(0), Value(Local)):F3})";
        })));

    /// <summary>Means over the requests of a run, each of which is planned by new estimates.</summary>
    [Fact]
    public void AT_5a_With_noisy_estimates_it_is_at_most_2_percent_worse_than_the_better_extreme_and_better_than_both_somewhere()
    {
        var (worst, best, request) = (-1.0, 1.0, -1.0);
        double[] rates = LongForm.IsAsked
            ? [.. Enumerable.Range(0, 47).Select(static i => .5 * Math.Pow(200, i / 46.0))] : [.5, 1, 2, 5, 10, 20, 50, 100];
        double[] loads = LongForm.IsAsked ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] : [1, 2, 4, 7, 10];
        foreach (var (name, device) in Devices)
        {
            foreach (var (alpha, rate, load) in Alphas.SelectMany(a => rates.SelectMany(r => loads.Select(l => (a, r, l)))))
            {
                var (mean, highest) = AgainstExtremes(device, alpha, rate, load);
                if (mean > .005)
                {
                    output.WriteLine($"{name} alpha {alpha} {rate:F2} Mbit/s load {load}: {100 * mean:F2} %, one {100 * highest:F2} %");
                }

                (worst, best, request) = (Math.Max(worst, mean), Math.Min(best, mean), Math.Max(request, highest));
            }
        }

        output.WriteLine($"mean of a setting: {100 * best:F2} to {100 * worst:F2} %; one request at most {100 * request:F2} %");
        Assert.InRange(worst, -1, .02);
        Assert.InRange(best, -1, -.3);
    }

    /// <summary>Rates and loads change every ten seconds; a probe with each request, a plan when one is due.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(.5)]
    [InlineData(1)]
    public void AT_5a_On_a_trace_of_rates_it_beats_every_fixed_cut(double alpha)
    {
        (double Rate, double Load)[] trace = [(100, 1), (20, 4), (2, 2), (100, 10), (5, 1), (50, 4)];
        (double Rate, double Load) At(TimeSpan time) => trace[Math.Min((int)time.TotalSeconds / 10, trace.Length - 1)];
        var (device, objective) = (DeviceProfile.NanoMaxn, Request with { Alpha = alpha });
        var estimates = new NoisyEstimates(Vgg5, device, seed: 1);
        var (count, every, plans) = (10 * trace.Length * 4, TimeSpan.FromSeconds(.25), 0);
        var (planned, cut, made) = ((ResourceView?)null, 0, TimeSpan.Zero);

        double[][] values =
            [Run((_, time) => Planned(time)), .. Enumerable.Range(0, Local + 1).Select(fixedCut => Run((_, _) => fixedCut))];

        output.WriteLine($"alpha {alpha}: {string.Join(", ", values.Select(static v => $"{v.Sum():F1}"))}; {plans} plans of {count}");
        Assert.All(values[1..], fixedCut => Assert.True(values[0].Sum() < .97 * fixedCut.Sum()));
        Assert.InRange(plans, count / 4, count - 1);

        double[] Run(Func<int, TimeSpan, int> cutOf)
        {
            var played = Play(device, At, count, cutOf, every);
            return [.. played.Select((events, i) =>
            {
                var routes = SplitRoutes.Of(Vgg5, View(device, At(i * every).Rate, At(i * every).Load), objective)[0];
                var (local, remote) = (routes[Local].Cost, routes[0].Cost);
                return (alpha * events.Seconds / Math.Max(local.BatchSeconds, remote.BatchSeconds))
                    + ((1 - alpha) * events.Joules / Math.Max(local.BatchJoules, remote.BatchJoules));
            })];
        }

        int Planned(TimeSpan time)
        {
            var view = estimates.Next(At(time).Rate * Mbit, At(time).Load);
            if (!Replanning.Default.IsDue(planned, view, time - made)) { return cut; }
            (planned, cut, made, plans) = (view, new ComputationExit().Plan(Vgg5, view, objective).Routes[0].Split, time, plans + 1);
            return cut;
        }
    }

    /// <summary>How much worse the mean of a run, and its worst request, are than the better of all local and all remote.</summary>
    private static (double Mean, double Highest) AgainstExtremes(DeviceProfile device, double alpha, double rate, double load)
    {
        var (objective, estimates) = (Request with { Alpha = alpha }, new NoisyEstimates(Vgg5, device, seed: 1));
        var extremes = Play(device, _ => (rate, load), 2, static (i, _) => i * Local);
        var ours = Play(device, _ => (rate, load), 100, (_, _) =>
            new ComputationExit().Plan(Vgg5, estimates.Next(rate * Mbit, load), objective).Routes[0].Split);
        var (seconds, joules) = (extremes.Max(static e => e.Seconds), extremes.Max(static e => e.Joules));
        double Value(RequestEvents events) => (alpha * events.Seconds / seconds) + ((1 - alpha) * events.Joules / joules);
        var better = extremes.Min(Value);
        return ((ours.Average(Value) / better) - 1, (ours.Max(Value) / better) - 1);
    }

    private static ImmutableArray<RequestEvents> Play(
        DeviceProfile device, Func<TimeSpan, (double Rate, double Load)> at, int count, Func<int, TimeSpan, int> cutOf,
        TimeSpan? every = null)
    {
        var between = every ?? TimeSpan.FromSeconds(1);
        var first = at(TimeSpan.Zero);
        (TimeSpan At, (double Rate, double Load) To)[] changes =
            [.. Enumerable.Range(0, count).Select(i => (i * between, at(i * between)))];
        return new PlayedRequests(Vgg5, device,
            DeviceProfile.EdgeServer with { SpeedTrace = [.. changes.Select(static c => (c.At, 1 / c.To.Load))] },
            new()
            {
                UpBitsPerSecond = first.Rate * Mbit,
                DownBitsPerSecond = first.Rate * Mbit,
                RateTrace = [.. changes.Select(c => (c.At, c.To.Rate / first.Rate))],
            }, Request).Run(count, between, cutOf);
    }

    private static ResourceView View(DeviceProfile device, double rate, double load) =>
        RequestBed.View(Vgg5, device, rate * Mbit, rate * Mbit, load);
}
