using System.Collections.Immutable;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Simulation;

namespace Aggregator;

/// <summary>Trains FedAdapt's agent at start, in a simulation of its paper's devices and links.</summary>
/// <remarks>The result does not depend on machine or clock: the same model and file give the same agent.</remarks>
internal static class FedAdaptStart
{
    private const long Seed = 42;
    private const double Pi4Speed = 1.9;            // speed relative to a Raspberry Pi 3, from its specification
    private const string Edge = "edge";
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>Links drop to 10 Mbit/s; slow means below 15.</summary>
    private static readonly FedAdaptTraining Training = new()
    {
        SlowBitsPerSecond = LinkProfile.PiWifiShaped.UpBitsPerSecond,
        DropBitsPerSecond = LinkProfile.FedAdaptSlide.UpBitsPerSecond,
    };

    private static readonly ImmutableArray<(string Name, DeviceProfile Profile)> Devices =
    [
        ("pi3-1", DeviceProfile.Pi3), ("pi3-2", DeviceProfile.Pi3),
        ("pi4-1", DeviceProfile.Pi3 with { Speed = Pi4Speed }), ("pi4-2", DeviceProfile.Pi3 with { Speed = Pi4Speed }),
        ("nano", DeviceProfile.NanoMaxn), (Edge, DeviceProfile.EdgeServer),
    ];

    /// <summary><paramref name="say"/>: called once if training takes over a second.</summary>
    internal static FedAdapt Learn(LayerCosts model, Objective objective, TimeProvider time, Action<string> say)
    {
        var (began, isSaid) = (time.GetTimestamp(), false);
        return Training.Train(model, World(model, objective), objective, Seed, (agent, _, _, _) =>
        {
            if (isSaid || time.GetElapsedTime(began) < Quiet) { return; }
            isSaid = true;
            say(FormattableString.Invariant($"planner fedadapt: training in a simulation, agent {agent} of {Training.Agents}"));
        });
    }

    /// <summary>Returns a planner for configuration checks, which plan nothing.</summary>
    internal static FedAdapt Untrained(LayerCosts model, Objective objective) =>
        Training.Untrained(model, World(model, objective), objective, Seed);

    /// <summary>Scales the devices by their multiply-adds, since the paper's times are those of another model.</summary>
    internal static ResourceView World(LayerCosts model, Objective objective) => new(
        [.. Devices.Select(d => NodeView.Of(d.Name, d.Profile with { LayerTimes = null }, model) with
        {
            Rows = d.Name == Edge ? 0 : objective.BatchRows,
        })],
        [.. Devices.Where(static d => d.Name != Edge)
            .Select(static d => new LinkView(d.Name, Edge, LinkProfile.NanoWifi.UpBitsPerSecond))]);
}
