using StreamLearn.Learning;
using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Tool.Tests;

/// <summary>Every message of a device has one column.</summary>
public sealed class UpdateLedgerTests
{
    private static readonly FleetSource Source = FleetSource.From(new() { Devices = 4 });

    [Fact]
    public void Messages_of_a_small_fleet_add_up_at_the_cut_off_and_one_without_a_column_is_told()
    {
        var ledger = LedgerOf(static _ => { });

        Assert.True(ledger.AddsUp, ledger.Text);
        Assert.True(ledger is { Applied: > 0, WithoutSteps: > 0, Unreadable: 0, Unknown: 0 }, ledger.Text);
        Assert.True(ledger.Updates < ledger.Messages);
        Assert.EndsWith("  DOES NOT ADD UP", (ledger with { Applied = ledger.Applied + 1 }).Text, StringComparison.Ordinal);
    }

    /// <summary>With many copies at a time, some are dropped without an answer, and so are messages of the device itself, which sends them
    /// again.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(80)]
    public void Messages_that_cannot_be_read_and_old_copies_are_counted_beside_the_sum_and_are_no_refusals(int times)
    {
        var ledger = LedgerOf(world =>
        {
            var edge = world.Transport("edge");
            WeightDelta? first = null;
            world.Add(Pipeline.Define("stranger", p =>
            {
                var copies = p.Subscribe(edge, "sl/quickstart/user-004/up/delta", LearningCodecs.Deltas)
                    .Filter("others", d => d.Sequence != (first ??= d).Sequence).Map("copy", _ => first!);
                var all = copies;
                for (var time = 1; time < times; time++) { all = all.Merge(copies.Map($"copy {time}", static d => d)); }
                all.Publish(edge, "sl/quickstart/user-004/up/delta", LearningCodecs.Deltas);
                copies.Publish(edge, "sl/quickstart/copy/up/delta", LearningCodecs.Deltas);     // in another's name: beside the sum, too
                p.Heartbeat(every: TimeSpan.FromSeconds(5)).Publish(edge, "sl/quickstart/noise/up/delta", LearningCodecs.Presences);
            }));
        });

        Assert.True(ledger.AddsUp, ledger.Text);
        Assert.True(ledger is { Unreadable: > 3, Repeated: > 3 }, ledger.Text);
        Assert.Equal(["no-samples"], ledger.Refused.Keys);      // a device begins with rows of one class
        Assert.Contains("came again", ledger.Text, StringComparison.Ordinal);
    }

    private static UpdateLedger LedgerOf(Action<VirtualWorld> add)
    {
        var run = Pipelines.Run(Source, HarNetwork.Create(42), Scenario.Load(Path.Join(AppContext.BaseDirectory, "straggler.json")),
            new("async", Barrier: false, 8), 42, continuous: true, fullSpeed: false);
        return SimulatedFleet.Run(run, TimeSpan.FromSeconds(60), static _ => { }, TestContext.Current.CancellationToken,
            add).CutOff!.Updates;
    }
}
