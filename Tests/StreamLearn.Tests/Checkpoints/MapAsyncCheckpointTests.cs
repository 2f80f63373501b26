namespace StreamLearn.Tests;

/// <summary>A run that is killed or stopped while asynchronous calls are under way goes on without a message lost or doubled.</summary>
public sealed class MapAsyncCheckpointTests
{
    private const int Messages = 300;
    private const int AtOnce = 5;

    [Theory, InlineData(1, false), InlineData(2, false), InlineData(3, true), InlineData(4, true)]
    public async Task A_run_that_is_killed_at_any_time_and_goes_on_takes_each_message_once(int seed, bool asksLast)
    {
        var random = new Random(seed);
        var (server, disk) = (new KeepingServer(Messages), new FaultyStorage());
        for (var kills = 0; server.Published.Count < Messages / AtOnce; kills++)
        {
            var (machine, service) = (new Machine(server, disk), new AskedService());
            await using var run = Start(machine, service, CheckpointFiles.Read(machine), asksLast);
            var until = Math.Min(server.Published.Count + random.Next(1 + (kills / 4)), Messages / AtOnce);
            await Eventually.TrueAsync(() =>
            {
                for (var answers = random.Next(20); answers > 0 && service.TryAnswerAny(random); answers--) { }
                return server.Published.Count >= until;
            });
            for (var turns = random.Next(200); turns > 0; turns--) { await Task.Yield(); }
            machine.Kill();
        }
        Assert.False(server.HasContradiction);
        Assert.Equal(Messages / AtOnce, server.Published.Count);
        var asked = asksLast ? Messages / AtOnce : Messages;
        Assert.Equal((Messages * (Messages - 1) / 2) + (1000 * asked),
            server.Published.Sum(static p => int.Parse(p, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Messages_that_are_asked_about_wait_in_the_checkpoint_and_are_asked_about_again()
    {
        var (disk, seen, before) = (new FaultyStorage(), new List<int>(), new AskedService());
        await using (var first = Start(disk, before, seen, null))
        {
            await Eventually.TrueAsync(() => before.Open == 4);
            for (var i = 0; i < 10; i++)
            {
                before.Answer(i);
                await Eventually.TrueAsync(() => before.Asked.Length == 5 + i);
            }
            before.Answer(12);      // after two that are open: its result is not emitted
            await Eventually.TrueAsync(() => first.Metrics["see"].ItemsIn == 10);
            await first.StopAsync();
        }
        Assert.Equal(Enumerable.Range(1000, 10), seen);
        var again = new AskedService();
        await using var second = Start(disk, again, seen, CheckpointFiles.Read(disk));
        await again.AnswerAllAsync(second, new(1));

        await second.EndAsync();
        Assert.Equal(Enumerable.Range(1000, 100), seen);
        Assert.Equal(Enumerable.Range(10, 90), again.Asked);
    }

    [Fact]
    public async Task A_checkpoint_is_made_while_calls_are_under_way()
    {
        var (disk, seen, service) = (new FaultyStorage(), new List<int>(), new AskedService());
        await using var run = Start(disk, service, seen, null);
        await Eventually.TrueAsync(() => service.Open == 4);

        for (var i = 0; i < 3; i++)
        {
            await run.CheckpointAsync();
            service.Answer(i);
            await Eventually.TrueAsync(() => service.Open == 4);
        }
        await service.AnswerAllAsync(run, new(1));
        await run.EndAsync();
        Assert.Equal(Enumerable.Range(1000, 100), seen);
        Assert.Equal(Enumerable.Range(0, 100), service.Asked);
    }

    private static PipelineRun Start(Machine machine, AskedService service, Checkpoint? from, bool asksLast) => Blocks.Start(
        p =>
        {
            var flow = p.Subscribe(machine, "in", NumberCodec.Default, new() { Capacity = 64 });
            if (!asksLast) { flow = flow.MapAsync("ask", service.AskAsync, 4); }
            flow = flow.Via("add-up", new AddUpOptions(AtOnce));
            if (asksLast) { flow = flow.MapAsync("ask", service.AskAsync, 4); }
            flow.Publish(machine, "sums", NumberCodec.Default, new PublicationOptions { WithCheckpoint = true, InFlight = 8 });
        },
        new() { Checkpoints = new("memory") { Storage = machine, HoldAtMost = TimeSpan.FromMilliseconds(1) }, StartFrom = from });

    private static PipelineRun Start(FaultyStorage disk, AskedService service, List<int> seen, Checkpoint? from) => Blocks.Start(
        p => p.From("counted", 100, static (int count, OperatorContext context) => new CountedSource(count, context.Pool))
            .MapAsync("ask", service.AskAsync, 4).Collect(seen, "see"),
        new() { Checkpoints = new("memory") { Storage = disk, Every = Timeout.InfiniteTimeSpan }, StartFrom = from });

    /// <summary>Numbers as fast as the pipeline takes them; it goes on with the next.</summary>
    private sealed class CountedSource(int count, BatchPool pool) : Source<Batch>, IStateful
    {
        private int _next;
        public string StateFormat => "counted/1";
        public override DateTimeOffset? NextAt => _next < count ? DateTimeOffset.UnixEpoch : null;
        public override Batch Next() => Blocks.Number(pool, _next++);
        public void State(ref StateStream s) => s.Value(ref _next);
    }
}
