namespace StreamLearn.Simulation.Tests;

public sealed class ReplayTests
{
    private static readonly int Rounds = LongForm.IsAsked ? 400 : 25;

    [Fact]
    public async Task A_recorded_run_of_several_pipelines_gives_its_bytes_and_observations_again()
    {
        var differing = new HashSet<string>();
        var met = new HashSet<string>();
        for (var seed = 0; seed < Rounds; seed++)
        {
            var run = await Record(seed);
            Meet(met, run);
            var observed = new Observations();
            using var replay = RunReplay.Run(new StringReader(run.Recording), RecordedFleet.Of(new Tap(), observed), seed);

            Assert.Empty(replay.Failures);
            foreach (var (source, payloads) in run.Tap.Sent)
            {
                Assert.Equal(payloads.Count, replay.Published.Keys.Count(k => k.Source == source));
                for (var i = 0; i < payloads.Count; i++)
                {
                    Assert.True(payloads[i].AsSpan()
                    .SequenceEqual(replay.Published[(source, i)]), $"seed {seed}: message {i} of {source} differs");
                }
            }
            Assert.Equal(run.Tap.Sent.Values.Sum(p => p.Count), replay.Published.Count);
            foreach (var (sink, values) in run.Observed.Values) { Assert.Equal(values, observed.Values[sink]); }
            foreach (var (again, metrics) in replay.Metrics.Zip(run.Metrics))
            {
                // what arrives after the end is counted in one host alone
                foreach (var block in metrics.Blocks.Where(b => !b.Block.StartsWith("subscribe", StringComparison.Ordinal)))
                {
                    Assert.Equal((again.Pipeline, block.Block, block.ItemsOut, block.Errors, block.MultiplyAdds),
                        Counters(again, block.Block));
                }
            }
            differing.Add(replay.PublishedSha256());
        }
        Assert.True(differing.Count > Rounds / 2, "runs that are all alike prove little");
        Assert.Empty(new[] { "call 0", "call 1", "call 2", "call 3", "merged", "coalesced", "retries", "error", "dead-letter",
            "drop-oldest", "drop-newest", "replaced" }.Except(met));
    }

    [Fact]
    public async Task Runs_recorded_apart_are_repeated_together_and_lack_messages_alone()
    {
        var texts = RecordedFleet.Of(new Tap(), new()).ConvertAll(static _ => new StringWriter());
        Tap tap = new();
        Observations observed = new(), again = new();
        var recorders = texts.ConvertAll(static t => new RunRecorder(t));
        var runs = RecordedFleet.Of(tap, observed, count: 60)
            .Select((p, i) => p.Start(new() { Recorder = recorders[i], Pace = Pace.AsFastAsPossible }, Cancellation)).ToList();
        await Task.WhenAll(runs.Skip(1).Select(static r => r.Completion))
            .WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, Cancellation);
        await runs[0].DrainAsync(Cancellation).WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, Cancellation);
        recorders.ForEach(static r => r.Dispose());
        TextReader Of(int i) => new StringReader(texts[i].ToString());

        using var replay = RunReplay.Run([Of(1), Of(0), Of(3), Of(2)], RecordedFleet.Of(new Tap(), again, count: 60), 0);
        var alone = Assert.Throws<ReplayException>(() => RunReplay.Run(Of(0), RecordedFleet.Of(new Tap(), new(), count: 60), 0));
        var cut = Assert.Throws<ReplayException>(() => RunReplay.Run([Of(0), Of(1)], RecordedFleet.Of(new Tap(), new(), count: 60), 0));

        foreach (var (sink, values) in observed.Values) { Assert.Equal(values, again.Values[sink]); }
        Assert.Equal(tap.Sent.Values.Sum(static p => p.Count), replay.Published.Count);
        Assert.True(alone.LacksMessage);
        Assert.Matches("^recording, line .* was not published in this run", alone.Message);
        Assert.True(cut.LacksMessage);
        Assert.Matches("^recording 1 of 2, line ", cut.Message);
    }

    [Fact]
    public async Task Two_equal_edges_between_two_blocks_are_told_apart()
    {
        using var text = new StringWriter();
        var seen = new List<long>();
        var again = new List<long>();
        using (var recorder = new RunRecorder(text))
        {
            var run = Twice(seen).Start(new() { Recorder = recorder, Pace = Pace.AsFastAsPossible }, Cancellation);
            await run.Completion;
        }
        using var replay = RunReplay.Run(new StringReader(text.ToString()), [Twice(again)], 0);

        Assert.Equal(40, seen.Count);
        Assert.Equal(seen, again);

        static Pipeline Twice(List<long> seen) => Pipeline.Define("twice", p =>
        {
            var numbers = p.Count(20, TimeSpan.Zero);
            numbers.Merge(numbers).ForEach("end", n => seen.Add(n.Value));
        });
    }

    [Fact]
    public async Task A_failed_run_fails_again_in_the_same_call_and_leaks_nothing()
    {
        using var text = new StringWriter();
        using (var recorder = new RunRecorder(text))
        {
            var run = Failing().Start(new() { Recorder = recorder, Pace = Pace.AsFastAsPossible, GuardMemory = true }, Cancellation);
            await Assert.ThrowsAsync<BlockFailedException>(() => run.Completion);
            Assert.Equal(0, run.Pool.RentedBatches);
        }
        var replay = RunReplay.Run(new StringReader(text.ToString()), [Failing()], 0);
        replay.Dispose();
        replay.Dispose();

        var failure = Assert.Single(replay.Failures);
        Assert.Equal(("failing", "throws", 6L), (failure.Pipeline, failure.Block, failure.Item));
        Assert.Equal(0, replay.Pool.RentedBatches);

        static Pipeline Failing() => Pipeline.Define("failing", p => p.Pulse(50, TimeSpan.Zero)
            .Map<Batch, Batch>("throws", (b, _) => b.Channels[0].Values<float>()[0] == 20 ? throw new InvalidOperationException("twenty")
                : b)
            .Buffer(3, OnFull.DropOldest).Map<Batch, Batch>("after", (b, _) => b).Discard());
    }

    [Fact]
    public async Task Damaged_recordings_are_refused_by_line_or_give_a_shorter_run()
    {
        var run = await Record(1);
        var lines = run.Recording.TrimEnd('\n').Split('\n');
        var random = new RandomStream(9, "damage");
        var refused = 0;
        for (var i = 0; i < Rounds * 20; i++)
        {
            var damaged = (string[])lines.Clone();
            var at = random.NextInt32(lines.Length);
            var tokens = damaged[at].Split(' ');
            tokens[random.NextInt32(tokens.Length)] = Token(random);
            damaged[at] = random.NextInt32(10) switch
            {
                0 => "",
                1 => damaged[at][..random.NextInt32(damaged[at].Length)],
                2 => $"{damaged[at]} 1",
                _ => string.Join(' ', tokens),
            };
            refused += Repeats(string.Join('\n', damaged) + "\n", 1) ? 0 : 1;
        }
        Assert.True(refused > Rounds, $"only {refused} of {Rounds * 20} damaged recordings were refused");
    }

    [Fact]
    public async Task Merged_messages_up_to_a_number_without_end_are_refused()
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            var run = await Record(seed);
            var merged = run.Recording.Split('\n')
                .FirstOrDefault(l => l.Split(' ') is ["C", _, _, _, _, var first, var last, _] && first != last);
            if (merged is null) { continue; }
            var words = merged.Split(' ');
            words[6] = "9223372036854775807";
            Assert.False(Repeats(run.Recording.Replace(merged, string.Join(' ', words), StringComparison.Ordinal), seed));
            return;
        }
        Assert.Fail("no run merged messages");
    }

    [Fact]
    public async Task A_recording_cut_at_any_place_gives_a_shorter_run()
    {
        var run = await Record(2, count: 40);
        for (var length = 0; length < run.Recording.Length; length += length < 2000 ? 1 : 37)
        {
            var cut = run.Recording[..length];
            Assert.Equal(cut.Contains('\n', StringComparison.Ordinal), Repeats(cut, 2));
        }
        for (var end = 0; end >= 0 && end < run.Recording.Length; end = run.Recording.IndexOf('\n', end) + 1)
        {
            if (end > 0) { Assert.True(Repeats(run.Recording[..end], 2)); }
            if (run.Recording.IndexOf('\n', end) < 0) { break; }
        }
    }

    [Theory]
    [InlineData("", "line 1: expected 'streamlearn-run 1'")]
    [InlineData("streamlearn-run 2\n", "line 1: expected 'streamlearn-run 1'")]
    [InlineData("streamlearn-run 1\nP 0 0 other\n", "line 2: pipeline 'other' is missing, or starts twice")]
    [InlineData("streamlearn-run 1\nP -1 0 a\n", "line 2: expected a time, got '-1'")]
    [InlineData("streamlearn-run 1\nP 0 7 a\n", "line 2: pipeline 'a' ran with seed 7, not 0")]
    [InlineData("streamlearn-run 1\nM 0 0 5\n", "line 2: pipeline 0 has not started")]
    [InlineData("streamlearn-run 1\nP 0 0 a\nM 0 9 5\n", "line 3: pipeline 'a' has no block 9")]
    [InlineData("streamlearn-run 1\nP 0 0 a\nM 0 0 5\nM 0 0 5\n",
        "line 4: pipeline 'a': block 'count' makes no further message: the recording is damaged, or the pipeline or its rows have changed")]
    [InlineData("streamlearn-run 1\nP 0 0 a\nC 0 1 0 0 0 0 5\n",
        "line 3: pipeline 'a': message 0 to 0 on edge 0 is not there: the recording is damaged, or the pipeline or its rows have changed")]
    [InlineData("streamlearn-run 1\nP 0 0 a\nM 0 0 5\nC 0 1 0 0 0 9223372036854775807 5\n",
        "line 4: pipeline 'a': edge 0 merges no messages: the recording is damaged, or the pipeline or its rows have changed")]
    [InlineData("streamlearn-run 1\nP 0 0 a\nM 0 0 5\nC 0 1 1 0 0 0 5\n",
        "line 4: pipeline 'a': block 'discard count' has no such call: the recording is damaged, or the pipeline or its rows have changed")]
    [InlineData("streamlearn-run 1\nP 0 0 a\nC 0 0 3 -1 0 0 5\n",
        "line 3: pipeline 'a': block 'count' has no such call: the recording is damaged, or the pipeline or its rows have changed")]
    [InlineData("streamlearn-run 1\nP 0 0 a\nC 0 1 4 -1 0 0 5\n", "line 3: expected a kind of call, got '4'")]
    [InlineData("streamlearn-run 1\nP 0 0 a\nA 0 0 3 5 b/publish x\n", "line 3: message 3 of 'b/publish x' was not published in this run")]
    public void A_recording_that_does_not_fit_is_refused_by_line(string recording, string expected)
    {
        var pipeline = Pipeline.Define("a", p => p.Count(1, Ms(1)).Discard());
        Assert.Equal($"recording, {expected}", Assert.Throws<ReplayException>(() =>
            RunReplay.Run(new StringReader(recording), [pipeline], 0)).Message);
    }

    [Fact]
    public void Pipelines_that_take_messages_from_the_program_cannot_be_replayed()
    {
        var pipeline = Pipeline.Define("a", p => p.Input<Num>("in").Discard());
        var error = Assert.Throws<ReplayException>(() => RunReplay.Run(new StringReader("streamlearn-run 1\nP 0 0 a\n"), [pipeline], 0));
        Assert.Contains("'a/in' takes messages from outside", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pipelines_that_read_what_is_there_now_can_neither_be_replayed_nor_run_in_virtual_time()
    {
        var pipeline = Pipeline.Define("a", p => p
            .From("live", new Live(), (Live _, OperatorContext context) => new Pulses(1, Ms(1), context))
            .Discard());
        var replay = Assert.Throws<ReplayException>(() => RunReplay.Run(new StringReader("streamlearn-run 1\nP 0 0 a\n"), [pipeline], 0));
        var world = Assert.Throws<ArgumentException>(() => new VirtualWorld(new()).Add(pipeline));
        Assert.Contains("'a/live' takes messages from outside", replay.Message, StringComparison.Ordinal);
        Assert.Contains("'a/live' reads in real time", world.Message, StringComparison.Ordinal);
    }

    private sealed record Live : IBlockOptions
    {
        public bool IsLive => true;
    }

    /// <summary>Notes what a run was made of, so that the test cannot pass by avoiding it.</summary>
    private static void Meet(HashSet<string> met, Recorded run)
    {
        foreach (var call in run.Recording.Split('\n').Where(l => l.StartsWith('C')).Select(l => l.Split(' ')))
        {
            met.Add($"call {call[3]}");
            if (call[5] != call[6]) { met.Add("merged"); }
        }
        met.UnionWith(run.Metrics.SelectMany(m => m.Blocks).SelectMany(b => b.Drops.Keys.Concat(b.Counters.Keys)));
    }

    private static string Token(RandomStream random) => random.NextInt32(8) switch
    {
        0 => "-1",
        1 => "0",
        2 => "9223372036854775807",
        3 => "x",
        4 => "",
        5 => "-9223372036854775808",
        6 => "99999999999999999999",
        _ => $"{random.NextInt32(12)}",
    };

    private static bool Repeats(string recording, long seed)
    {
        RunReplay? replay = null;
        try
        {
            replay = RunReplay.Run(new StringReader(recording), RecordedFleet.Of(new Tap(), new Observations()), seed);
            return true;
        }
        catch (ReplayException e)
        {
            Assert.StartsWith("recording, line ", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
            return false;
        }
        finally
        {
            replay?.Dispose();
            Assert.Equal(0, replay?.Pool.RentedBatches ?? 0);
        }
    }

    private static (string, string, long, long, long) Counters(RunMetrics run, string block) =>
        (run.Pipeline, block, run[block].ItemsOut, run[block].Errors, run[block].MultiplyAdds);

    private static async Task<Recorded> Record(long seed, long count = 150)
    {
        var token = Cancellation;
        var (tap, observed, text) = (new Tap(), new Observations(), new StringWriter());
        var metrics = new List<RunMetrics>();
        using (var recorder = new RunRecorder(text))
        {
            var runs = RecordedFleet.Of(tap, observed, count).Select(p =>
                p.Start(new() { Seed = seed, Pace = Pace.AsFastAsPossible, Recorder = recorder, GuardMemory = true }, token)).ToList();
            metrics.AddRange(runs.Select(r => r.Metrics));
            foreach (var sensor in runs.Skip(1))
            {
                await sensor.Completion.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, token);
            }
            await runs[0].DrainAsync(token).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, token);
            Assert.All(runs, r => Assert.Equal(0, r.Pool.RentedBatches));
        }
        return new(text.ToString(), tap, observed, metrics);
    }

    private sealed record Recorded(string Recording, Tap Tap, Observations Observed, List<RunMetrics> Metrics);
}
