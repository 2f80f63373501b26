using StreamLearn.Testing;

namespace StreamLearn.Tests;

public sealed class PerKeyTests
{
    private static readonly Schema Keyed = new(new Field("device", ColumnType.Int32, Unit.One), Field.Channel("x", Unit.One));

    [Fact]
    public async Task A_key_keeps_its_earliest_wake_up_whatever_else_is_called()
    {
        var (clock, woken) = (new ManualTimeProvider(), new List<string>());
        Script At(string name, double? seconds) => new()
        {
            Process = (call, batch) =>
            {
                if (seconds is { } s) { call.Context.WakeAt(call.Context.Now.AddSeconds(s)); }
                call.Main.Emit(batch);
            },
            WakeUp = _ =>
            {
                lock (woken) { woken.Add(name); }
            },
        };
        var run = Blocks.Start(p => p.Input<Batch>("in", Keyed).PerKey("device", f => f.Block("late", At("late", 20)).Block("early", At("early", 5)).Block("never", At("never", null))).Discard(), new() { TimeProvider = clock });
        await run.SendAsync("in", Batches.Of(run.Pool, Keyed, new[] { 7 }, new[] { 1f }));
        await Eventually.TrueAsync(() => run.Metrics.Blocks.Any(b => b.Block.StartsWith("discard", StringComparison.Ordinal) && b.ItemsIn == 1));

        await Eventually.TrueAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(0.1));
            return Woken() == 2;
        });

        Assert.Equal(["early", "late"], woken);
        run.Complete("in");
        await run.EndAsync();

        int Woken()
        {
            lock (woken) { return woken.Count; }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_inner_block_that_throws_leaks_nothing(bool skip)
    {
        var run = Blocks.Start(p => p.Input<Batch>("in", Keyed).PerKey("device", f => f.Block("twice", new()
        {
            MaxOutputsPerCall = 2,
            Process = static (call, batch) =>
            {
                call.Main.Emit(batch.Retain());
                call.Main.Emit(batch);
            },
        }).Block("throws", new()
        {
            Process = static (call, batch) =>
            {
                if (batch["device"].Values<int>()[0] == 2) { throw new InvalidOperationException("two"); }
                call.Main.Emit(batch);
            },
        })).OnError(skip ? ErrorPolicy.Skip : ErrorPolicy.Fail).Discard());
        await run.SendAsync("in", Batches.Of(run.Pool, Keyed, new[] { 1, 2, 1, 3 }, new[] { 1f, 2f, 3f, 4f }));
        if (!skip)
        {
            await run.FailAsync("per-key device");
            return;
        }

        run.Complete("in");
        await run.EndAsync();
        Assert.Equal(1, run.Metrics["per-key device"].Drops["error"]);
    }
}
