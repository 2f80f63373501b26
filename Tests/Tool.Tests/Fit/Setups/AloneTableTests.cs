using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>What one machine chooses and learns from the set-ups of fleets, beside scikit-learn on the same features of the same
/// windows.</summary>
public sealed class AloneTableTests(ITestOutputHelper output)
{
    private const int Splits = 3;
    private const double MaxBelow = 0.01;

    [LongFact]
    public async Task Alone_is_never_more_than_a_point_below_logistic_regression_on_devices_left_out()
    {
        Assert.SkipWhen(SetsPeer.Missing is not null, SetsPeer.Missing ?? "");
        var below = new List<string>();
        output.WriteLine("set                             judges  ours  logistic  error  chosen  forest  models");
        foreach (var setup in Setups.All.Where(static s => s.Kind == SetupKind.Fleet && (!s.IsFinal
            || Environment.GetEnvironmentVariable(LearningSets.Variable) == "all")))
        {
            if (await JudgeAsync(setup) is not { } line) { output.WriteLine($"{setup.Name,-32}is not here"); continue; }
            output.WriteLine(line.Text);
            if (line.Below > MaxBelow) { below.Add(setup.Name); }
        }

        Assert.Empty(below);
    }

    /// <summary>Many columns that tell little, on devices that differ more than their classes do.</summary>
    [Fact]
    public void Devices_left_out_choose_a_better_penalty_than_that_of_scikit_learn()
    {
        using var folder = new TemporaryFolder();
        var set = new LearningSet("wide", Wide, "--label", "label", "--device", "device", "--window", "row", "--model", "linear");
        var (ours, fixedPenalty) = (0.0, 0.0);
        foreach (var split in set.Splits(folder))
        {
            var (model, learning, judging) = split.As(ModelKind.Linear);
            var fit = Fitting.Run(split.Source.ToRows(), split.Options.Fit, static _ => { }, TestContext.Current.CancellationToken);
            ours += fit.Accuracy / 5;
            fixedPenalty += Evaluation.Of(model.Network, model.Network.FitSoftmax(learning.Rows).Weights, judging.Sample).Accuracy / 5;
        }

        output.WriteLine($"chosen {ours:0.000}, C = 1 {fixedPenalty:0.000}");
        Assert.True(ours > fixedPenalty + 0.01);
    }

    private static string Wide(TemporaryFolder folder)
    {
        const int Columns = 300;
        List<string> lines = ["device,label," + string.Join(',', Enumerable.Range(0, Columns).Select(static c => $"x{c}"))];
        for (var device = 0; device < 20; device++)
        {
            var random = new RandomStream(device, "wide");
            double[] own = [.. Enumerable.Range(0, Columns).Select(_ => 0.5 * random.NextGaussian())];
            lines.AddRange(Enumerable.Range(0, 20).Select(row => $"d{device:00},{(row % 2 == 0 ? "good" : "worn")},"
                + string.Join(',', own.Select((o, c) => (o + (c < 40 && row % 2 == 1 ? 0.4 : 0) + random.NextGaussian())
                    .ToString("0.###", CultureInfo.InvariantCulture)))));
        }

        File.WriteAllLines(folder.File("wide.csv"), lines);
        return folder.File("wide.csv");
    }

    private static async Task<(string Text, double Below)?> JudgeAsync(Setup setup)
    {
        using var folder = new TemporaryFolder();
        var set = new LearningSet(setup.Name, f => setup.Write(f.File("rows.csv")) ? f.File("rows.csv") : null, setup.Words);
        var (ours, judges) = (new List<(double Accuracy, string Model)>(), 0);
        foreach (var (number, split) in set.Splits(folder, Splits, setup.Unseen).Index())
        {
            var (_, learning, judging) = split.As(ModelKind.Linear);
            SetsPeer.Write(folder, number, learning, judging);
            SetsPeer.WriteGroups(folder, number, learning);
            judges = judging.Owners.Distinct().Count();
            var fit = Fitting.Run(split.Source.ToRows(), split.Options.Fit, static _ => { }, TestContext.Current.CancellationToken);
            ours.Add((fit.Accuracy, Preparation.Word(fit.Kind)));
        }

        if (ours.Count == 0) { return null; }
        var theirs = await SetsPeer.LearnAsync("sklearn", folder);
        double[] each = [.. ours.Select(static o => o.Accuracy)], logistic = Of("logistic");
        return (string.Create(CultureInfo.InvariantCulture, $"{setup.Name,-32}{judges,6}  {each.Average():0.000}  ")
            + string.Create(CultureInfo.InvariantCulture, $"{logistic.Average():0.000}  {SplitError.Of(logistic, each):0.000}  ")
            + string.Create(CultureInfo.InvariantCulture, $"{Of("chosen").Average():0.000}   {Of("forest").Average():0.000}   ")
            + string.Join('/', ours.Select(static o => o.Model)), SplitError.Below(logistic, each));

        double[] Of(string name) => [.. theirs.Select(t => t.GetProperty(name).GetDouble())];
    }
}
