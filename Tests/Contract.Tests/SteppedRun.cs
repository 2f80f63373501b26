using System.Globalization;

namespace Contract.Tests;

/// <summary>Two runs of one pipeline, one in each host, whose clocks move in steps: the same messages come at the same times.</summary>
internal static class SteppedRun
{
    private const int Steps = 2000;         // 10 s: scripts end after a quarter of a second, and what waits in vain after four
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Runs both to their ends, each with control messages. After each step the dataflow host has to count what the simulation
    /// counts.</summary>
    internal static async Task CompareAsync(Pipeline dataflow, Pipeline simulation, RunOptions options)
    {
        var clock = new ManualTimeProvider();
        using var world = new VirtualWorld(new() { Seed = options.Seed, GuardMemory = true, Start = clock.GetUtcNow() });
        var device = world.Add(simulation);
        await using var run = dataflow.Start(
            options with { GuardMemory = true, TimeProvider = new Punctual(clock) }, TestContext.Current.CancellationToken);
        world.RunFor(TimeSpan.Zero, TestContext.Current.CancellationToken);
        for (var step = 0; step < Steps && device.EndedAt is null; step++)
        {
            await SettleAsync(run, clock, device, step);
            clock.Advance(Script.Step);
            world.RunFor(Script.Step, TestContext.Current.CancellationToken);
        }

        await UntilAsync(run, clock, () => run.Completion.IsCompleted, () => "the simulation has ended");
        Assert.Null(device.Failure);
        Assert.NotNull(device.EndedAt);
        Assert.Equal((0, 0), (run.Pool.RentedBatches, world.Pool.RentedBatches));
        foreach (var edge in simulation.Edges.Where(e => e.IsControl))
        {
            Assert.InRange(device.Metrics[simulation.Nodes[edge.To].Name].Controls, 1, int.MaxValue);
        }
    }

    private static Task SettleAsync(PipelineRun run, ManualTimeProvider clock, VirtualDevice device, int step)
    {
        var expected = Counts(device.Metrics);
        return UntilAsync(run, clock, () => Counts(run.Metrics) == expected, () => $"after step {step}\nsimulation\n{expected}");
    }

    private static async Task UntilAsync(PipelineRun run, ManualTimeProvider clock, Func<bool> condition, Func<string> place)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        while (!condition())
        {
            if (run.Completion.IsFaulted) { await run.Completion; }
            if (patience.IsCancellationRequested) { Assert.Fail($"{place()}\ndataflow\n{Counts(run.Metrics)}"); }
            clock.Advance(TimeSpan.Zero);           // a timer set since the step that is due at once
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        }

        if (run.Completion.IsFaulted) { await run.Completion; }
    }

    /// <summary>All that blocks count but time: when two hosts agree on it, they have made the same calls.</summary>
    internal static string Counts(RunMetrics metrics) => string.Join('\n', metrics.Blocks.Select(b => string.Create(
        CultureInfo.InvariantCulture,
        $"{b.Block} {b.ItemsIn} {b.ItemsOut} {b.Controls} {b.RowsIn} {b.RowsOut} {b.Errors} {b.MultiplyAdds} {Sorted(b.Drops)} "
        + $"{Sorted(b.Counters)}")));

    private static string Sorted(IReadOnlyDictionary<string, long> counts) =>
        string.Join(',', counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}={c.Value}"));

    /// <summary>
    /// A clock whose timers ring when due. The dataflow host asks for a millisecond more, so that none is early; and a thread that read the
    /// clock before a step and sets a timer after it would have that timer ring a step late, so a timer's time counts from what its thread
    /// read.
    /// </summary>
    private sealed class Punctual(ManualTimeProvider clock) : TimeProvider
    {
        [ThreadStatic]
        private static DateTimeOffset _read;

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => _read = clock.GetUtcNow();

        public override long GetTimestamp() => GetUtcNow().UtcTicks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(clock, clock.CreateTimer(callback, state, dueTime, period));

        private sealed class Timer(ManualTimeProvider clock, ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                if (dueTime <= TimeSpan.Zero) { return timer.Change(dueTime, period); }
                var due = _read + dueTime - TimeSpan.FromMilliseconds(1);
                while (true)
                {
                    var now = clock.GetUtcNow();
                    timer.Change(due > now ? due - now : TimeSpan.Zero, period);
                    if (clock.GetUtcNow() == now) { return true; }      // else a step came between: it would ring a step late
                }
            }

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}
