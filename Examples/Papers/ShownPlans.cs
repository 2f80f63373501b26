using StreamLearn.Nodes;
using StreamLearn.Samples;

namespace Partition;

/// <summary>Plans for the mixed fleet of ARES: two Pi 3 and three Jetson Nano, 8-bit activations.</summary>
internal static class ShownPlans
{
    private const double Wifi = 40e6;

    /// <summary>What the plans are made for.</summary>
    internal static string Setting(TrainSettings settings)
    {
        var (up, down) = (settings.Uplink?.At(0) ?? Wifi, settings.Downlink?.At(0) ?? Wifi);
        return FormattableString.Invariant(
                $"vgg5 on two Pi 3 and three Jetson Nano; {up / 1e6:0.###} Mbit/s up and {down / 1e6:0.###} down, ")
            + FormattableString.Invariant($"8 bits a value, alpha {settings.Alpha}; layers count from 0, of 7");
    }

    internal static IEnumerable<(string Title, Plan Plan)> Of(TrainSettings settings)
    {
        var (up, down) = (settings.Uplink ?? RateTrace.Constant(Wifi), settings.Downlink ?? RateTrace.Constant(Wifi));
        var (model, objective) = (ReferenceCosts.Vgg5, new Objective { Alpha = settings.Alpha, BytesPerValue = 1, BytesPerGradient = 1 });
        var view = TestBed.View(model, up.At(0), down.At(0), TestBed.Ares.AsSpan());
        foreach (var (title, planner) in ((string, Planner)[])
        [
            ("classic federated learning", FixedSplit.All),
            ("best common split", new ExhaustiveSplit()),
            ("fastest split of each device", new GreedySplit()),
            ("ARES, each device for itself", new AresPerDevice()),
            ("ARES, all together", new AresJoint()),
        ])
        {
            yield return (title, planner.Plan(model, view, objective));
        }
    }
}
