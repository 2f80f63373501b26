using System.Text.RegularExpressions;
using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>What <c>streamlearn fit --alone</c> chooses and learns, beside logistic regression and a random forest of scikit-learn on the
/// same features of the same windows.</summary>
public sealed partial class SetTableTests(ITestOutputHelper output)
{
    private const double MaxBelow = 0.01;
    private const int MinJudges = 15;

    /// <summary>Five splits by device; where there is one device, one.</summary>
    [LongFact]
    public async Task Alone_is_never_more_than_a_point_below_logistic_regression_of_scikit_learn()
    {
        Assert.SkipWhen(SetsPeer.Missing is not null, SetsPeer.Missing ?? "");
        var lines = new List<Line>();
        output.WriteLine("set                    devices windows  ours  model             logistic  error  forest   bound");
        foreach (var set in Asked())
        {
            if (await JudgeAsync(set) is not { } line) { output.WriteLine($"{set.Name,-23}is not here"); continue; }
            output.WriteLine(line.ToString());
            lines.Add(line);
        }

        output.WriteLine($"of {lines.Count} sets: {lines.Count(static l => l.IsBelow)} more than a point below logistic "
            + $"regression, {lines.Count(static l => l.Ours > l.Forest)} above the forest, "
            + $"{lines.Count(static l => l.Ours == l.Forest)} as it");
        Assert.NotEmpty(lines);
        Assert.Empty(lines.Where(static l => l.IsBelow).Select(static l => l.Name));
    }

    [Fact]
    public void Half_of_the_sets_are_left_for_the_last_table()
    {
        Assert.Equal(FinalSets.All, LearningSets.All.Select(static s => s.Name));
        Assert.Equal(FinalSets.All.Count, 2 * FinalSets.Final.Count);
    }

    /// <summary>The open sets; those that <c>STREAMLEARN_SETS</c> names; or, of <c>all</c>, all.</summary>
    private static IEnumerable<LearningSet> Asked() => Environment.GetEnvironmentVariable(LearningSets.Variable) switch
    {
        null => LearningSets.All.Where(static s => !FinalSets.Final.Contains(s.Name)),
        "all" => LearningSets.All,
        _ => LearningSets.Named(LearningSets.All),
    };

    private static async Task<Line?> JudgeAsync(LearningSet set)
    {
        using var folder = new TemporaryFolder();
        var splits = set.Splits(folder);
        if (splits.Count == 0) { return null; }
        List<(double Accuracy, string Model, double? Kept)> ours = [];
        var windows = 0;
        foreach (var (number, split) in splits.Index())
        {
            var (_, learning, judging) = split.As(ModelKind.Linear);
            SetsPeer.Write(folder, number, learning, judging);
            windows += judging.Labels.Length;
            ours.Add(await FitAsync(split));
        }

        var theirs = await SetsPeer.LearnAsync("sklearn", folder);
        return new(set.Name, splits[0].Source.Devices.Length + splits[0].Source.Unseen.Length, windows,
            [.. ours.Select(static o => o.Accuracy)], string.Join('/', ours.Select(static o => o.Model).Distinct()), [.. Of("logistic")],
            Of("forest").Average(), ours.Average(static o => o.Kept));

        IEnumerable<double> Of(string name) => theirs.Select(t => t.GetProperty(name).GetDouble());
    }

    private static async Task<(double Accuracy, string Model, double? Kept)> FitAsync(LearningSet.Split split)
    {
        using var folder = new TemporaryFolder();
        string[] bound = split.Source.Devices.Length >= MinJudges ? ["--bound", "0.9"] : [];
        var run = await ToolRun.RunAsync(["fit", .. split.Words, .. bound, "--json", folder.File("result.json")]);
        Assert.True(run.ExitCode == 0, run.Error);
        var result = JsonDocument.Parse(await folder.ReadAsync("result.json")).RootElement;
        double? kept = Kept().Match(run.Output) is { Success: true } match
            ? double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) / 100 : null;
        return (result.GetProperty("accuracy").GetDouble(), result.GetProperty("model").GetString()!, kept);
    }

    [GeneratedRegex("on unseen devices the right class is in ([0-9.]+) %")]
    private static partial Regex Kept();

    /// <summary>A line of the table: of each split, or means of all. <paramref name="Windows"/>: that judged. <paramref name="Kept"/>: how
    /// often the right class was in the set where 90 % was promised; null: too few devices to promise anything.</summary>
    private sealed record Line(
        string Name, int Devices, int Windows, double[] Each, string Models, double[] Logistic, double Forest, double? Kept)
    {
        internal double Ours => Each.Average();

        internal bool IsBelow => SplitError.Below(Logistic, Each) > MaxBelow;

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Name,-23}{Devices,7} {Windows,7}  {Ours:0.000} {Models,-18} {Logistic.Average():0.000}    ")
            + string.Create(CultureInfo.InvariantCulture, $"{SplitError.Of(Logistic, Each):0.000}  {Forest:0.000}   ")
            + (Kept is { } kept ? string.Create(CultureInfo.InvariantCulture, $"0.900/{kept:0.000}") : "none");
    }
}
