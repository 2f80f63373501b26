using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Testing;

namespace StreamLearn.Programs.Tests;

/// <summary>Measures memory, so no other test runs beside it.</summary>
[CollectionDefinition(nameof(HoldForLabelsTests), DisableParallelization = true)]
[Collection(nameof(HoldForLabelsTests))]
public sealed class HoldForLabelsTests
{
    private const int Samples = 8;

    private static readonly Schema Windows = new(Field.Time(), Field.Channel("x", Unit.One));
    private static readonly Network Model = new ModelConfig(1, Samples, 2, 42).Create();
    private static readonly DateTimeOffset Start = OperatorProbe.Start;

    [Fact]
    public void A_window_waits_until_a_label_covers_it()
    {
        using var probe = Probe();
        Send(probe, 0, 1, 2);
        Assert.Equal((0, 3.0), (probe.Count(), probe.Metrics.Gauges["windows-held"]));
        probe.Control(Span("worn", 0, 1.5));
        Assert.Equal([(0f, 1)], Taken(probe));

        probe.Control(Span("worn", 1.5, 3));        // touches: windows across both are covered too

        Assert.Equal([(1f, 1), (2f, 1)], Taken(probe));
        Assert.Equal(0, probe.Metrics.Gauges["windows-held"]);
    }

    [Fact]
    public void A_label_that_came_before_its_windows_holds_for_them()
    {
        using var probe = Probe();
        probe.Control(Span("good", 0, 2));
        Send(probe, 0, 1, 2);

        Assert.Equal([(0f, 0), (1f, 0)], Taken(probe));
    }

    [Fact]
    public void A_window_of_two_classes_is_not_learned_from()
    {
        using var probe = Probe();
        Send(probe, 0, 1);
        probe.Control(Span("good", 0, 0.5));
        probe.Control(Span("worn", 0.5, 2));

        Assert.Equal([(1f, 1)], Taken(probe));
        Assert.Equal(Samples, probe.Metrics.RowsDropped["mixed-labels"]);
    }

    [Fact]
    public void The_last_label_holds_for_what_has_not_been_learned_from()
    {
        using var probe = Probe();
        probe.Control(Span("good", 0, 2));
        Send(probe, 0);
        probe.Control(Span("worn", 0, 2));
        Send(probe, 1);

        Assert.Equal([(0f, 0), (1f, 1)], Taken(probe));
    }

    [Fact]
    public void A_window_that_was_learned_from_stays_so_and_is_counted_when_it_is_labelled_again()
    {
        using var probe = Probe();
        Send(probe, 0);
        probe.Control(Span("good", 0, 2));
        Assert.Equal([(0f, 0)], Taken(probe));

        probe.Control(Span("worn", 0, 2));
        probe.Control(Span("worn", 0, 2));          // the same message again is nothing new

        Assert.Equal((0, 1L), (probe.Count(), probe.Metrics.Counter("label-again")));
    }

    [Fact]
    public void An_answer_is_scored_as_it_was_given_with_the_version_of_then()
    {
        using var probe = Probe();
        Send(probe, 2);                             // no version has come: there is no answer to be scored
        probe.Control(Span("good", 2, 3));
        Assert.Equal(0, probe.Count(port: 1));
        probe.Control(Model.Initial with { Version = 4, Epoch = 1 });
        Send(probe, 0);
        probe.Control(Model.Initial with { Version = 5, Epoch = 1, Values = [.. Model.Initial.Values.Select(static v => -v)] });
        Send(probe, 1);
        probe.Control(Span("good", 0, 1));
        var first = probe.Take<Evaluation>(port: 1);
        probe.Control(Span("good", 0, 2));
        var second = probe.Take<Evaluation>(port: 1);

        Assert.Equal((4L, 5L), (first.ModelVersion, second.ModelVersion));
        Assert.Equal((1L, 1L), (first.Rows, second.Rows));
        Assert.Equal(probe.Pipeline.Name, first.Device);
        Assert.Equal(first.Correct, first.Confusion[0]);
        probe.TakeAll<Batch>().ToList().ForEach(static b => b.Dispose());
    }

    [Fact]
    public void Labels_that_cannot_be_are_refused_and_counted()
    {
        List<string> said = [];
        using var probe = Probe(new(["good", "worn"]) { OnRefused = (reason, _) => said.Add(reason) });
        Send(probe, 0);
        probe.Control(Span("broken", 0, 2));
        probe.Control(Span("good", 2, 2));
        probe.Control(Span("good", 0, 2) with { Device = "another" });
        Assert.Equal(0, probe.Count());
        probe.Control(Span("good", 0, 2) with { Device = probe.Pipeline.Name });

        Assert.Equal([(0f, 0)], Taken(probe));
        Assert.Equal(["labels-unknown-class", "labels-empty-span"], said);
        Assert.All(said, reason => Assert.Equal(1, probe.Metrics.Counter(reason)));
    }

    [Fact]
    public void Labels_at_random_take_little_memory_and_a_true_one_holds_all_the_same()
    {
        using var probe = Probe();
        Send(probe, [.. Enumerable.Range(0, 1000)]);
        var (random, labels) = (new RandomStream(3, "labels"), LongForm.IsAsked ? 1_000_000 : 20_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < labels; i++)
        {
            var (from, length) = (-random.NextDouble(1e4, 1e8), random.NextDouble(-10, 1e3));
            var device = i % 2 == 0 ? $"d{i}" : probe.Pipeline.Name;
            probe.Control(Span(i % 3 == 0 ? "broken" : "worn", from, from + length) with { Device = device });
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16 << 20);
        Assert.Equal((labels, labels / 2), (probe.Metrics.Counter("labels"), probe.Metrics.Counter("labels-of-others")));
        Assert.True(probe.Metrics.Counter("labels-forgotten") > 0);
        probe.Control(Span("good", 0, 2));
        Assert.Equal([(0f, 0), (1f, 0)], Taken(probe));
    }

    [Fact]
    public void A_window_that_waits_too_long_is_given_up()
    {
        using var probe = Probe(new(["good", "worn"]) { MaxWait = TimeSpan.FromHours(1) });
        Send(probe, 0);
        probe.Advance(TimeSpan.FromMinutes(30));
        Send(probe, 1);
        probe.Advance(TimeSpan.FromMinutes(40));

        probe.Control(Span("good", 0, 2));

        Assert.Equal([(1f, 0)], Taken(probe));
        Assert.Equal(Samples, probe.Metrics.RowsDropped["label-never-came"]);
    }

    [Fact]
    public void Many_windows_go_on_in_order_and_the_end_waits_for_those_that_wait()
    {
        using var probe = Probe();
        Send(probe, [.. Enumerable.Range(0, 100)]);
        Assert.True(probe.AwaitingReplies);
        probe.Control(Span("good", 0, 100));
        Assert.InRange(probe.Count(), 1, HoldForLabelsOptions.WindowsPerCall);
        probe.Advance(default);

        Assert.Equal(Enumerable.Range(0, 100).Select(static i => ((float)i, 0)), Taken(probe));
        Assert.False(probe.AwaitingReplies);
    }

    [Fact]
    public void What_no_model_can_take_is_dropped_by_reason_and_what_never_got_a_label_at_the_end()
    {
        using var probe = Probe();
        Send(probe, 0);
        probe.Send(Batches.Of(probe.Pool, Windows, new long[3], new float[3]));
        probe.Send(Batches.Of(probe.Pool, Windows, new long[Samples], Enumerable.Repeat(float.NaN, Samples).ToArray()));
        probe.Send(Batches.Of(probe.Pool, new Schema(Field.Time()), new long[Samples]));
        probe.Complete();

        Assert.Equal((3L, 8L, 8L, 8L), (probe.Metrics.RowsDropped["window-length"], probe.Metrics.RowsDropped["non-finite"],
            probe.Metrics.RowsDropped["schema"], probe.Metrics.RowsDropped["label-never-came"]));
    }

    [Fact]
    public async Task After_a_kill_windows_and_labels_are_there_and_none_goes_on_twice()
    {
        using var folder = new TemporaryFolder();
        var taken = new List<(float, int)>();
        var pipeline = Waiting(new(["good", "worn"]) { Folder = folder.File("labels") }, taken);
        var checkpoints = new CheckpointOptions(folder.File("state")) { Every = Timeout.InfiniteTimeSpan };
        using var copy = new TemporaryFolder();
        await using (var run = pipeline.Start(new RunOptions { Checkpoints = checkpoints }))
        {
            await SendAsync(run, 0, 1, 2);
            await run.SendAsync("labels", Span("good", 0, 1), Cancellation);
            await run.SendAsync("labels", Span("worn", 5, 7), Cancellation);
            var block = run.Metrics["hold-for-labels"];
            await UntilAsync(() => block.ItemsOut > 0 && block.Counter("labels") == 2 && block.Gauges["windows-held"] == 2);
            await run.CheckpointAsync();
            await SendAsync(run, 3, 4);         // after the checkpoint, and lost with nothing but the state of then
            await UntilAsync(() => block.Gauges["windows-held"] == 4);
            foreach (var part in new[] { "labels", "state" }) { Copy(folder.File(part), copy.File(part)); }     // as a kill leaves them
        }

        taken.Clear();
        var again = Waiting(new(["good", "worn"]) { Folder = copy.File("labels") }, taken);
        await using var next = again.Start(new RunOptions
        {
            Checkpoints = new(copy.File("state")) { Every = Timeout.InfiniteTimeSpan },
            StartFrom = Checkpoint.Newest(copy.File("state")),
        });
        await SendAsync(next, 4, 5, 6);         // window 4 comes again, as its source tells it
        await next.SendAsync("labels", Span("good", 0, 5), Cancellation);
        await UntilAsync(() => taken.Count == 6);
        await next.SendAsync("labels", Span("good", 0, 20), Cancellation);
        await UntilAsync(() => next.Metrics["hold-for-labels"].Counter("labels") == 4);

        Assert.Equal([(1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (6, 1)], taken.Order());
        Assert.Equal(Samples, next.Metrics["hold-for-labels"].RowsDropped["held-already"]);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_disk_that_is_full_or_read_only_is_counted_and_the_end_does_not_wait_for_it()
    {
        var files = new FaultySegments();
        using var probe = Probe(files: files);
        Send(probe, 0, 1);
        files.Room = 0;
        Send(probe, 2);
        files.IsReadOnly = true;
        Send(probe, 3);
        probe.Control(Span("good", 0, 1));
        Assert.Equal([(0f, 0)], Taken(probe));

        probe.Complete();

        Assert.False(probe.AwaitingReplies);
        Assert.Equal((2L * Samples, Samples), (probe.Metrics.RowsDropped["not-held"], probe.Metrics.RowsDropped["label-never-came"]));
    }

    /// <summary>Heads of windows that somebody changed and whose checksums are right: what is no window is left out.</summary>
    [Fact]
    public void Forged_windows_end_nothing()
    {
        var original = new MemorySegments();
        using (var probe = Probe(files: original)) { Send(probe, 0, 1, 2, 3); }
        var (random, bytes, taken) = (new RandomStream(5, "forged"), original.Files[1].Count / 4, 0);
        for (var i = 0; i < (LongForm.IsAsked ? 10_000 : 300); i++)
        {
            var files = new MemorySegments();
            var content = original.Files[1].ToArray();
            for (var changes = 1 + random.NextInt32(3); changes > 0; changes--)
            {
                var record = content.AsSpan(random.NextInt32(4) * bytes, bytes);
                BinaryPrimitives.WriteInt64LittleEndian(record[(8 + (8 * random.NextInt32(6)))..], random.NextInt32(4) switch
                {
                    0 => long.MaxValue - random.NextInt32(3),
                    1 => long.MinValue + random.NextInt32(3),
                    2 => DateTime.MaxValue.Ticks + random.NextInt32(3) - 1,
                    _ => random.NextInt32(8) - 2,
                });
                BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Crc32C.Of(record[8..]));
            }

            files.Write(1, 0, content);
            using var probe = Probe(files: files);
            Send(probe, 4);
            probe.Control(Span("good", 0, 5));
            probe.Advance(TimeSpan.FromHours(1));
            taken += Taken(probe).Count;
            probe.Complete();
            probe.Advance(TimeSpan.FromDays(8));
            Assert.False(probe.AwaitingReplies);
        }

        Assert.InRange(taken, 300, 50_000);
    }

    private static OperatorProbe Probe(LaterLabels? later = null, ISegmentFiles? files = null)
    {
        var options = (later ?? new(["good", "worn"])) with { Files = files ?? new MemorySegments() };
        return OperatorProbe.From<Batch>((p, windows) => OperatorProbe.Use(
            windows.HoldForLabels(Model, p.Input<Weights>("models"), p.Input<LabelSpan>("labels"), options)), Windows);
    }

    private static Pipeline Waiting(LaterLabels later, List<(float, int)> taken) => Pipeline.Define("pump-7", p =>
    {
        p.SaveWith(LabelSpan.Codec);
        p.SaveWith(new NoEvaluations());
        var (labelled, scores) = p.Input<Batch>("windows", Windows)
            .HoldForLabels(Model, p.Input<Weights>("models"), p.Input<LabelSpan>("labels"), later);
        labelled.ForEach("taken", b =>
        {
            lock (taken) { taken.Add((b["x"].Values<float>()[0], b["label"].Values<int>()[^1])); }
        });
        scores.Discard();
    });

    /// <summary>Windows of a second each, which all have their number as their value.</summary>
    private static void Send(OperatorProbe probe, params int[] numbers)
    {
        foreach (var number in numbers) { probe.Send(Window(probe.Pool, number)); }
    }

    private static async Task SendAsync(PipelineRun run, params int[] numbers)
    {
        foreach (var number in numbers) { await run.SendAsync("windows", Window(run.Pool, number), Cancellation); }
    }

    private static Batch Window(BatchPool pool, int number)
    {
        var start = ((Start - DateTimeOffset.UnixEpoch).Ticks * 100) + (number * 1_000_000_000L);
        return Batches.Of(pool, Windows, Enumerable.Range(0, Samples).Select(i => start + (i * 100_000_000L)).ToArray(),
            Enumerable.Repeat((float)number, Samples).ToArray());
    }

    private static LabelSpan Span(string label, double from, double to) =>
        new(LabelSpan.Everybody, label, Start + TimeSpan.FromSeconds(from), Start + TimeSpan.FromSeconds(to));

    private static List<(float Number, int Label)> Taken(OperatorProbe probe)
    {
        foreach (var _ in Enumerable.Range(0, probe.Count(1))) { probe.Take<Evaluation>(port: 1); }
        List<(float Number, int Label)> all = [];
        foreach (var batch in probe.TakeAll<Batch>())
        {
            all.Add((batch["x"].Values<float>()[0], batch["label"].Values<int>()[^1]));
            batch.Dispose();
        }

        return all;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from).Where(static f => !f.EndsWith(".in-use", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Join(to, Path.GetFileName(file)));
        }
    }

    /// <summary>No score waits when the state is saved.</summary>
    private sealed class NoEvaluations : ICodec<Evaluation>
    {
        public string Name => "none";

        public void Encode(Evaluation value, IBufferWriter<byte> buffer) => throw new NotSupportedException();

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Evaluation value)
        {
            value = null;
            return false;
        }
    }

    private static async Task UntilAsync(Func<bool> reached)
    {
        while (!reached()) { await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation); }
    }
}
