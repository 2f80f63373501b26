using StreamLearn.Operators;
using StreamLearn.Simulation;

namespace Tool.Tests;

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

    [Fact]
    public async Task Rows_on_their_way_when_a_device_is_stopped_are_counted_also_before_a_broken_sensor()
    {
        var run = Pipeline.Define("device", p =>
        {
            var (good, faulty) = p.FromHarStream(new() { Duration = TimeSpan.FromSeconds(2400) }).Buffer(256)
                .ShiftClock(TimeSpan.FromHours(1)).CheckQuality(new() { Clock = EventClock.FullSpeed, DropFaulty = true });
            faulty.Discard();
            good.MapAsync("stays", StayAsync, 1).Window(128, 64).Discard();
        }).Start(new() { Pace = Pace.AsFastAsPossible });
        await using (run)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
            while (run.Metrics.Blocks[0].ItemsOut < 200)       // more than fit behind the clock, fewer than fit in all
            {
                await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, patience.Token);
            }
        }

        var ledger = RowLedger.Of([run.Metrics]);

        var block = run.Metrics["stays"];      // the fleet has none like it; a call of it may have begun
        var stays = block.RowsDropped.GetValueOrDefault(RowLedger.Stopped) + block.RowsIn;
        Assert.Equal(ledger.In, ledger.Windowed + ledger.Dropped.Values.Sum() + ledger.Held + stays);
        Assert.True(run.Metrics["shift-clock"].RowsDropped[RowLedger.Stopped] > 0);
        Assert.EndsWith("; stopped: on their way when their device was stopped", ledger.Text,
            StringComparison.Ordinal);

        static async ValueTask<Batch> StayAsync(Batch batch, CancellationToken cancellationToken)
        {
            using var _ = batch;
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new OperationCanceledException(cancellationToken);
        }
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
