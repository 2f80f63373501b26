using System.Collections.Immutable;
using StreamLearn.Nodes;
using StreamLearn.Samples;

namespace Partition;

/// <summary>The figures of EEoC: time and energy against the better of all layers on the device and all on the server.</summary>
internal static class EeocFigures
{
    private static readonly double[] Rates = [.5e6, 1e6, 2e6, 5e6, 10e6, 20e6, 50e6, 100e6];
    private static readonly double[] Loads = [1, 2, 5, 10];

    internal static IEnumerable<Figure> Of(InferSettings settings)
    {
        var link = settings.IsTraced ? "links by trace" : ".5 to 100 Mbit/s";
        foreach (var (bytes, name) in ((double, string)[])[(1, "8 bit"), (4, "float32")])
        {
            ImmutableArray<(double Time, double Energy, double Value)> shares = [.. Shares(settings, bytes)];
            var of = $"of {shares.Length} settings, {link}, {name}";
            var is8Bit = bytes == 1;
            yield return Row($"time, best {of}", is8Bit ? "-24.6 %" : "", shares.Min(static s => s.Time),
                is8Bit ? "their networks and test bed are not known" : "four times the bytes");
            yield return Row($"energy, best {of}", is8Bit ? "-46.5 %" : "", shares.Min(static s => s.Energy),
                is8Bit ? "their networks and test bed are not known" : "four times the bytes");
            yield return Row($"value, best {of}", "", shares.Min(static s => s.Value), "time and energy together");
            yield return Row($"value, mean {of}", "", shares.Average(static s => s.Value), "mostly an extreme is the best cut");
        }

        static Figure Row(string what, string published, double ours, string why) =>
            new("EEoC", what, published, "", ours, "+0.0 %;-0.0 %;0.0 %", why);
    }

    /// <summary>What is saved in each setting, against the extreme that is worth more.</summary>
    private static IEnumerable<(double Time, double Energy, double Value)> Shares(InferSettings settings, double bytes)
    {
        var (model, objective) = (ReferenceCosts.Vgg5, Objective.Request with { Alpha = settings.Alpha, BytesPerValue = bytes });
        foreach (var (_, device) in InferBed.Devices)
        {
            foreach (var (up, down) in RatesOf(settings))
            {
                foreach (var load in Loads)
                {
                    var view = InferBed.View(model, device, up, down, load);
                    var routes = SplitRoutes.Of(model, view, objective)[0];
                    var (ours, better) = (new ComputationExit().Plan(model, view, objective).Routes[0].Cost,
                        ((PlanCost[])[routes.Local.Cost, routes[0].Cost]).MinBy(Value)!);
                    yield return ((ours.BatchSeconds / better.BatchSeconds) - 1, (ours.BatchJoules / better.BatchJoules) - 1,
                        (Value(ours) / Value(better)) - 1);

                    double Value(PlanCost cost) => ComputationExit.Value(routes, cost, settings.Alpha);
                }
            }
        }
    }

    /// <summary>The rates of the sweep, or those between which the traces change.</summary>
    private static IEnumerable<(double Up, double Down)> RatesOf(InferSettings settings)
    {
        if (!settings.IsTraced) { return Rates.Select(static rate => (rate, rate)); }
        var (up, down) = (settings.Uplink ?? settings.Downlink!, settings.Downlink ?? settings.Uplink!);
        return up.Link.RateTrace.Concat(down.Link.RateTrace).Select(static change => change.At.TotalSeconds).Append(0).Distinct().Order()
            .Select(at => (up.At(at), down.At(at))).Distinct();
    }
}
