using System.Collections.Concurrent;
using StreamLearn.Compression;
using StreamLearn.Models;
using StreamLearn.Testing;

namespace StreamLearn.Tables.Tests;

/// <summary>Answers in integers of 8 bits: those that the library gives.</summary>
public sealed class Int8AnswersTests
{
    private const int First = 20;

    private static readonly Network Model = new(
        new(1), 2, [new Dense(16), new Relu()], [new(0, new Dense(2)), new(1, new Dense(2))], 3, [Field.Channel("x", Unit.One)]);

    private static readonly Schema Windows = new(Field.Time(), Field.Channel("x", Unit.One));

    private static AnswerOptions Options => new(["good", "worn"]) { Int8 = new() { CalibrationRows = First } };

    /// <summary>Versions of the fleet, one after the other, and one that is pinned.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_the_first_windows_answers_are_those_of_the_library_to_the_bit(bool isPinned)
    {
        Weights[] versions = [Version(1), Version(2)];
        using var probe = isPinned
            ? OperatorProbe.Of<Batch, WindowAnswer>(
                windows => windows.Answer("pump-7", Options with { Model = Model, Pinned = versions[0] }), Windows, guard: false)
            : Fleet();
        if (!isPinned) { probe.Control(versions[0]); }
        Send(probe, 0, 2 * First);
        if (!isPinned) { probe.Control(versions[1]); }
        Send(probe, 2 * First, 3 * First);

        var answers = probe.TakeAll<WindowAnswer>();

        var last = versions[isPinned ? 0 : 1];
        Assert.Equal(Confidences(new(Model, versions[0], ModelCard.Empty), 0, First), answers.Take(First).Select(static a => a.Confidence));
        Assert.Equal(Confidences(Small(versions[0]), First, 2 * First), answers.Skip(First).Take(First).Select(static a => a.Confidence));
        Assert.Equal(Confidences(Small(last), 2 * First, 3 * First), answers.Skip(2 * First).Select(static a => a.Confidence));
        Assert.NotEqual(Confidences(new(Model, last, ModelCard.Empty), 2 * First, 3 * First),
            answers.Skip(2 * First).Select(static a => a.Confidence));
        Assert.All(answers, static a => Assert.Equal(1, a.Exit));
        Assert.Equal((2 * First, isPinned ? 1 : 2), (probe.Metrics.Counter("int8"), probe.Metrics.Counter("int8-versions")));
    }

    [Fact]
    public void An_int8_model_answers_as_it_is()
    {
        var small = Small(Version(1));
        using var probe = OperatorProbe.Of<Batch, WindowAnswer>(windows =>
            windows.Answer("pump-7", new(["good", "worn"]) { Model = small.Model, Pinned = small.Weights }), Windows);

        Send(probe, 0, 5);

        Assert.Equal(Confidences(small, 0, 5), probe.TakeAll<WindowAnswer>().Select(static a => a.Confidence));
        Assert.Equal(5, probe.Metrics.Counter("int8"));
    }

    [Fact]
    public void A_version_whose_values_overflow_between_layers_answers_in_float32()
    {
        var large = Version(2);
        large = large with { Values = [.. large.Values.Select(static v => MathF.CopySign(3e38f, v))] };
        using var probe = Fleet();
        probe.Control(Version(1));
        Send(probe, 0, First);
        probe.Control(large);
        Send(probe, 1, 3);

        Assert.Equal((0, 1), (probe.Metrics.Counter("int8"), probe.Metrics.Counter("float32-versions")));
    }

    [Fact]
    public async Task After_a_restart_the_same_windows_give_the_ranges()
    {
        using var folder = new TemporaryFolder();
        var answers = new ConcurrentQueue<WindowAnswer>();
        var pipeline = Pipeline.Define("pump-7", p =>
        {
            p.SaveWith(WindowAnswer.Json);
            p.Input<Batch>("windows", Windows).Answer("pump-7", Options with { Model = Model, Pinned = Version(1) })
                .ForEach("answers", answers.Enqueue);
        });
        var checkpoints = new CheckpointOptions(folder.File("state")) { Every = Timeout.InfiniteTimeSpan };
        await using (var run = pipeline.Start(new RunOptions { Checkpoints = checkpoints }))
        {
            await SendAsync(run, 0, First);
            await run.CheckpointAsync();
        }

        await using var next = pipeline.Start(new RunOptions
        {
            Checkpoints = checkpoints,
            StartFrom = Checkpoint.Newest(folder.File("state")),
        });
        await SendAsync(next, First, First + 5);

        Assert.Equal(Confidences(Small(Version(1)), First, First + 5), answers.Skip(First).Select(static a => a.Confidence));

        async Task SendAsync(PipelineRun run, int from, int to)
        {
            var pool = new BatchPool();
            for (var i = from; i < to; i++) { await run.SendAsync("windows", Window(pool, i), TestContext.Current.CancellationToken); }
            while (answers.Count < to && !run.Completion.IsCompleted)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }

    private static OperatorProbe Fleet() => OperatorProbe.From<Batch>((p, windows) =>
        windows.Answer("pump-7", Model, p.Input<Weights>("models"), Options).Output("main"), Windows, guard: false);

    private static LoadedModel Small(Weights version) =>
        new LoadedModel(Model, version, ModelCard.Empty).Quantize(new([.. Enumerable.Range(0, First).Select(Level)], First));

    private static List<float> Confidences(LoadedModel model, int from, int to)
    {
        var outputs = new float[2 * (to - from)];
        float[] levels = [.. Enumerable.Range(from, to - from).Select(Level)];
        model.Model.Infer(model.Weights.Values.AsSpan(), new(levels, to - from), outputs, new());
        return [.. outputs.Chunk(2).Select(static o => o.Max())];
    }

    private static Weights Version(long number) => Model.Initial with { Version = number, Values = Seeded(number).Initial.Values };

    private static Network Seeded(long seed) => new(new(1), 2, Model.Layers, Model.Exits, seed, Model.Plan.Features);

    private static float Level(int window) => (window * 37 % 101 / 25f) - 2;

    private static void Send(OperatorProbe probe, int from, int to)
    {
        for (var i = from; i < to; i++) { probe.Send(Window(probe.Pool, i)); }
    }

    private static Batch Window(BatchPool pool, int number) =>
        Batches.Of(pool, Windows, new long[] { number }, new[] { Level(number) });
}
