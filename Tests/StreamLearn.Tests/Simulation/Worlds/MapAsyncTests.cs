namespace StreamLearn.Simulation.Tests;

/// <summary>Asynchronous functions give the same in the dataflow host, in virtual time and in a replay.</summary>
public sealed class MapAsyncTests
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task Both_hosts_and_a_replay_give_the_same(bool setsAside)
    {
        using var text = new StringWriter();
        var (live, again, simulated) = (new List<string>(), new List<string>(), new List<string>());
        using (var recorder = new RunRecorder(text))
        {
            await using var run = Asking(live, setsAside).Start(
                new() { Recorder = recorder, Pace = Pace.AsFastAsPossible, GuardMemory = true }, Cancellation);
            await run.Completion;
        }
        using var replay = RunReplay.Run(new StringReader(text.ToString()), [Asking(again, setsAside)], 0);
        using var world = new VirtualWorld();
        world.Add(Asking(simulated, setsAside));
        world.RunToEnd(Cancellation);

        Assert.Empty(replay.Failures);
        string[] results = [.. Enumerable.Range(0, 200).Where(n => n % 5 != 3).Select(n => $"{n * n}")];
        string[] letters = !setsAside ? [] : [.. Enumerable.Range(0, 40).Select(n => $"no {(5 * n) + 3}")];
        foreach (var seen in new[] { live, again, simulated })
        {
            Assert.Equal(results, seen.Where(static s => !s.StartsWith('n')));
            Assert.Equal(letters, seen.Where(static s => s.StartsWith('n')));
        }
    }

    [Fact]
    public void A_failed_call_fails_its_device_and_is_named()
    {
        using var world = new VirtualWorld();
        var device = world.Add(Pipeline.Define("a", p => p.Count(5, Ms(1)).MapAsync("ask", async (n, _) =>
        {
            await Task.Yield();
            return n.Value == 2 ? throw new FormatException("two") : n;
        }, 3).Discard()));

        world.RunToEnd(Cancellation);

        var failure = Assert.IsType<BlockFailedException>(device.Failure);
        Assert.Equal(("ask", 3L), (failure.Block, failure.Item));
        Assert.IsType<FormatException>(failure.InnerException);
        Assert.Equal(2, device.Metrics["ask"].ItemsOut);
    }

    [Fact]
    public void The_function_never_has_to_come_back_to_the_thread_of_the_world()
    {
        using var world = new VirtualWorld();
        List<Seen> seen = [];
        world.Add(Pipeline.Define("a", p => p.Count(5, Ms(1)).MapAsync("ask", async (n, _) =>
        {
            await Task.Yield();
            return new Num(n.Value + 1);
        }, 3).Watch("watch", seen)));
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Deaf());
        try { world.RunToEnd(Cancellation); }
        finally { SynchronizationContext.SetSynchronizationContext(before); }

        Assert.Equal([1, 2, 3, 4, 5], seen.Select(static s => s.Value));
    }

    [Fact]
    public void A_saved_world_goes_on_without_a_message_lost_or_doubled()
    {
        var asked = new List<long>();
        Checkpoint saved;
        using (var world = new VirtualWorld())
        {
            world.Add(Answering(asked));
            world.RunFor(Ms(50.5));
            saved = world.Save();
        }
        Assert.Equal(51, asked.Count);
        using var later = new VirtualWorld();
        var device = later.Add(Answering(asked));
        later.Load(saved);
        later.RunToEnd(Cancellation);

        Assert.Equal(Enumerable.Range(0, 100).Select(static n => (long)n), asked);
        Assert.Equal((100L, 100L), (device.Metrics["ask"].ItemsIn, device.Metrics["ask"].ItemsOut));
    }

    private static Pipeline Answering(List<long> asked) => Pipeline.Define("a", p => p.From("kept", 0,
        static (int _, OperatorContext context) => new KeptPulses(context)).MapAsync("ask", async (batch, _) =>
        {
            await Task.Yield();
            asked.Add((long)batch.Channels[0].Values<float>()[0]);
            return batch;
        }, 3).Discard());

    /// <summary>A hundred batches of one row, a millisecond apart.</summary>
    private sealed class KeptPulses(OperatorContext context) : Source<Batch>, IStateful
    {
        private static readonly Schema Columns = new([Field.Channel("c0", Unit.One)]);
        private int _made;
        public string StateFormat => "kept-pulses/1";
        public override DateTimeOffset? NextAt => _made < 100 ? new WorldOptions().Start + Ms(_made) : null;

        public override Batch Next()
        {
            var batch = context.Pool.Rent(Columns, 1);
            batch.Channels[0].Writable<float>()[0] = _made++;
            return batch;
        }

        public void State(ref StateStream s) => s.Value(ref _made);
    }

    /// <summary>Numbers that are squared, in any order of time where the host lets it be.</summary>
    private static Pipeline Asking(List<string> seen, bool setsAside) => Pipeline.Define("asking", p =>
    {
        var numbers = p.Count(200, TimeSpan.Zero).MapAsync("ask", async (n, cancellationToken) =>
        {
            for (var turns = (n.Value * 7919) % 20; turns > 0; turns--) { await Task.Yield(); }
            cancellationToken.ThrowIfCancellationRequested();
            return n.Value % 5 == 3 ? throw new InvalidOperationException($"no {n.Value}") : new Num(n.Value * n.Value);
        }, 8).OnError(setsAside ? ErrorPolicy.DeadLetter : ErrorPolicy.Skip);
        numbers.ForEach("results", n => Add($"{n.Value}"));
        p.DeadLetters.ForEach("letters", letter => Add(letter.Reason));

        void Add(string text) { lock (seen) { seen.Add(text); } }
    });

    /// <summary>Runs nothing that is posted to it.</summary>
    private sealed class Deaf : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) { }
    }
}
