using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>What <c>fit</c> judged a model on, <c>answer</c> answers.</summary>
public sealed class SameWindowsTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("as they come")]
    [InlineData("rates")]
    [InlineData("jitter")]
    [InlineData("bursts")]
    [InlineData("lost rows")]
    [InlineData("other rate later")]
    [InlineData("few values")]
    [InlineData("short recordings")]
    public void Each_window_that_was_judged_is_answered_alike(string what)
    {
        var judged = Judge(new(what, folder => Written(folder, what), "--label", "activity", "--device", "device", "--window", "2"));

        output.WriteLine($"{judged}");
        Assert.InRange(judged.Windows, 200, 400);
        Assert.Equal(judged.Windows, judged.Answered);
        Assert.Equal(judged.Fit, judged.Answer, 1e-6);
    }

    [LongFact]
    public void On_every_set_each_window_that_was_judged_is_answered_alike()
    {
        var isAll = Environment.GetEnvironmentVariable(LearningSets.Variable) == "all";
        List<string> wrong = [];
        foreach (var set in Setups.All.Where(s => isAll || !s.IsFinal).Select(static s => new LearningSet(s.Name,
            f => s.Write(f.File("rows.csv")) ? f.File("rows.csv") : null, s.Words))
            .Concat(LearningSets.All.Where(s => isAll || !FinalSets.Final.Contains(s.Name))).Where(static s => !s.Words.Contains("row")))
        {
            if (Judge(set) is not { Windows: > 0 } judged) { output.WriteLine($"{set.Name,-30}is not here"); continue; }
            output.WriteLine($"{set.Name,-30}{judged}");
            if (judged.Windows != judged.Answered || Math.Abs(judged.Fit - judged.Answer) > 1e-6) { wrong.Add(set.Name); }
        }

        Assert.Empty(wrong);
    }

    private sealed record Judged(int Windows, int Answered, double Fit, double Answer)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Windows,6} judged, {Answered,6} answered, {Fit:0.0000} and {Answer:0.0000}");
    }

    private Judged Judge(LearningSet set)
    {
        if (set.Splits(_folder) is not [var split, ..]) { return new(0, 0, 0, 0); }
        var (options, file) = (split.Options, _folder.File("model.safetensors"));
        var rows = split.Source.ToRows();
        var fit = Fitting.Run(rows, options.Fit with { Model = ModelKind.Linear }, static _ => { }, TestContext.Current.CancellationToken);
        fit.Model.Save(file);
        var model = WindowModelFile.Read(file);
        if (rows.Target is not null) { rows = rows with { Objective = new(0, 1) }; }        // for the features, any does
        var judging = FitSplit.Of(FitModel.Of(ModelKind.Linear, rows, options.Seed).Rows, options.Seed).Judging;
        var look = options.Look with { Label = null, Target = null, Ahead = null, TakesAll = true };
        var answers = new TableModel(model).Answer(look.Csv!, look);
        var windows = Windows(look, model);
        Assert.Equal(answers.Length, windows.Count);
        var size = judging.Features.Length / judging.Count;
        var (right, answered, next) = (0.0, 0, new Dictionary<string, int>());
        for (var w = 0; w < judging.Count; w++)
        {
            var of = judging.Names[judging.Owners[w]];
            var (at, features) = (next.GetValueOrDefault(of), judging.Features[(w * size)..((w + 1) * size)]);
            while (at < windows.Count && ((windows[at].Device ?? of) != of || !features.SequenceEqual(windows[at].Features))) { at++; }
            if (at == windows.Count) { continue; }
            (next[of], answered) = (at + 1, answered + 1);
            right += answers[at].Value is { } value ? Math.Abs(value - judging.Targets[w])
                : answers[at].Class == model.Classes[judging.Labels[w]] ? 1 : 0;
        }

        return new(judging.Count, answered, model.AnswersValue ? fit.MeanAbsoluteError : fit.Accuracy, right / Math.Max(1, answered));
    }

    private static List<(string? Device, float[] Features)> Windows(TableOptions look, WindowModelFile model)
    {
        var files = new FileAnswers(FirstLook.At(look, model.Preparation.RowsPerSecond), model, follow: null, static _ => { });
        var names = files.Devices is { } devices ? Printable.Names(devices.All) : [];
        List<(string?, float[])> windows = [];
        using var world = new VirtualWorld();
        world.Add(Pipeline.Define("windows", p => model.Preparation.Features(files.Windows(p)).ForEach("collect", window =>
        {
            var features = new float[window.Channels.Count];
            for (var c = 0; c < features.Length; c++) { features[c] = window.Channels[c].Values<float>()[0]; }
            windows.Add((names.IsEmpty ? null : names[AnswerRows.DeviceOf(window)], features));
        })));
        world.RunToEnd();
        return windows;
    }

    /// <summary>Five people; of the last, who judges, the rows are as said.</summary>
    private static string Written(TemporaryFolder folder, string what)
    {
        var file = folder.File("rows.csv");
        Phones.Of(seed: 11, people: 6, rates: what is "rates" or "short recordings" ? [50, 20, 25] : [50]).Write(file);
        var (lines, random) = (File.ReadAllLines(file), new Random(1));
        File.WriteAllLines(file, [lines[0], .. lines[1..].Select(static l => l.Split(',')).SelectMany((cells, row) => what switch
        {
            "jitter" => Row(cells, time: Time(cells) + (random.Next(-4, 5) * 1000)),
            "bursts" => Row(cells, time: Time(cells) - (row % 5 * 19_000)),
            "short recordings" => row % 250 < 50 ? [] : Row(cells, Time(cells)),
            "lost rows" => random.Next(7) == 0 ? [] : Row(cells, Time(cells)),
            "other rate later" => row % 10_000 > 6000 && row % 2 == 0 ? [] : Row(cells, Time(cells)),
            "few values" => Row([.. cells.Select((cell, c) => c == 3 && random.Next(9) == 0 ? "" : cell)], Time(cells)),
            _ => Row(cells, Time(cells)),
        })]);
        return file;

        static long Time(string[] cells) => long.Parse(cells[1], CultureInfo.InvariantCulture);

        static string[] Row(string[] cells, long time) => [$"{cells[0]},{time},{string.Join(',', cells[2..])}"];
    }
}
