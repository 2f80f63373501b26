using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Samples;

namespace Partition;

/// <summary>The figures of FedAdapt: how many times as fast as classic federated learning.</summary>
internal static class FedAdaptFigures
{
    private const double Wifi = 75e6;
    private const double Lan = 1e9;
    private const string Own = "its layers are not published; these are ours";

    /// <summary>Trains an agent for each figure.</summary>
    internal static IEnumerable<Figure> Of(
        TrainSettings settings, Action<string, int, int> onEpisode, CancellationToken cancellationToken)
    {
        const string Classic = "round 1 of 100 is classic";
        foreach (var (name, model, isPublished) in ((string, LayerCosts, bool)[])
            [("vgg5", ReferenceCosts.Vgg5, true), ("vgg8", ReferenceCosts.Vgg8, false)])
        {
            yield return Speedup(Wifi, 4, "1.72x", "26 Mbit each way a batch; " + Classic);
            yield return Speedup(Wifi, 1, "2.24x", "a quarter of the bytes; " + Classic);
            if (!settings.IsTraced) { yield return Speedup(Lan, 4, "2.40x", "the published model and link are not known"); }
            yield return new("FedAdapt", $"{name}, time, {LinkText(Wifi)}, drops to 10 Mbit/s", isPublished ? "-40 %" : "",
                isPublished ? "-30 to -40 %" : "", Share(Case(Wifi, 4, hasDrops: true), $"{name}, drops") - 1, "+0.0 %;-0.0 %",
                isPublished ? "a slow Pi 3 trains all; each drop costs a round" : Own);

            Figure Speedup(double rate, double bytes, string specified, string why)
            {
                var what = $"{name}, speed, {LinkText(rate)}, {(bytes == 1 ? "8 bit" : "float32")}";
                return new("FedAdapt", what, isPublished ? "2.35x" : "", isPublished ? specified : "", 1 / Share(Case(rate, bytes), what),
                    "0.00x", isPublished ? why : Own);
            }

            FedAdaptCase Case(double rate, double bytes, bool hasDrops = false) =>
                new(model, settings.Uplink ?? RateTrace.Constant(rate), settings.Downlink ?? RateTrace.Constant(rate), bytes, hasDrops);
        }

        double Share(FedAdaptCase of, string what)
        {
            var planner = of.Train(settings.Seed, (agent, episode, _, _) => onEpisode(what, agent, episode), cancellationToken);
            return of.Play(planner).Seconds() / of.Play(FixedSplit.All).Seconds();
        }

        string LinkText(double rate) => settings.IsTraced ? "links by trace" : rate == Lan ? "1 Gbit/s" : "75 Mbit/s";
    }
}
