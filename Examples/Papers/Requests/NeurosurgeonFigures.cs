using System.Collections.Immutable;
using StreamLearn.Nodes;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace Partition;

/// <summary>The figures of Neurosurgeon: latency and energy against all layers on the server.</summary>
internal static class NeurosurgeonFigures
{
    private const string Share = "+0.0 %;-0.0 %;0.0 %";
    private const string Remote = "all on the server draws the least";
    private static readonly double[] Rates = [54e6, 12e6, 2e6];         // Wi-Fi, LTE, 3G

    internal static IEnumerable<Figure> Of(InferSettings settings)
    {
        var link = settings.IsTraced ? "links by trace" : "Wi-Fi, LTE, 3G";
        foreach (var (device, profile) in InferBed.Devices)
        {
            var isNano = device == "nano";
            ImmutableArray<(double Faster, double Saved)> gains = [.. Gains(settings, profile)];
            yield return Row($"latency, {device}, mean of {gains.Length}, {link}", isNano ? "3.1x" : "",
                gains.Average(static g => g.Faster), "0.00x", isNano ? "theirs: 8 networks on a Jetson TK1" : "the server is far faster");
            yield return Row($"latency, {device}, best of {gains.Length}, {link}", isNano ? "40.7x" : "",
                gains.Max(static g => g.Faster), "0.00x", isNano ? "over 3G, all on the device" : "a Pi 3 computes slowly");
            yield return Row($"energy, {device}, mean of {gains.Length}, {link}", isNano ? "-59.5 %" : "",
                gains.Average(static g => g.Saved), Share, isNano ? "theirs: LTE and 3G radios draw more" : Remote);
            yield return Row($"energy, {device}, best of {gains.Length}, {link}", isNano ? "-94.7 %" : "",
                gains.Min(static g => g.Saved), Share, isNano ? "over 3G, all on the device" : Remote);
        }

        static Figure Row(string what, string published, double ours, string format, string why) =>
            new("Neurosurgeon", what, published, "", ours, format, why);
    }

    /// <summary>For each network and link, how many times as fast, and what is saved, against all layers on the server.</summary>
    private static IEnumerable<(double Faster, double Saved)> Gains(InferSettings settings, DeviceProfile device)
    {
        double[] rates = settings.IsTraced ? [0] : Rates;
        foreach (var model in new[] { ReferenceCosts.Vgg5, ReferenceCosts.Vgg8 })
        {
            foreach (var rate in rates)
            {
                var view = InferBed.View(model, device, settings.Uplink?.At(0) ?? Or(rate), settings.Downlink?.At(0) ?? Or(rate), load: 1);
                var cloud = SplitRoutes.Of(model, view, Objective.Request)[0][0].Cost;
                yield return (cloud.BatchSeconds / Least(NeurosurgeonGoal.Latency).BatchSeconds,
                    (Least(NeurosurgeonGoal.Energy).BatchJoules / cloud.BatchJoules) - 1);

                PlanCost Least(NeurosurgeonGoal goal) => new Neurosurgeon(goal).Plan(model, view, Objective.Request).Routes[0].Cost;
            }
        }

        static double Or(double rate) => rate == 0 ? Rates[0] : rate;
    }
}
