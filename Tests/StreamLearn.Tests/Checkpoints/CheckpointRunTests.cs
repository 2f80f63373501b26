using System.Globalization;
using StreamLearn.Testing;

namespace StreamLearn.Tests;

/// <summary>A run that keeps checkpoints loses nothing and does nothing twice, whenever it is killed.</summary>
public sealed class CheckpointRunTests
{
    private const int Messages = 400;
    private const int AtOnce = 5;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task A_run_that_is_killed_at_any_time_and_goes_on_takes_each_message_once(int seed)
    {
        var random = new Random(seed);
        var (server, disk) = (new KeepingServer(Messages), new FaultyStorage());
        for (var kills = 0; server.Published.Count < Messages / AtOnce; kills++)
        {
            var machine = new Machine(server, disk);
            var from = CheckpointFiles.Read(machine);
            await using var run = Start(machine, from);
            var until = Math.Min(server.Published.Count + random.Next(1 + (kills / 4)), Messages / AtOnce);
            await Eventually.TrueAsync(() => server.Published.Count >= until);
            for (var turns = random.Next(200); turns > 0; turns--) { await Task.Yield(); }
            machine.Kill();
        }

        Assert.False(server.HasContradiction);
        Assert.Equal(Messages / AtOnce, server.Published.Count);
        Assert.Equal(Messages * (Messages - 1) / 2, server.Published.Sum(static p => int.Parse(p, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Nothing_is_acknowledged_or_published_before_a_checkpoint_that_holds_it_is_on_disk()
    {
        var (server, disk) = (new KeepingServer(64), new FaultyStorage { Space = 0 });
        var machine = new Machine(server, disk);
        await using var run = Start(machine, null);

        await Eventually.TrueAsync(() => run.CheckpointFailure is not null && run.Metrics["add-up"].ItemsIn >= AtOnce);
        Assert.Equal(64, server.Open);
        Assert.Empty(server.Published);
        await Assert.ThrowsAsync<IOException>(run.CheckpointAsync);

        disk.Space = long.MaxValue;
        await Eventually.TrueAsync(() => server.Open == 0 && server.Published.Count == 12);
        Assert.Null(run.CheckpointFailure);
    }

    [Fact]
    public async Task A_message_that_comes_again_is_known_and_dropped()
    {
        var (server, disk) = (new KeepingServer(40), new FaultyStorage());
        await using (var run = Start(new(server, disk), null)) { await Eventually.TrueAsync(() => server.Open == 0); }
        var again = new KeepingServer(40);

        await using var second = Start(new(again, disk), CheckpointFiles.Read(disk));

        await Eventually.TrueAsync(() => again.Open == 0);
        Assert.Equal(40, second.Metrics["subscribe in"].Drops["duplicate"]);
    }

    [Fact]
    public async Task A_run_that_is_being_stopped_writes_no_checkpoint_of_what_is_left()
    {
        var (disk, gate) = (new FaultyStorage(), new Gate());
        var run = Blocks.Start(
            p => p.Input<Batch>("in").ForEach("wait", _ => gate.Pass()),
            new RunOptions { Checkpoints = new("memory") { Storage = disk, Every = Timeout.InfiniteTimeSpan } });
        await run.SendAsync("in", Blocks.Number(run.Pool, 1));
        await gate.Reached;

        var stopped = run.DisposeAsync();
        await Eventually.TrueAsync(() => run.Stages[0].Closed);
        var refused = run.CheckpointAsync();
        gate.Open();

        await Assert.ThrowsAsync<InvalidOperationException>(() => refused);
        await stopped;
        Assert.Null(CheckpointFiles.Read(disk));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_checkpoint_is_whole_though_publications_end_while_it_is_saved(int failing)
    {
        var disk = new FaultyStorage();
        var options = new RunOptions { Checkpoints = new("memory") { Storage = disk, Every = Timeout.InfiniteTimeSpan } };
        await using var run = Blocks.Start(p => Build(p, new EndingTransport(failing)), options);
        for (var number = 0; number < 400; number++)
        {
            await run.CheckpointAsync();
            var from = options with { Checkpoints = null, StartFrom = CheckpointFiles.Read(disk) };
            await using var next = Blocks.Start(p => Build(p, new EndingTransport(failing)), from);
        }

        static void Build(PipelineBuilder p, ITransport transport)
        {
            p.Numbers(int.MaxValue).Publish(transport, "out", NumberCodec.Default).OnError(ErrorPolicy.DeadLetter);
            p.DeadLetters.Discard();
        }
    }

    [Fact]
    public async Task A_stopped_run_goes_on_and_a_drained_one_does_not()
    {
        var disk = new FaultyStorage();
        var numbers = new List<int>();
        void Build(PipelineBuilder p) => p.Input<Batch>("in").Via("add-up", new AddUpOptions(3)).Collect(numbers);
        var options = new RunOptions { Checkpoints = new("memory") { Storage = disk } };
        var first = Blocks.Start(Build, options);
        foreach (var number in new[] { 1, 2 }) { await first.SendAsync("in", Blocks.Number(first.Pool, number)); }
        var saved = await first.StopAsync();

        var second = Blocks.Start(Build, options with { StartFrom = CheckpointFiles.Read(disk) });
        await second.SendAsync("in", Blocks.Number(second.Pool, 4));
        await second.DrainAsync();

        Assert.Equal(1, saved.Number);
        Assert.Equal([7], numbers);
        var ended = CheckpointFiles.Read(disk)!;
        Assert.True(ended.HasEnded);
        var refusal = Assert.Throws<StateException>(() => Blocks.Start(Build, options with { StartFrom = ended }));
        Assert.Contains("had come to its end", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_pipeline_says_what_fits_and_goes_on_without_the_rest()
    {
        var disk = new FaultyStorage();
        var options = new RunOptions { Checkpoints = new("memory") { Storage = disk } };
        var numbers = new List<int>();
        Action<PipelineBuilder> With(string block) => p =>
            p.Input<Batch>("in").Via(block, new AddUpOptions(3)).Via("kept", new AddUpOptions(1)).Collect(numbers);
        var first = Blocks.Start(With("old"), options);
        await first.StopAsync();
        var from = CheckpointFiles.Read(disk)!;

        var refusal = Assert.Throws<StateException>(() => Blocks.Start(With("new"), options with { StartFrom = from }));
        Assert.Contains("'block/old' of the checkpoint is not in the pipeline", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("What fits: in, new, kept, collect", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => from.Without("absent"));

        await using var second = Blocks.Start(With("new"), options with { StartFrom = from.Without("old") });
        Assert.Equal(2, (await second.CheckpointAsync()).Number);
    }

    [Fact]
    public void A_pipeline_whose_state_cannot_be_saved_is_refused_with_every_reason()
    {
        var options = new RunOptions { Checkpoints = new("memory") { Storage = new FaultyStorage() } };

        var refusal = Assert.Throws<ArgumentException>(() => Blocks.Start(p =>
        {
            p.Numbers(1).Via("keeping", new Keeping(), static (Keeping _, OperatorContext _, IOutput<Batch> output) =>
                new PassOn<Batch>(output)).Discard();
            p.Input<Note>("notes").Discard();
        }, options));

        Assert.Contains("block 'keeping' has state (rows) and cannot save it", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("messages of type Note, from 'notes' to 'discard notes', have no codec", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_runs_do_not_share_a_folder()
    {
        var folder = Directory.CreateTempSubdirectory("streamlearn-").FullName;
        try
        {
            var options = new RunOptions { Checkpoints = new(folder) { Every = Timeout.InfiniteTimeSpan } };
            await using (var run = Blocks.Start(p => p.Input<Batch>("in").Discard(), options))
            {
                var failure = Assert.Throws<IOException>(() => Blocks.Start(p => p.Input<Batch>("in").Discard(), options));
                Assert.Contains("in use by another run", failure.Message, StringComparison.Ordinal);
                await run.CheckpointAsync();
            }

            Assert.Equal(1, Checkpoint.Newest(folder)!.Number);
            options = options with { StartFrom = Checkpoint.Newest(folder) };
            await using var next = Blocks.Start(p => p.Input<Batch>("in").Discard(), options);
            Assert.Equal(2, (await next.CheckpointAsync()).Number);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static PipelineRun Start(Machine machine, Checkpoint? from) => Blocks.Start(
        p => p.Subscribe(machine, "in", NumberCodec.Default, new() { Capacity = 64 }).Via("add-up", new AddUpOptions(AtOnce))
            .Publish(machine, "sums", NumberCodec.Default, new PublicationOptions { WithCheckpoint = true, InFlight = 8 }),
        new() { Checkpoints = new("memory") { Storage = machine, HoldAtMost = TimeSpan.FromMilliseconds(1) }, StartFrom = from });

    private sealed record Keeping : IBlockOptions
    {
        public string State => "rows";
    }
}
