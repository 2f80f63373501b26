using System.Collections.Immutable;
using StreamLearn.Nodes;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace Partition;

/// <summary>The figures of FedFly: what moving a session saves over starting the round again.</summary>
internal static class FedFlyFigures
{
    private const double Wifi = 75e6;
    private const int Split = 4;            // after pool 2, index 3 of the papers

    private static readonly (string Name, DeviceProfile Profile)[] Devices = [("pi3", DeviceProfiles.Pi3)];

    internal static ImmutableArray<Figure> Of(TrainSettings settings)
    {
        var (up, down) = (settings.Uplink ?? RateTrace.Constant(Wifi), settings.Downlink ?? RateTrace.Constant(Wifi));
        var (objective, model) = (new Objective(), ReferenceCosts.Vgg5);
        var view = TestBed.View(model, up.At(0), down.At(0), Devices);
        var round = new FixedSplit(Split).Plan(model, view, objective).Seconds;
        return
        [
            Saving(.5, "-33 %", "-33.3 %", "less what the checkpoint takes"),
            Saving(.9, "-45 %", "-47.4 %", "the formula gives more than was measured"),
            new("FedFly", "seconds of a move", "<= 2 s", "", Move(0), "0.00 s", "the checkpoint alone"),
        ];

        double Move(double at) => 8 * SessionMove.CheckpointBytes(model, Split, objective) / up.At(at);

        Figure Saving(double done, string published, string calibrated, string why) => new(
            "FedFly", FormattableString.Invariant($"time of a round, move after {100 * done:F0} %"), published, calibrated,
            -SessionMove.Saving(round, done, Move(done * round)), "+0.0 %;-0.0 %", why);
    }
}
