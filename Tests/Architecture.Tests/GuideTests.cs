using System.Buffers;
using System.Collections.Immutable;
using System.Reactive.Linq;
using System.Text;
using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Simulation;
using StreamLearn.Testing;

namespace Architecture.Tests;

/// <summary>The guides of sensors and of early exits: their code runs, and prints what they show. No other test runs meanwhile,
/// since the console is one.</summary>
[CollectionDefinition(nameof(GuideTests), DisableParallelization = true)]
[Collection(nameof(GuideTests))]
public sealed class GuideTests
{
    private static readonly DateTimeOffset Start = new(2026, 5, 4, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Rows_that_the_program_feeds_come_out_as_windows_of_each_valve()
    {
        var counts = await SensorGuideExamples.FeedAsync(Sensor())
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Contains(counts.ToString(), Page("sensors"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_a_sequence_come_out_as_windows_of_each_valve()
    {
        var windows = new List<int>();
        await SensorGuideExamples.FromSensor(Sensor().ToAsyncEnumerable(), w => windows.Add(w["valve"].Values<int>()[0]))
            .RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal((6, 6), (windows.Count(v => v == 1), windows.Count(v => v == 2)));
    }

    [Fact]
    public async Task Rows_of_an_observable_come_out_as_windows_of_each_valve()
    {
        var (pool, windows) = (new BatchPool(), new List<int>());
        await SensorGuideExamples.FromReadings(
                Sensor().Select(r => Valves.BatchOf(pool, r)).ToObservable(), w => windows.Add(w["valve"].Values<int>()[0]))
            .RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal((6, 6), (windows.Count(v => v == 1), windows.Count(v => v == 2)));
    }

    [Fact]
    public async Task A_service_answers_each_window_in_order()
    {
        var (asked, verdicts) = (0, new List<string>());
        var pipeline = SensorGuideExamples.WithAnswers(
            p => p.FromSequence("rows", token => SensorGuideExamples.ReadValvesAsync(Sensor().ToAsyncEnumerable(), token), Valves.Columns),
            async (window, _) =>
            {
                await Task.Yield();
                var time = window["time"].Values<long>()[0];
                return Interlocked.Increment(ref asked) == 2 ? throw new TimeoutException() : new($"{time:D20}");
            },
            verdict => verdicts.Add(verdict.Text));

        var counts = await pipeline.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(Sensor().Count() - 1, verdicts.Count);
        Assert.Equal(verdicts.Order(StringComparer.Ordinal), verdicts);
        Assert.Equal(1, counts["ask"].Drops["error"]);
    }

    [Fact]
    public async Task A_model_that_learned_by_itself_is_in_its_file()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "valves.safetensors");
        var model = new SoftmaxRegression(features: 2, classes: 2);
        var pipeline = LearningGuideExamples.LearnAlone(file, model);
        await using var run = pipeline.Start(cancellationToken: TestContext.Current.CancellationToken);
        foreach (var readings in Sensor()) { await run.SendAsync("rows", Valves.BatchOf(run.Pool, readings)); }
        run.Complete("rows");
        var answered = 0;
        await foreach (var answers in run.ReadAllAsync<Batch>("answers"))
        {
            using (answers) { answered += answers.Rows; }
        }
        await run.Completion;
        var learned = ModelFile.Load(file, model);
        File.Delete(file);

        Assert.Equal(Sensor().Sum(static r => r.Length), answered);
        Assert.NotEqual(model.Initial.Sha256(), learned.Weights.Sha256());
    }

    [Fact]
    public async Task Features_of_recordings_are_collected_with_their_classes_and_people()
    {
        using var folder = new TemporaryFolder();
        foreach (var person in new[] { "anna", "ben" })
        {
            Directory.CreateDirectory(folder.File(person));
            File.WriteAllText(Path.Join(folder.Path, person, "a.csv"), "acc x [gn],acc y [gn],acc z [gn],activity\n"
                + string.Concat(Enumerable.Range(0, 512).Select(static r =>
                    $"0.{r % 9},0.{r % 7},0.{r % 5},{(r < 256 ? "walk" : "sit")}\n")));
        }
        var rows = await LearningGuideExamples.CollectAsync(folder.Path);
        Assert.Equal([1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0], rows.ToRows().Labels.ToArray());
        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], rows.ToRows().Groups.ToArray());
        Assert.Equal(2, rows.LeftOut["unlabelled"]);     // the window across the change
    }

    [Fact]
    public async Task Rows_of_a_topic_come_out_as_windows_of_each_valve()
    {
        var (windows, topics) = (new List<string>(), ImmutableArray<string>.Empty);
        await using var server = new InProcessTransport();
        PipelineRun? run = null;
        run = SensorGuideExamples.FromTopic(server, w => windows.Add($"{w["valve"].Values<int>()[0]}")).Start();
        await using var ended = run;
        var payload = $"{{\"t\":1777881600000,\"rows\":[{string.Join(',', Enumerable.Repeat("{\"kpa\":301.2,\"flow\":12.1}", 64))}]}}";
        for (var i = 0; i < 10; i++)
        {
            foreach (var valve in new[] { "v1", "v2" })
            {
                await server.PublishAsync($"plant/{valve}/rows", new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(payload)),
                    new(new("test", 0), false), TestContext.Current.CancellationToken);
            }
        }
        await run.DrainAsync(TestContext.Current.CancellationToken);
        topics = run.LevelTexts("valve");

        Assert.Equal(["v1", "v2"], topics.AsEnumerable());
        Assert.Equal((6, 6), (windows.Count(v => v == "0"), windows.Count(v => v == "1")));
    }

    [Fact]
    public void A_key_too_many_ends_the_one_unseen_for_longest()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(SensorGuideExamples.FewValves, Valves.Columns);
        for (var valve = 0; valve < 21; valve++)
        {
            Reading[] warmUp = [.. Enumerable.Range(0, 300).Select(i => new Reading(Start, valve, i % 7, i % 5, null))];
            probe.Send(Valves.BatchOf(probe.Pool, warmUp));
            probe.Send(Valves.BatchOf(probe.Pool, [new(Start, valve, 1, 1, null)]));      // waits in an open window
        }
        Assert.Equal(1, probe.Metrics.Counter("keys-evicted"));
        Assert.Equal(1, probe.Metrics.RowsDropped["incomplete-window"]);
        Assert.Equal(21 * 300, probe.Metrics.RowsDropped["warm-up"]);
    }

    [Fact]
    public void A_promise_is_made_and_kept_as_the_page_says()
    {
        var (before, printed) = (Console.Out, new StringWriter());
        Console.SetOut(TextWriter.Synchronized(printed));
        ExitPromise promise;
        try { promise = ExitGuideExamples.LearnAndTune(); }
        finally { Console.SetOut(before); }
        Console.Write(printed);
        Assert.Contains(printed.ToString().ReplaceLineEndings("\n"), Page("exits"), StringComparison.Ordinal);
        Assert.Contains($"at least {promise.MinRows} rows", Page("exits"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_are_answered_at_their_exits()
    {
        var (network, columns) = (ExitGuideExamples.Create(), Batches.Channels(Readings.Channels));
        await using var run = ExitGuideExamples.Answering(network, ExitRule.WhenConfident(2, 0.9f), columns).Start();
        await run.SendAsync("models", network.Initial with { Version = 1 }, TestContext.Current.CancellationToken);
        await run.SendAsync("rows", Batches.Random(run.Pool, columns, rows: 20, seed: 1), TestContext.Current.CancellationToken);
        run.Complete("models");
        run.Complete("rows");
        await run.Completion.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        var infer = run.Metrics["infer"];
        Assert.Equal(20, infer.Counter("exit-0") + infer.Counter("exit-1"));
        Assert.Equal(20, infer.Counter("rows-unsure") + run.Metrics["answers"].RowsIn);
    }

    [Fact]
    public async Task A_run_is_stopped_and_goes_on_as_the_page_says()
    {
        using var folder = new TemporaryFolder();
        var sums = new List<int>();
        var pipeline = Pipeline.Define("pump", p => p.Input<Batch>("rows")
            .Via("every-third", 3, static (int n, OperatorContext _, IOutput<Batch> output) => new EveryNthBatch(n, output))
            .ForEach("count", b => sums.Add(b.Rows)));
        for (var start = 0; start < 6; start++)
        {
            var run = CheckpointGuideExamples.Start(pipeline, folder.Path);
            await run.SendAsync("rows", Batches.Random(run.Pool, Batches.Channels(1), rows: 1 + start, seed: 1),
                TestContext.Current.CancellationToken);
            await CheckpointGuideExamples.StopAsync(run);
        }
        await using var last = CheckpointGuideExamples.Start(pipeline, folder.Path);      // what still waited is processed
        last.Complete("rows");
        await last.Completion.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal([3, 6], sums);
    }

    [Fact]
    public void What_a_program_counts_goes_on_with_the_world_as_the_page_says()
    {
        using var folder = new TemporaryFolder();
        foreach (var seconds in new[] { 20, 50 })
        {
            using var world = new VirtualWorld(new() { Seed = 3 });
            var alarms = CheckpointGuideExamples.CountAlarms(
                world,
                static count => Pipeline.Define("pump", p => p
                    .From("alarms", 0, static (int _, OperatorContext context) => new Alarms(context)).ForEach("count", _ => count())),
                TimeSpan.FromSeconds(seconds), folder.Path);
            Assert.Equal(seconds, alarms);
        }
    }

    /// <summary>One a second, from the first second on.</summary>
    private sealed class Alarms(OperatorContext context) : Source<string>, ISeekable
    {
        private long _made;
        public override DateTimeOffset? NextAt => context.Started + TimeSpan.FromSeconds(_made + 1);
        public override string Next() => $"{++_made}";
        public void Seek(long messages) => _made = messages;
    }

    /// <summary>640 rows of each of two valves, in batches of 16 rows of each.</summary>
    private static IEnumerable<Reading[]> Sensor()
    {
        var random = new RandomStream(seed: 1, "valves");
        for (var b = 0; b < 40; b++)
        {
            yield return [.. Enumerable.Range(0, 32).Select(i => new Reading(
                Start.AddMilliseconds(10 * ((16 * b) + (i / 2))), 1 + (i % 2),
                (float)(300 + random.NextGaussian()), (float)(12 + (0.1 * random.NextGaussian())), i < 2 ? 0 : null))];
        }
    }

    private static string Page(string guide) => File.ReadAllText(
        Directory.EnumerateFiles(Path.Join(Repository.Root, "docs"), $"{guide}.md", SearchOption.AllDirectories).Single());
}
