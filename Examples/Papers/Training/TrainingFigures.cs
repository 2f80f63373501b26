namespace Papers;

internal static class TrainingFigures
{
    private const double PiWifi = 40e6, Wifi = 75e6, Lan = 1e9;
    private const int FedFlySplit = 4;            // after pool 2, index 3 in the papers
    private const string Own = "its layers are not published; these are ours";
    private static readonly (string Name, DeviceProfile Profile)[] Pi = [("pi3", DeviceProfile.Pi3)];

    internal static IEnumerable<Figure> Of(long seed, CancellationToken cancellationToken) =>
        [.. FedAdapt(seed, cancellationToken), .. FedFly(), .. Ares()];

    /// <summary>The speedup over classic federated learning. Trains an agent for each figure.</summary>
    private static IEnumerable<Figure> FedAdapt(long seed, CancellationToken cancellationToken)
    {
        const string Classic = "round 1 of 100 is classic";
        foreach (var (name, model, isPublished) in ((string, LayerCosts, bool)[])
            [("vgg5", ReferenceCosts.Vgg5, true), ("vgg8", ReferenceCosts.Vgg8, false)])
        {
            yield return Speedup("75 Mbit/s, float32", new(model, Wifi, 4), "1.72x", "26 Mbit each way a batch; " + Classic);
            yield return Speedup("75 Mbit/s, 8 bit", new(model, Wifi, 1), "2.24x", "a quarter of the bytes; " + Classic);
            yield return Speedup("1 Gbit/s, float32", new(model, Lan, 4), "2.40x", "the published model and link are not known");
            yield return new("FedAdapt", $"{name}, time, 75 Mbit/s, drops to 10 Mbit/s", isPublished ? "-40 %" : "",
                isPublished ? "-30 to -40 %" : "", Share(new(model, Wifi, 4, HasDrops: true)) - 1, Figure.Share,
                isPublished ? "a slow Pi 3 trains all; each drop costs a round" : Own);

            Figure Speedup(string link, FedAdaptCase of, string specified, string why) => new("FedAdapt", $"{name}, speed, {link}",
                isPublished ? "2.35x" : "", isPublished ? specified : "", 1 / Share(of), "0.00x", isPublished ? why : Own);
        }

        double Share(FedAdaptCase of) => of.Play(of.Train(seed, cancellationToken)).Seconds() / of.Play(FixedSplit.All).Seconds();
    }

    /// <summary>The time saved by moving a session instead of restarting the round.</summary>
    internal static IEnumerable<Figure> FedFly()
    {
        var (model, objective) = (ReferenceCosts.Vgg5, new Objective());
        var round = new FixedSplit(FedFlySplit).Plan(model, TestBed.View(model, Wifi, Wifi, Pi), objective).Seconds;
        var move = 8 * SessionMove.CheckpointBytes(model, FedFlySplit, objective) / Wifi;
        foreach (var (done, published, specified, why) in new[]
        {
            (.5, "-33 %", "-33.3 %", "minus the time of the checkpoint"),
            (.9, "-45 %", "-47.4 %", "the formula predicts more than was measured"),
        })
        {
            yield return new("FedFly", Invariant($"time of a round, move after {100 * done:F0} %"), published, specified,
                -SessionMove.Saving(round, done, move), Figure.Share, why);
        }

        yield return new("FedFly", "seconds of a move", "<= 2 s", "", move, "0.00 s", "the checkpoint alone");
    }

    /// <summary>Relative to classic federated learning.</summary>
    internal static IEnumerable<Figure> Ares()
    {
        var (one, four) = (Shares(Pi, new AresPerDevice(), 1), Shares(Pi, new AresPerDevice(), 4));
        var fleet = Shares([.. TestBed.Ares], new AresJoint(), 1);
        return
        [
            Row("time, a Pi 3, 40 Mbit/s, 8 bit", "-48 %", "-51 %", one.Seconds, "theirs is measured; ours has no overhead"),
            Row("energy, a Pi 3, 40 Mbit/s, 8 bit", "-61.4 %", "-60 %", one.Joules, "theirs is of the board; ours of work and radio"),
            Row("time, a Pi 3, 40 Mbit/s, float32", "", "-27 %", four.Seconds, "four times the bytes"),
            Row("energy, a Pi 3, 40 Mbit/s, float32", "", "-54 %", four.Joules, "computing is most of the energy"),
            Row("time, 2 Pi 3 and 3 Nano, 40 Mbit/s, 8 bit, joint", "", "", fleet.Seconds, "the Pi 3 is the slowest"),
            Row("energy, 2 Pi 3 and 3 Nano, 40 Mbit/s, 8 bit, joint", "", "", fleet.Joules, "of all devices"),
        ];

        static (double Seconds, double Joules) Shares((string Name, DeviceProfile Profile)[] devices, Planner planner, double bytes)
        {
            const int Rounds = 100;
            var (model, view) = (ReferenceCosts.Vgg5, TestBed.View(ReferenceCosts.Vgg5, PiWifi, PiWifi, devices));
            var objective = new Objective { Alpha = .5, BytesPerValue = bytes, BytesPerGradient = bytes };
            var ours = PlayedRounds.Play(model, objective, new Steady(planner), Rounds, _ => view);
            var local = PlayedRounds.Play(model, objective, FixedSplit.All, Rounds, _ => view);
            return ((ours.Seconds() / local.Seconds()) - 1, (ours.Joules() / local.Joules()) - 1);
        }

        static Figure Row(string what, string published, string specified, double ours, string why) =>
            new("ARES", what, published, specified, ours, Figure.Share, why);
    }
}
