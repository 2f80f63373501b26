using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace StreamLearn.Programs.Tests;

/// <summary>What a device answers and whom it alarms, in virtual time.</summary>
public sealed class AnswersTests
{
    private const int Window = 8;

    private static readonly Preparation Rows = new([Field.Channel("level", Unit.One)], Window, Window)
    {
        Kind = ModelKind.Linear,
        RowsPerSecond = 10,
    };

    private static readonly (Network Model, Weights Weights) Fitted = Fit(Rows);

    [Fact]
    public void Each_window_is_answered_and_alerts_come_when_enough_are_sure_and_not_again_too_soon()
    {
        // a window is 0.8 s: l good, h worn
        var (answers, alerts) = Run("llhhhhhhlhhhhh", "worn", confidence: 0.8, inRow: 3, againSeconds: 3);

        Assert.Equal("llhhhhhhlhhhhh", string.Concat(answers.Select(static a => a.Class == "worn" ? 'h' : 'l')));
        Assert.All(answers, static a => Assert.Equal(("pump-7", 5L), (a.Device, a.Version)));
        Assert.Equal([4, 11], alerts.Select(a => answers.FindIndex(w => w.Time == a.Answer.Time)));        // 3 s are four windows
        Assert.Equal([3, 3], alerts.Select(static a => a.Windows));
        Assert.Equal(alerts.Select(static a => a.Answer.Time - TimeSpan.FromSeconds(1.6)), alerts.Select(static a => a.Since));
        Assert.Equal(2, alerts.Select(static a => a.Id).Distinct().Count());
        Assert.All(alerts, static a => Assert.StartsWith("pump-7/worn/2000-", a.Id, StringComparison.Ordinal));
    }

    [Fact]
    public void An_alert_that_lasts_comes_again_after_its_time()
    {
        var (answers, alerts) = Run(new string('h', 20), "worn", confidence: 0.5, inRow: 2, againSeconds: 4);

        Assert.Equal([1, 6, 11, 16], alerts.Select(a => answers.FindIndex(w => w.Time == a.Answer.Time)));
        Assert.Equal([2, 7, 12, 17], alerts.Select(static a => a.Windows));
    }

    [Fact]
    public void Values_that_overflow_are_not_answered()
    {
        var (answers, _) = Run("lIl", "worn", confidence: 0.5, inRow: 1, againSeconds: 0);

        Assert.Equal(2, answers.Count);
        Assert.All(answers, static a => Assert.InRange(a.Confidence, 0.5f, 1));
    }

    [Fact]
    public void Half_the_work_is_kept_over_many_windows()
    {
        var model = WindowModel.Create(Rows with { Kind = ModelKind.Features }, classes: 2, seed: 1);
        var answerer = new Answerer(model, leaving: null, work: 0.5);
        var pool = new BatchPool();
        var done = 0L;
        HashSet<int> exits = [];
        for (var i = 0; i < 400; i++)
        {
            using var window = pool.Rent(new([.. Enumerable.Range(0, model.Plan.Input.Channels)
                .Select(static c => Field.Channel($"f{c}", Unit.One))]), 1);
            for (var c = 0; c < window.Channels.Count; c++) { window.Channels[c].Writable<float>()[0] = i % 7; }
            exits.Add(answerer.Answer(model.Initial, window)!.Value.Exit);
            done += answerer.MultiplyAdds;
        }

        Assert.InRange(done / (400.0 * model.MultiplyAddsTo[^1]), 0.4, 0.51);
        Assert.Equal([0, 1], exits.Order());
    }

    [Fact]
    public void Windows_begin_to_leave_early_once_enough_were_compared_and_the_answers_stay_the_same()
    {
        var rows = Rows with { Kind = ModelKind.Features };
        var (fitted, windows) = (Fit(rows), string.Concat(Enumerable.Repeat("lhhl", 100)));

        var (whole, _) = Run(windows, "worn", confidence: 0.8, inRow: 3, againSeconds: 3, rows, fitted);
        var (answers, _) = Run(
            windows, "worn", confidence: 0.8, inRow: 3, againSeconds: 3, rows, fitted, new() { Bound = 0.04, Share = 0.1 });

        Assert.Equal(whole.Select(static a => (a.Time, a.Class, a.Version)), answers.Select(static a => (a.Time, a.Class, a.Version)));
        Assert.All(whole, static a => Assert.Equal(1, a.Exit));
        Assert.Equal(128, answers.FindIndex(static a => a.Exit == 0));      // 5 ÷ 0.04, at the next multiple of 32
        Assert.InRange(answers.Skip(128).Count(static a => a.Exit == 1), 5, 60);
    }

    private static (List<WindowAnswer> Answers, List<Alert> Alerts) Run(
        string windows, string kind, double confidence, int inRow, double againSeconds, Preparation? rows = null,
        (Network Model, Weights Weights)? model = null, AdaptiveExits? adaptive = null)
    {
        var fitted = model ?? Fitted;
        var (answers, alerts) = (new List<WindowAnswer>(), new List<Alert>());
        using var world = new VirtualWorld();
        var link = world.Transport("link");
        var place = new AnswerTarget(link, "plant/{device}/alert");
        world.Add(Pipeline.Define("listener", p =>
        {
            p.Subscribe(link, "plant/pump-7/answer", WindowAnswer.Json).ForEach("answers", answers.Add);
            p.Subscribe(link, "plant/pump-7/alert", Alert.Json).ForEach("alerts", alerts.Add);
        }));
        var device = world.Add(SensorPipeline.Create(
            new("pump-7", new("sl/plant"), fitted.Model, p => p.From("rows", windows,
                static (string windows, OperatorContext context) => new Levels(windows, context), Levels.Columns, Window), Levels.Columns,
                flow => (rows ?? Rows).Windows(flow))
            {
                Quality = new() { DropFaulty = true, Stuck = Timeout.InfiniteTimeSpan },
                Answering = new(["good", "worn"])
                {
                    Pinned = fitted.Weights,
                    Model = fitted.Model,
                    Adaptive = adaptive,
                    Answers = place with { Topic = "plant/{device}/answer" },
                    Alerts = [new(kind, (float)confidence, inRow, TimeSpan.FromSeconds(againSeconds), place)],
                },
            }, EdgeLink.Over(link)));
        world.RunFor(TimeSpan.FromSeconds(0.8 * (windows.Length + 5)));
        Assert.Null(device.Failure);
        return (answers, alerts);
    }

    /// <summary>A model that tells 0 from 1.</summary>
    private static (Network, Weights) Fit(Preparation rows)
    {
        RowCollector? collected = null;
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define("rows", p => rows.Windows(p.From("rows", "lhlhlhlhlhlhlhlhlhlhlhlh",
            static (string windows, OperatorContext context) => new Levels(windows, context), Levels.Columns, Window))
            .ForEach("collect", window => (collected ??= new(window.Rows)).Add(window))));
        world.RunToEnd();
        var model = WindowModel.Create(rows, classes: 2, seed: 1);
        var fit = model.Fit(collected!.ToRows(), new() { Epochs = 400, ValidationShare = 0, Seed = 1 }, cancellationToken: default);
        return (model, fit.Weights with { Version = 5 });
    }

    /// <summary>A window for each letter: l level 0, h level 1, I values without end.</summary>
    private sealed class Levels(string windows, OperatorContext context) : Source<Batch>
    {
        internal static readonly Schema Columns = new(Field.Time(), Field.Channel("level", Unit.One), Field.Label());
        private readonly DateTimeOffset _start = context.Now;
        private int _window;

        public override DateTimeOffset? NextAt => _window == windows.Length ? null : _start + TimeSpan.FromSeconds(0.8 * (_window + 1));

        public override Batch Next()
        {
            var batch = context.Pool.Rent(Columns, Window);
            var times = batch.Columns[0].Writable<long>();
            var first = (_start - DateTimeOffset.UnixEpoch).Ticks * 100;
            for (var i = 0; i < Window; i++)
            {
                times[i] = first + (((_window * Window) + i) * 100_000_000L);
                batch.Columns[1].Writable<float>()[i] = windows[_window] switch { 'l' => 0, 'h' => 1, _ => 1e30f } + (i % 2 * 0.1f);
                batch.Columns[2].Writable<int>()[i] = windows[_window] == 'h' ? 1 : 0;
            }

            _window++;
            return batch;
        }
    }
}
