using StreamLearn;
using StreamLearn.Operators;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace Quickstart.Tests;

/// <summary>The ledger sees a row that goes missing.</summary>
public sealed class RowLedgerTests
{
    [Fact]
    public void Every_row_is_windowed_once_dropped_or_held()
    {
        var ledger = Run(static flow => flow);

        Assert.True(ledger.AddsUp, ledger.Text);
        Assert.Equal(1000, ledger.In);
    }

    [Fact]
    public void Rows_held_in_an_open_window_are_counted_while_the_fleet_runs()
    {
        var ledger = Run(static flow => flow, TimeSpan.FromSeconds(7));

        Assert.True(ledger.AddsUp, ledger.Text);
        Assert.True(ledger.Held > 0);
    }

    [Fact]
    public void One_row_taken_away_by_hand_makes_the_ledger_fail()
    {
        var ledger = Run(static flow => flow.Map("thief", StealOnce()));

        Assert.False(ledger.AddsUp);
        Assert.Contains("DOES NOT ADD UP by 1", ledger.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_row_counted_twice_by_hand_makes_the_ledger_fail()
    {
        var ledger = Run(static flow => flow) with { Windowed = 961 };

        Assert.False(ledger.AddsUp);
    }

    private static Func<Batch, Batch> StealOnce()
    {
        var stolen = false;
        return batch =>
        {
            if (stolen) { return batch; }
            stolen = true;
            using (batch) { return batch.Copy(0, batch.Rows - 1); }
        };
    }

    private static RowLedger Run(Func<Flow<Batch>, Flow<Batch>> between, TimeSpan? time = null)
    {
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("device", p =>
        {
            var (good, faulty) = between(p.FromHarStream(new() { Duration = TimeSpan.FromSeconds(20) }))
                .CheckQuality(new() { Clock = EventClock.FullSpeed, DropFaulty = true });
            faulty.Discard();
            good.Window(128, 64).Discard();
        }));
        if (time is { } span) { world.RunFor(span, TestContext.Current.CancellationToken); }
        else { world.RunToEnd(TestContext.Current.CancellationToken); }
        return RowLedger.Of([device.Metrics]);
    }
}
