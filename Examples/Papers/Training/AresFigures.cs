using System.Collections.Immutable;
using StreamLearn.Nodes;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace Partition;

/// <summary>The figures of ARES: time and energy against classic federated learning.</summary>
internal static class AresFigures
{
    private const int Rounds = 100;
    private const double PiWifi = 40e6;

    private static readonly (string Name, DeviceProfile Profile)[] Pi = [("pi3", DeviceProfiles.Pi3)];

    internal static ImmutableArray<Figure> Of(TrainSettings settings)
    {
        var link = settings.IsTraced ? "links by trace" : "40 Mbit/s";
        var (one, four) = (Shares(Pi, new AresPerDevice(), 1), Shares(Pi, new AresPerDevice(), 4));
        var fleet = Shares(TestBed.Ares.AsSpan(), new AresJoint(), 1);
        return
        [
            Row($"time, a Pi 3, {link}, 8 bit", "-48 %", "-51 %", one.Seconds, "theirs is measured; ours has no overhead"),
            Row($"energy, a Pi 3, {link}, 8 bit", "-61.4 %", "-60 %", one.Joules, "theirs is of the board; ours of work and radio"),
            Row($"time, a Pi 3, {link}, float32", "", "-27 %", four.Seconds, "four times the bytes"),
            Row($"energy, a Pi 3, {link}, float32", "", "-54 %", four.Joules, "computing is most of the energy"),
            Row($"time, 2 Pi 3 and 3 Nano, {link}, 8 bit, joint", "", "", fleet.Seconds, "the Pi 3 is the slowest"),
            Row($"energy, 2 Pi 3 and 3 Nano, {link}, 8 bit, joint", "", "", fleet.Joules, "of all devices"),
        ];

        (double Seconds, double Joules) Shares(ReadOnlySpan<(string Name, DeviceProfile Profile)> devices, Planner planner, double bytes)
        {
            var (model, fleet) = (ReferenceCosts.Vgg5, devices.ToArray());
            var (up, down) = (settings.Uplink ?? RateTrace.Constant(PiWifi), settings.Downlink ?? RateTrace.Constant(PiWifi));
            var objective = new Objective { Alpha = settings.Alpha, BytesPerValue = bytes, BytesPerGradient = bytes };
            ResourceView World(int round, double elapsed) => TestBed.View(model, up.At(elapsed), down.At(elapsed), fleet);
            var ours = PlayedRounds.Play(model, objective, new Steady(planner), Rounds, World);
            var local = PlayedRounds.Play(model, objective, FixedSplit.All, Rounds, World);
            return ((ours.Seconds() / local.Seconds()) - 1, (ours.Joules() / local.Joules()) - 1);
        }

        static Figure Row(string what, string published, string calibrated, double ours, string why) =>
            new("ARES", what, published, calibrated, ours, "+0.0 %;-0.0 %", why);
    }
}
