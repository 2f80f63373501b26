namespace Contract.Tests;

public sealed class OperatorContractTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly RunOptions Fast = new() { Seed = 3, Pace = Pace.AsFastAsPossible, GuardMemory = true };

    public static TheoryData<string> Names => [.. Catalog.Operators.Select(o => o.Operator)];

    public static TheoryData<string, Rows> NamesAndRows =>
        [.. Catalog.Operators.SelectMany(o => Enum.GetValues<Rows>().Select(r => (o.Operator, r)))];

    public static TheoryData<string> Saved => [.. Catalog.Operators.Select(o => o.Operator).Where(o => !CatalogTests.NotSaved.Contains(o))];

    public static TheoryData<string, Rows> SavedAndRows =>
        [.. Catalog.Operators.Where(o => !CatalogTests.NotSaved.Contains(o.Operator))
            .SelectMany(o => Enum.GetValues<Rows>().Select(r => (o.Operator, r)))];

    public static TheoryData<string, Rows> SavedWithoutControlFlows =>
        [.. Select(isControlled: false).Where(d => !CatalogTests.NotSaved.Contains(d.Data.Item1))];

    /// <summary>Those whose outputs depend on nothing but the order of each edge.</summary>
    public static TheoryData<string, Rows> WithoutControlFlows => Select(isControlled: false);

    /// <summary>Those with a control flow somewhere: what comes first there is an input of the run.</summary>
    public static TheoryData<string, Rows> WithControlFlows => Select(isControlled: true);

    public static TheoryData<string, int> NamesAndWrongs =>
        [.. Catalog.Operators.SelectMany(o => Enumerable.Range(0, o.Wrong.Count).Select(i => (o.Operator, i)))];

    public static TheoryData<string, int> NamesAndItems =>
        [.. Catalog.Operators.SelectMany(o => Enumerable.Range(0, 4).Select(i => (o.Operator, i)))];

    [Theory]
    [MemberData(nameof(NamesAndRows))]
    public async Task A_recorded_run_gives_the_same_bits_when_it_is_replayed(string name, Rows rows)
    {
        var recording = new StringWriter();
        var recorded = new Script(rows);
        using (var recorder = new RunRecorder(recording))
        {
            await RunAsync(Catalog.Find(name).Build(recorded), Fast with { Recorder = recorder });
        }

        var replayed = new Script(rows);
        using var replay = RunReplay.Run(new StringReader(recording.ToString()), [Catalog.Find(name).Build(replayed)], Fast.Seed);

        Assert.Equal(recorded.Seen.Order(), replayed.Seen.Order());
        if (rows == Rows.Ordinary && name != "Discard`1") { Assert.NotEmpty(recorded.Seen); }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_forged_recording_is_replayed_or_refused(string name)
    {
        var recording = new StringWriter();
        using (var recorder = new RunRecorder(recording))
        {
            await RunAsync(Catalog.Find(name).Build(new(Rows.Ordinary)), Fast with { Recorder = recorder });
        }

        var forgery = new ForgedParts(name);
        for (var i = 0; i < (LongForm.IsAsked ? 200 : 2); i++)
        {
            var forged = forgery.Next(recording.ToString());
            var before = GC.GetAllocatedBytesForCurrentThread();

            var failure = Record.Exception(() =>
                RunReplay.Run(new StringReader(forged), [Catalog.Find(name).Build(new(Rows.Ordinary))], Fast.Seed).Dispose());

            Assert.True(failure is null or ReplayException, $"{i}: {failure}");
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 20, $"{i}: memory");
        }
    }

    [Theory]
    [MemberData(nameof(WithoutControlFlows))]
    public async Task Both_hosts_give_the_same_bits_where_no_control_flow_races(string name, Rows rows)
    {
        var (dataflow, simulation) = (new Script(rows), new Script(rows));

        await RunAsync(Catalog.Find(name).Build(dataflow), Fast);
        RunVirtually(Catalog.Find(name).Build(simulation));

        Assert.Equal(ByCollector(dataflow), ByCollector(simulation));
    }

    [Theory]
    [MemberData(nameof(WithControlFlows))]
    public async Task Both_hosts_and_a_replay_give_the_same_bits_where_control_messages_come_at_the_same_times(string name, Rows rows)
    {
        var (dataflow, simulation, replayed) = (new Script(rows), new Script(rows), new Script(rows));
        var recording = new StringWriter();

        using (var recorder = new RunRecorder(recording))
        {
            await SteppedRun.CompareAsync(
                Catalog.Find(name).Build(dataflow), Catalog.Find(name).Build(simulation), new() { Seed = Fast.Seed, Recorder = recorder });
        }

        using var replay = RunReplay.Run(new StringReader(recording.ToString()), [Catalog.Find(name).Build(replayed)], Fast.Seed);
        Assert.Equal(ByCollector(dataflow), ByCollector(simulation));
        Assert.Equal(ByCollector(dataflow), ByCollector(replayed));
        if (rows == Rows.Ordinary) { Assert.NotEmpty(dataflow.Seen); }
    }

    [Theory]
    [MemberData(nameof(NamesAndRows))]
    public void The_simulation_repeats_itself_and_gives_every_batch_back(string name, Rows rows)
    {
        var (first, second) = (new Script(rows), new Script(rows));

        RunVirtually(Catalog.Find(name).Build(first));
        RunVirtually(Catalog.Find(name).Build(second));

        Assert.Equal(first.Seen, second.Seen);
    }

    [Theory]
    [MemberData(nameof(NamesAndRows))]
    public void State_saved_after_any_call_and_taken_up_by_a_new_operator_goes_on_to_the_same_bits(string name, Rows rows)
    {
        var whole = new Script(rows);
        var counts = RunVirtually(Catalog.Find(name).BuildLong(whole));
        var random = new Random(name.Length + (int)rows);
        foreach (var reloads in new Func<Node, bool>[] { _ => random.Next(3) == 0, _ => true })
        {
            var parted = new Script(rows);

            Assert.Equal(counts, RunVirtually(Catalog.Find(name).BuildLong(parted), reloads));

            Assert.Equal(whole.Seen, parted.Seen);
        }
    }

    [Theory]
    [MemberData(nameof(SavedAndRows))]
    public void Saving_again_allocates_nothing(string name, Rows rows)
    {
        using var world = new VirtualWorld(new() { Seed = Fast.Seed });
        var device = world.Add(Catalog.Find(name).BuildLong(new(rows)));
        var (unit, frames) = (new RunUnit(device.Pipeline, device.Levels, world.Pool), new StateFrames());
        for (var i = 1; i < 5; i++)
        {
            world.RunFor(TimeSpan.FromMilliseconds(i * 13));
            var header = new RunHeader(device.Name, i, world.Now, world.Elapsed, Fast.Seed, HasEnded: false);

            Assert.Equal(0, Allocations.Least(() =>
            {
                unit.Save(frames, header, device.Actors);
                frames.Seal();
            }));
        }
    }

    [Theory]
    [MemberData(nameof(SavedAndRows))]
    public void State_is_not_larger_than_its_block_declares(string name, Rows rows)
    {
        using var world = new VirtualWorld(new() { Seed = Fast.Seed });
        var device = world.Add(Catalog.Find(name).BuildLong(new(rows)));
        var (unit, frames) = (new RunUnit(device.Pipeline, device.Levels, world.Pool), new StateFrames());
        for (var i = 1; i < 5; i++)
        {
            world.RunFor(TimeSpan.FromMilliseconds(i * 13));
            unit.Save(frames, new(device.Name, i, world.Now, world.Elapsed, Fast.Seed, HasEnded: false), device.Actors);
            var saved = Checkpoint.Read(frames.Seal().ToArray());
            foreach (var node in device.Pipeline.Nodes)
            {
                var input = device.Pipeline.Edges.Where(e => e.To == node.Index)
                    .Select(e => device.Pipeline.Nodes[e.From].Schema).FirstOrDefault(static s => s is not null);
                var part = saved.Parts.SingleOrDefault(p => p.Name == $"state/{node.Name}");
                if (part is null || node.Options is not IBlockOptions options || options.StateBytes(input) is 0) { continue; }
                Assert.InRange(part.Content.Length, 0, options.StateBytes(input) + 512);
            }
        }
    }

    /// <summary>Parts that somebody changed and whose checksums are right: each fits or is refused by name, in little memory.</summary>
    [Theory]
    [MemberData(nameof(Saved))]
    public void A_forged_state_fits_or_is_refused(string name)
    {
        var pipeline = Catalog.Find(name).Build(new(Rows.Ordinary));
        using var saving = new VirtualWorld(new() { Seed = Fast.Seed });
        var checkpoints = new DeviceCheckpoints();
        var device = saving.Add(pipeline, null, null, checkpoints);
        saving.RunFor(TimeSpan.FromMilliseconds(20));
        var (unit, frames) = (new RunUnit(pipeline, device.Levels, saving.Pool), new StateFrames());
        unit.Save(frames, new(device.Name, 1, saving.Now, saving.Elapsed, Fast.Seed, HasEnded: false), device.Actors);
        var (whole, forgery) = (Checkpoint.Read(frames.Seal().ToArray()), new ForgedParts(name));
        for (var i = 0; i < (LongForm.IsAsked ? 200 : 2); i++)
        {
            using var world = new VirtualWorld(new() { Seed = Fast.Seed });
            var (forged, changed) = forgery.Next(whole);
            var before = GC.GetAllocatedBytesForCurrentThread();

            var failure = Record.Exception(() => world.Add(pipeline, null, null, checkpoints, Checkpoint.Read(forged)));
            if (failure is null) { world.RunFor(TimeSpan.FromMilliseconds(20)); }

            var took = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(failure is null or StateException, $"{changed}: {failure}");
            Assert.DoesNotContain("Exception: ", failure?.Message ?? "", StringComparison.Ordinal);
            Assert.True(took < 64 << 20, $"{changed}: {took} bytes");
        }
    }

    [Theory]
    [MemberData(nameof(SavedAndRows))]
    public void A_device_that_goes_on_from_a_checkpoint_at_any_time_gives_the_same_bits(string name, Rows rows)
    {
        var (whole, parted) = (new Script(rows), new Script(rows));
        RunVirtually(Catalog.Find(name).Build(whole));
        var random = new Random(name.Length + (int)rows);
        using var world = new VirtualWorld(new() { Seed = Fast.Seed, GuardMemory = true });
        var pipeline = Catalog.Find(name).Build(parted);
        var checkpoints = new DeviceCheckpoints();
        var device = world.Add(pipeline, null, null, checkpoints);
        for (var restarts = 1; restarts < 8; restarts++)
        {
            world.At(TimeSpan.FromMicroseconds(random.Next(200_000)), () =>
            {
                if (device.EndedAt is not null) { return; }
                device.SaveState();
                // begun, on disk, and then the crash: all at one time
                world.At(world.Elapsed, () => world.At(world.Elapsed, () =>
                {
                    var saved = device.LastCheckpoint;
                    device.Crash();
                    device = world.Add(pipeline, null, null, checkpoints, saved);
                }));
            });
        }

        world.RunToEnd(TestContext.Current.CancellationToken);

        Assert.All(world.Devices, static d => Assert.Null(d.Failure));
        Assert.Equal(whole.Seen, parted.Seen);
        Assert.Equal(0, world.Pool.RentedBatches);
    }

    /// <summary>Deadlines and the like are on the clock of the run: an hour in which a device was away is not counted.</summary>
    [Theory]
    [MemberData(nameof(SavedAndRows))]
    public void A_device_that_was_away_for_an_hour_gives_the_same_bits(string name, Rows rows)
    {
        var (whole, parted) = (new Script(rows), new Script(rows));
        RunVirtually(Catalog.Find(name).Build(whole));
        var random = new Random(name.Length + (int)rows);
        using var world = new VirtualWorld(new() { Seed = Fast.Seed, GuardMemory = true });
        var pipeline = Catalog.Find(name).Build(parted);
        var checkpoints = new DeviceCheckpoints();
        var device = world.Add(pipeline, null, null, checkpoints);
        PlanRestart(7);

        world.RunToEnd(TestContext.Current.CancellationToken);

        Assert.All(world.Devices, static d => Assert.Null(d.Failure));
        Assert.Equal(whole.Seen, parted.Seen);

        void PlanRestart(int left) => world.At(world.Elapsed + TimeSpan.FromMicroseconds(random.Next(40_000)), () =>
        {
            if (device.EndedAt is not null || left == 0) { return; }
            device.SaveState();
            world.At(world.Elapsed, () => world.At(world.Elapsed, () =>
            {
                var saved = device.LastCheckpoint;
                device.Crash();
                world.At(world.Elapsed + TimeSpan.FromHours(1), () =>
                {
                    device = world.Add(pipeline, null, null, checkpoints, saved);
                    PlanRestart(left - 1);
                });
            }));
        });
    }

    [Theory]
    [MemberData(nameof(SavedWithoutControlFlows))]
    public async Task A_run_that_is_stopped_and_goes_on_gives_the_same_bits(string name, Rows rows)
    {
        var storage = new FaultyStorage();
        var (whole, parted) = (new Script(rows), new Script(rows) { Restarts = true });
        var counts = CountsOf(await RunAsync(Catalog.Find(name).Build(whole), Fast));
        var pipeline = Catalog.Find(name).Build(parted);
        var random = new Random(name.Length + (int)rows);

        for (var hasEnded = false; !hasEnded;)
        {
            // The state is saved, and what happens until the run stops comes again.
            var options = Fast with
            {
                Checkpoints = new("memory") { Storage = storage, Keep = 2 },
                StartFrom = CheckpointFiles.Read(storage),
            };
            await using var run = pipeline.Start(options, TestContext.Current.CancellationToken);
            var until = parted.Seen.Count + random.Next(6);
            await SpinAsync(() => parted.Seen.Count >= until || run.Completion.IsCompleted);
            await TryStopAsync(run);
            await Record.ExceptionAsync(() => run.Completion);      // what stops as it ends may be either
            hasEnded = CheckpointFiles.Read(storage)!.HasEnded;
        }

        Assert.Equal(ByCollector(whole), ByCollector(parted));
        Assert.Equal(counts, CountsOf(CheckpointFiles.Read(storage)!.ReadMetrics()));
    }

    private static async Task TryStopAsync(PipelineRun run)
    {
        try
        {
            await run.StopAsync();
        }
        catch (InvalidOperationException)
        {
            // It has come to its end.
        }
    }

    private static async Task SpinAsync(Func<bool> condition)
    {
        for (var until = TestContext.Current.CancellationToken; !condition(); until.ThrowIfCancellationRequested()) { await Task.Yield(); }
    }

    [Theory]
    [MemberData(nameof(NamesAndItems))]
    public async Task A_canceled_run_ends_and_gives_every_batch_back(string name, int item)
    {
        using var cancellation = new CancellationTokenSource();
        var script = new Script(Rows.Ordinary) { BeforeItem = made => CancelAt(made, item, cancellation) };
        await using var run = Catalog.Find(name).Build(script).Start(Fast, cancellation.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => run.Completion.WaitAsync(Patience, TestContext.Current.CancellationToken));

        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Theory]
    [MemberData(nameof(NamesAndItems))]
    public async Task A_fault_before_the_block_ends_the_run_and_gives_every_batch_back(string name, int item)
    {
        var script = new Script(Rows.Ordinary) { BeforeItem = made => ThrowAt(made, item) };
        await using var run = Catalog.Find(name).Build(script).Start(Fast, TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<BlockFailedException>(
            () => run.Completion.WaitAsync(Patience, TestContext.Current.CancellationToken));

        Assert.Contains(failure.Block, new[]
        {
            "source", "models", "presences", "receipts", "answers", "labels", "others", "signals", "evaluations",
        });
        Assert.Equal("planted", failure.InnerException!.Message);
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_fault_behind_the_block_ends_the_run_and_gives_every_batch_back(string name)
    {
        var script = new Script(Rows.Ordinary) { BeforeOutput = seen => ThrowAt(seen, 0) };
        await using var run = Catalog.Find(name).Build(script).Start(Fast, TestContext.Current.CancellationToken);

        if (name == "Discard`1")
        {
            await run.Completion.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
        else
        {
            var failure = await Assert.ThrowsAsync<BlockFailedException>(
                () => run.Completion.WaitAsync(Patience, TestContext.Current.CancellationToken));
            Assert.Contains(failure.Block, failure.Message, StringComparison.Ordinal);
            Assert.IsNotType<AggregateException>(failure.InnerException);
        }

        Assert.Equal(0, run.Pool.RentedBatches);
    }

    [Theory]
    [MemberData(nameof(NamesAndWrongs))]
    public void Wrong_options_are_refused_when_the_pipeline_is_wired(string name, int number) =>
        Assert.ThrowsAny<ArgumentException>(() => Pipeline.Define("wrong", p =>
        {
            var flow = p.Input<Batch>("rows");
            Catalog.Find(name).Wrong[number](flow);
        }));

    [Theory]
    [MemberData(nameof(Names))]
    public void The_block_appears_in_every_picture_of_the_graph(string name)
    {
        var block = Catalog.Find(name).Block;

        var pipeline = Catalog.Find(name).Build(new(Rows.Ordinary));

        Assert.Contains(pipeline.Nodes, n => n.Name == block);
        Assert.Contains($"\"{block}", pipeline.ToMermaid(), StringComparison.Ordinal);
        Assert.Contains($"\"{block}", pipeline.ToDot(), StringComparison.Ordinal);
        Assert.Contains($"  {block}:", pipeline.Explain(), StringComparison.Ordinal);
        Assert.Equal(pipeline.ToMermaid(), Catalog.Find(name).Build(new(Rows.Ordinary)).ToMermaid());
    }

    private static void CancelAt(int made, int item, CancellationTokenSource cancellation)
    {
        if (made == item) { cancellation.Cancel(); }
    }

    private static void ThrowAt(int count, int at)
    {
        if (count == at) { throw new InvalidDataException("planted"); }
    }

    private static IEnumerable<IGrouping<string, string>> ByCollector(Script script) =>
        script.Seen.GroupBy(s => s.Split(' ')[0]).OrderBy(g => g.Key, StringComparer.Ordinal);

    private static TheoryData<string, Rows> Select(bool isControlled) =>
    [
        .. from operators in Catalog.Operators
           from rows in Enum.GetValues<Rows>()
           where operators.Build(new(rows)).Edges.Any(e => e.IsControl) == isControlled
           select (operators.Operator, rows),
    ];

    private static async Task<RunMetrics> RunAsync(Pipeline pipeline, RunOptions options)
    {
        await using var run = pipeline.Start(options, TestContext.Current.CancellationToken);
        await run.Completion.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(0, run.Pool.RentedBatches);
        return run.Metrics;
    }

    private static string CountsOf(RunMetrics metrics) => string.Join('\n', metrics.Blocks.Select(static b =>
        $"{b.Block}: {b.ItemsIn} {b.ItemsOut} {b.RowsIn} {b.RowsOut} {b.Controls} {b.Errors} {b.MultiplyAdds} "
            + string.Join(' ', b.Drops.Concat(b.RowsDropped).Concat(b.Counters).Where(static c => c.Value != 0)
                .Select(static c => $"{c.Key}={c.Value}").Order(StringComparer.Ordinal))));

    private static string RunVirtually(Pipeline pipeline, Func<Node, bool>? reloads = null)
    {
        using var world = new VirtualWorld(new() { Seed = Fast.Seed, GuardMemory = true, Reloads = reloads });
        var device = world.Add(pipeline);
        world.RunToEnd(TestContext.Current.CancellationToken);
        Assert.Null(device.Failure);
        Assert.Equal(0, world.Pool.RentedBatches);
        return device.Metrics.ToString();
    }
}
