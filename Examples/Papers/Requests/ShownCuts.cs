using System.Globalization;
using StreamLearn.Nodes;
using StreamLearn.Samples;

namespace Partition;

/// <summary>Plans for a Pi 3 and a Jetson Nano with a server of the edge, at a few rates.</summary>
internal static class ShownCuts
{
    private static readonly double[] Rates = [2e6, 20e6, 100e6];

    /// <summary>A line for each device, rate and planner, under a head.</summary>
    internal static IEnumerable<string> Lines(InferSettings settings)
    {
        var (model, objective) = (ReferenceCosts.Vgg5, Objective.Request with { Alpha = settings.Alpha, BytesPerValue = 1 });
        yield return string.Create(CultureInfo.InvariantCulture,
            $"vgg5 answers a row, layers from 0, of {model.Count}; 8 bits a value, alpha {settings.Alpha}, a server at load 2");
        yield return "";
        yield return "device  Mbit/s up  planner                 layers                     ms       mJ";
        foreach (var (device, profile) in InferBed.Devices)
        {
            foreach (var rate in settings.Uplink is null ? Rates : [0])
            {
                var view = InferBed.View(model, profile, UpOf(settings, rate), settings.Downlink?.At(0) ?? UpOf(settings, rate), load: 2);
                foreach (var (name, planner) in Planners)
                {
                    var route = planner.Plan(model, view, objective).Routes[0];
                    yield return string.Create(CultureInfo.InvariantCulture,
                            $"{device,-6}  {UpOf(settings, rate) / 1e6,9:0.###}  {name,-22}  {string.Join(", ", route.Ranges),-22} ")
                        + string.Create(CultureInfo.InvariantCulture,
                            $"{1e3 * route.Cost.BatchSeconds,8:F3} {1e3 * route.Cost.BatchJoules,8:F3}");
                }
            }
        }
    }

    private static readonly (string Name, Planner Planner)[] Planners =
    [
        ("all on the device", FixedSplit.All),
        ("all on the server", new FixedSplit(0)),
        ("EEoC", new ComputationExit()),
        ("Neurosurgeon, latency", new Neurosurgeon()),
        ("Neurosurgeon, energy", new Neurosurgeon(NeurosurgeonGoal.Energy)),
    ];

    /// <summary>The rate of the trace at its beginning; without one the given rate.</summary>
    private static double UpOf(InferSettings settings, double rate) => settings.Uplink?.At(0) ?? rate;
}
