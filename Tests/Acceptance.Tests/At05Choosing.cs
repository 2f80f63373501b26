extern alias example;

using System.Collections.Immutable;
using example::Partition;
using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Planning;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace Acceptance.Tests;

/// <summary>Sections 5.1 and 5.3: computation that leaves the device early, and a cut chosen together with exits.</summary>
/// <remarks>Requests run in the virtual world; what they take is read from its clock and its meter, not from the planners' costs.
/// <c>independent/one_cut.py</c> computes values of EEoC by itself.</remarks>
public sealed class At05Choosing(ITestOutputHelper output)
{
    private const int Local = 7;
    private const double Mbit = 1e6;
    private static readonly LayerCosts Vgg5 = ReferenceCosts.Vgg5;
    private static readonly Objective Request = Objective.Request with { BytesPerValue = 1, BytesPerGradient = 4 };
    private static readonly double[] Rates = [.5, 1, 2, 5, 10, 20, 50, 100];
    private static readonly double[] Loads = [1, 2, 4, 7, 10];
    private static readonly (string Name, DeviceProfile Profile)[] Devices = [("pi3", DeviceProfiles.Pi3), ("nano", DeviceProfiles.NanoMaxn)];

    /// <summary>Values of each cut from the script, of a row with a byte a value forward and four of the answer.</summary>
    [Fact]
    public void AT_5a_A_request_in_the_virtual_world_takes_what_the_planner_counts_with()
    {
        foreach (var (name, device) in Devices)
        {
            var (rate, load) = (5.0, 3.0);
            var routes = SplitRoutes.Of(Vgg5, View(device, rate, load), Request)[0];
            for (var cut = 0; cut <= Local; cut++)
            {
                var played = Play(device, rate, load, 2, (_, _) => cut)[1];
                Assert.Equal(routes[cut].Cost.BatchSeconds, played.Seconds, 1e-6);
                Assert.Equal(routes[cut].Cost.BatchJoules, played.Joules, 1e-6);
                output.WriteLine($"{name} {cut}: {1e3 * played.Seconds:F3} ms, {1e3 * played.Joules:F3} mJ");
            }
        }
    }

    [Fact]
    public void AT_5a_Explore()
    {
        foreach (var (name, device) in Devices)
        {
            foreach (var alpha in (double[])[0, .5, 1])
            {
                foreach (var rate in Rates)
                {
                    foreach (var load in Loads)
                    {
                        var (ours, local, remote, worst) = Values(device, rate, load, alpha, 100);
                        var best = Math.Min(local, remote);
                        output.WriteLine($"{name} alpha {alpha} {rate} Mbit/s load {load}: ours {ours:F4}, local {local:F4}, remote {remote:F4}: "
                            + $"{100 * ((ours / best) - 1):F2} % worst request {100 * ((worst / best) - 1):F2} %");
                    }
                }
            }
        }
    }

    private (double Ours, double Local, double Remote, double Worst) Values(
        DeviceProfile device, double rate, double load, double alpha, int requests)
    {
        var (objective, estimates) = (Request with { Alpha = alpha }, new Estimates(device, rate, load));
        var ours = Play(device, rate, load, requests, (_, _) =>
            new ComputationExit().Plan(Vgg5, estimates.Next(), objective).Routes[0].Split);
        var (local, remote) = (Play(device, rate, load, 2, static (_, _) => Local)[1], Play(device, rate, load, 2, static (_, _) => 0)[1]);
        var (seconds, joules) = (Math.Max(local.Seconds, remote.Seconds), Math.Max(local.Joules, remote.Joules));
        double Value(RequestEvents e) => (alpha * e.Seconds / seconds) + ((1 - alpha) * e.Joules / joules);
        return (ours.Average(Value), Value(local), Value(remote), ours.Max(Value));
    }

    /// <summary>What is known of a rate, a load and a speed: means of probes that are 10 % off, of which the newest counts .3.</summary>
    private sealed class Estimates(DeviceProfile device, double rate, double load)
    {
        private readonly RandomStream _noise = new(1, "probes");
        private (double Rate, double Load, double Speed) _mean;
        private bool _isKnown;

        internal ResourceView Next()
        {
            var now = (Rate: rate * Noise(), Load: load * Noise(), Speed: 1 * Noise());
            _mean = _isKnown ? (Mix(_mean.Rate, now.Rate), Mix(_mean.Load, now.Load), Mix(_mean.Speed, now.Speed)) : now;
            _isKnown = true;
            return View(device with { Speed = _mean.Speed }, _mean.Rate, _mean.Load);
        }

        private static double Mix(double mean, double value) => mean + (.3 * (value - mean));

        private double Noise() => Math.Max(.2, 1 + (.1 * _noise.NextGaussian()));
    }

    private static ImmutableArray<RequestEvents> Play(DeviceProfile device, double rate, double load, int count, Func<int, TimeSpan, int> cutOf) =>
        new PlayedRequests(Vgg5, device, DeviceProfiles.EdgeServer with { Speed = 1 / load },
            new() { UpBitsPerSecond = rate * Mbit, DownBitsPerSecond = rate * Mbit }, Request).Run(count, TimeSpan.FromSeconds(1), cutOf);

    private static ResourceView View(DeviceProfile device, double rate, double load) => new(
        [NodeView.Of("device", device, Vgg5) with { Rows = 1 }, NodeView.Of("server", DeviceProfiles.EdgeServer with { Speed = 1 / load }, Vgg5)],
        [new("device", "server", rate * Mbit)]);
}
