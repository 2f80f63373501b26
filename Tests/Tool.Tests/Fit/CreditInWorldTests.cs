using StreamLearn.Programs;
using StreamLearn.Simulation;

namespace Tool.Tests;

public sealed class CreditInWorldTests
{
    /// <summary>Seconds after which participants are back: the aggregator, then the devices in turn.</summary>
    private static readonly double[] Back = [0.5, 0.6, 2.4, 0.9, 1.3, 1.9, 0.5, 0.7, 1.1];

    [Fact]
    public void A_lost_server_costs_no_update_and_little_accuracy()
    {
        var calm = Run(static (_, _) => { });
        var troubled = Run((world, all) =>
        {
            foreach (var (i, participant) in all.Index())
            {
                world.At(calm.Length / 3, participant.Disconnect);
                world.At((calm.Length / 3) + TimeSpan.FromSeconds(Back[i]), participant.Connect);
            }
        });

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"accuracy {troubled.Accuracy:0.000} ({calm.Accuracy:0.000}), staleness p95 "
                + $"{troubled.Staleness} ({calm.Staleness}), {troubled.Length}");
        Assert.Equal((0, 0), (calm.Unknown, troubled.Unknown));
        Assert.InRange(troubled.Accuracy, calm.Accuracy - 0.1, 1);
        Assert.InRange(troubled.Staleness, 0, 2 * Math.Max(2, calm.Staleness));
    }

    private static (double Accuracy, long Staleness, TimeSpan Length, long Unknown) Run(Action<VirtualWorld, List<VirtualDevice>> trouble)
    {
        using var world = new VirtualWorld(new() { Seed = FleetSetting.Default.Seed });
        var (watch, edge, run) = (new FleetWatch(), EdgeLink.Over(world.Transport("edge")), FleetSetting.Default.RunOf("sl/world"));
        List<VirtualDevice> all = [world.Add(Pipelines.Aggregator(run, edge, watch))];
        foreach (var (i, name) in run.Source.Devices.Index())
        {
            var (profile, link) = run.Scenario.ProfileOf(name, i, FleetSetting.Default.Seed);
            all.Add(world.Add(Pipelines.Sensor(run, new(name, i, 0, TimeSpan.Zero), edge, watch), profile, link));
        }

        trouble(world, all);
        world.RunToEnd(TestContext.Current.CancellationToken);
        return (FleetSetting.Default.AccuracyOf(watch), TriedFleet.StalenessOf(watch), world.Elapsed,
            all.Skip(1).Sum(d => d.Metrics["train"].Counter("updates-unknown")));
    }
}
