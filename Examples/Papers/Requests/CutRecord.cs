using System.Collections.Immutable;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace Partition;

/// <summary>A record of requests while the link becomes slower: what EEoC chose, and what every fixed cut takes at the same time.</summary>
internal sealed record CutRecord(LayerCosts Model, string Device, double Load, Objective Objective, ImmutableArray<CutStep> Steps)
{
    private const int Requests = 120;
    private const int ChangesEach = 3;          // seconds
    private const double Fastest = 100e6;
    private const double Slowest = 1e6;

    /// <summary>Plays a Jetson Nano with a busy server for two minutes, a request a second, over a link that falls from 100 to 1 Mbit/s
    /// or goes by the trace of the settings, which holds both ways.</summary>
    /// <exception cref="FormatException">The link is so slow that requests of some cut would wait for each other.</exception>
    internal static CutRecord Play(InferSettings settings)
    {
        const double Busy = 5;
        var widest = 8 * ReferenceCosts.Vgg5.ValuesAt(1);
        var every = TimeSpan.FromSeconds(1);
        var (model, device, link) = (ReferenceCosts.Vgg5, DeviceProfiles.NanoMaxn, settings.Uplink ?? Falling());
        if (link.Link.RateTrace.Select(change => link.At(change.At.TotalSeconds)).Append(link.At(0)).Min() is var least && least <= widest)
        {
            throw new FormatException(
                $"--set uplink: expected more than {widest} bit/s, so that a request is over before the next, got {least}");
        }

        var objective = Objective.Request with { Alpha = settings.Alpha, BytesPerValue = 1 };
        var played = new PlayedRequests(model, device, DeviceProfiles.EdgeServer with { Speed = 1 / Busy },
            link.Link with { DownBitsPerSecond = link.Link.UpBitsPerSecond }, objective);
        var estimates = new NoisyEstimates(model, device, settings.Seed);
        var planned = played.Run(Requests, every, (_, time) =>
            new ComputationExit().Plan(model, estimates.Next(link.At(time.TotalSeconds), Busy), objective).Routes[0].Split);
        ImmutableArray<RequestEvents>[] cuts =
            [.. Enumerable.Range(0, model.Count + 1).Select(cut => played.Run(Requests, every, (_, _) => cut))];
        return new(model, "Jetson Nano", Busy, objective, [.. planned.Select((request, i) =>
            new CutStep(request.Born, link.At(request.Born), request, [.. cuts.Select(of => of[i])]))]);
    }

    /// <summary>Means of a request under the plan and for each fixed cut. The value is alpha · T / T_ref + (1 − alpha) · E / E_ref, where
    /// the references are the worse of all on the device and all on the server for the same request.</summary>
    internal IEnumerable<(string Name, double Seconds, double Joules, double Value)> Means()
    {
        yield return Mean("EEoC", static step => step.Planned);
        for (var cut = 0; cut <= Model.Count; cut++)
        {
            var of = cut;
            yield return Mean(NameOf(cut), step => step.Fixed[of]);
        }
    }

    /// <summary>What a cut is called.</summary>
    internal string NameOf(int cut) => cut == 0 ? "all on the server" : cut == Model.Count ? "all on the device"
        : cut == 1 ? "1 layer on the device" : FormattableString.Invariant($"{cut} layers on the device");

    private (string Name, double Seconds, double Joules, double Value) Mean(string name, Func<CutStep, RequestEvents> of) => (name,
        Steps.Average(step => of(step).Seconds), Steps.Average(step => of(step).Joules), Steps.Average(step => ValueOf(step, of(step))));

    private double ValueOf(CutStep step, RequestEvents events)
    {
        var (remote, local, alpha) = (step.Fixed[0], step.Fixed[^1], Objective.Alpha);
        return (alpha * events.Seconds / Math.Max(remote.Seconds, local.Seconds))
            + ((1 - alpha) * events.Joules / Math.Max(remote.Joules, local.Joules));
    }

    private static RateTrace Falling() => new(new LinkProfile
    {
        UpBitsPerSecond = Fastest,
        RateTrace = [.. Enumerable.Range(1, (Requests / ChangesEach) - 1).Select(static i => new SpeedChange(
            TimeSpan.FromSeconds(i * ChangesEach), Math.Pow(Slowest / Fastest, (double)i / ((Requests / ChangesEach) - 1))))],
    });
}
