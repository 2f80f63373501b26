using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>Random convolutions with ridge regression, beside a plain version of the paper in numpy with its own fit and ridge regression
/// of scikit-learn: the same windows, the same split by device.</summary>
public sealed class RocketBesideNumpyTests(ITestOutputHelper output)
{
    private const double MaxBelow = 0.01;

    [LongFact]
    public async Task Convolutions_are_at_most_a_point_below_a_plain_version_of_the_paper()
    {
        Assert.SkipWhen(SetsPeer.Missing is not null, SetsPeer.Missing ?? "");
        output.WriteLine("set       windows  ours   numpy");
        var lines = new List<(string Name, double Below)>();
        foreach (var set in LearningSets.Named(Compared()))
        {
            if (await JudgeAsync(set) is not { } line) { output.WriteLine($"{set.Name,-10}is not here"); continue; }
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{set.Name,-10}{line.Windows,7}  {line.Ours:0.000}  {line.Theirs:0.000}"));
            lines.Add((set.Name, line.Theirs - line.Ours));
        }

        Assert.NotEmpty(lines);
        Assert.DoesNotContain(lines, static l => l.Below > MaxBelow);
    }

    private static IEnumerable<LearningSet> Compared() =>
        [LearningSets.Accelerometer, .. LearningSets.All.Where(static s => s.Name != "har" && FinalSets.Compared.Contains(s.Name))];

    private static async Task<(int Windows, double Ours, double Theirs)?> JudgeAsync(LearningSet set)
    {
        using var folder = new TemporaryFolder();
        var splits = set.Splits(folder);
        var (ours, windows) = (0.0, 0);
        if (splits.Count == 0) { return null; }
        foreach (var (number, split) in splits.Index())
        {
            var (_, learning, judging) = split.As(ModelKind.Conv);
            SetsPeer.Write(folder, number, learning, judging, split.Source.Channels.Length);
            (var model, learning, judging) = split.As(ModelKind.Rocket);
            var weights = model.Network.FitRidge(new(learning.Features, learning.Labels));
            ours += Evaluation.Of(model.Network, weights, judging.Sample).Accuracy / splits.Count;
            windows += judging.Labels.Length;
        }

        var theirs = await SetsPeer.LearnAsync("rocket", folder);
        return (windows, ours, theirs.Average(static t => t.GetProperty("rocket").GetDouble()));
    }
}
