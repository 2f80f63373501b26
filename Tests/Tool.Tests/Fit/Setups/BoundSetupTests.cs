using System.CommandLine;
using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>What <c>fit --alone</c> promises of unseen devices, and what they then measure.</summary>
public sealed class BoundSetupTests(ITestOutputHelper output)
{
    private const double Promised = 0.9;
    private const double Margin = 0.1;

    private static bool IsOfAll => Environment.GetEnvironmentVariable(LearningSets.Variable) == "all";

    [LongFact]
    public void What_is_promised_of_unseen_devices_holds()
    {
        using var folder = new TemporaryFolder();
        List<Judged> all = [];
        output.WriteLine("set                    splits  interval kept  says nothing  width   bound: sets  covered  lowest  above 0.8");
        var setups = Setups.All.Where(static s => s.Kind == SetupKind.Bound).ToList();
        foreach (var (number, setup) in setups.Index().Where(static s => IsOfAll || !s.Item.IsFinal))
        {
            var splits = (Setups.BoundSplits / setups.Count) + (number < Setups.BoundSplits % setups.Count ? 1 : 0);
            var path = folder.File($"{number}.csv");
            if (!setup.Write(path)) { output.WriteLine($"{setup.Name,-23}is not here"); continue; }
            List<Judged> judged = [.. Judge(setup, path, splits)];
            all.AddRange(judged);
            output.WriteLine($"{setup.Name,-23}{Text(judged)}");
        }

        output.WriteLine($"{"all",-23}{Text(all)}");
        List<double> covered = [.. all.Select(static j => j.Covered).OfType<double>()];
        Assert.InRange(all.Count(static j => j.IsKept != false), 0.94 * all.Count, all.Count);
        Assert.InRange(all.Count(static j => j.IsKept is null), 0, 0.25 * all.Count);
        Assert.InRange(covered.Average(), Promised, 1);
        Assert.All(all.Where(static j => j.Covered is not null).GroupBy(static j => j.Set, static j => j.Covered!.Value),
            static set => Assert.InRange(set.Average(), Promised - (2 * Error([.. set])), 1));
    }

    private static IEnumerable<Judged> Judge(Setup setup, string path, int splits)
    {
        string[] words = ["--csv", path, .. setup.Words, "--alone", "--model", "linear", "--bound", "0.9"];
        var own = OwnRows.Read(OwnRows.Complete(FirstLook.At(OptionsOf(words).Look)));
        string[] devices = [.. own.Devices.Select(static d => d.Name)];
        for (var split = 0; split < splits; split++)
        {
            string[] asked = [.. words, "--unseen", string.Join(',', setup.Unseen(devices, split))];
            if (split % 6 == 5) { asked[asked.IndexOf("linear")] = "auto"; }
            var options = OptionsOf(asked);
            var fit = Fitting.Run(OwnFleet.Of(own, options).ToRows(), options.Fit, static _ => { }, TestContext.Current.CancellationToken);
            var measured = fit.Errors.Count > 0 ? fit.MeanAbsoluteError : fit.Accuracy;
            yield return new(setup.Name, fit.Promised is var (low, high) ? measured >= low && measured <= high : null,
                fit.Promised is var (from, to) ? (to - from) / (fit.Errors.Count > 0 ? fit.ErrorOfMean : 1) : null, fit.Covered);
        }
    }

    private static string Text(List<Judged> of)
    {
        List<double> covered = [.. of.Select(static j => j.Covered).OfType<double>()];
        return string.Create(CultureInfo.InvariantCulture, $"{of.Count,6}  {of.Count(static j => j.IsKept == true),13}  ")
            + string.Create(CultureInfo.InvariantCulture, $"{of.Count(static j => j.IsKept is null),12}  ")
            + string.Create(CultureInfo.InvariantCulture, $"{of.Average(static j => j.Width),5:0.000}  ")
            + (covered.Count == 0 ? "none"
                : string.Create(CultureInfo.InvariantCulture, $"{covered.Count,11}  {covered.Average():0.000} ± ")
                + string.Create(CultureInfo.InvariantCulture, $"{Error(covered):0.000}  {covered.Min():0.000}  ")
                + string.Create(CultureInfo.InvariantCulture, $"{covered.Count(static c => c >= Promised - Margin)}"));
    }

    /// <summary>Standard error of the mean.</summary>
    private static double Error(List<double> of) => of.Count < 2 ? 1
        : Math.Sqrt(of.Sum(c => (c - of.Average()) * (c - of.Average())) / (of.Count - 1) / of.Count);

    private static JobOptions OptionsOf(string[] words)
    {
        var (command, choices) = (new Command("fit"), new FitChoices());
        choices.AddTo(command);
        return choices.Of(command.Parse(words));
    }

    /// <summary><paramref name="IsKept"/>: null if the fit said that it can promise nothing. <paramref name="Width"/>: of the interval, in
    /// errors of the mean.</summary>
    private sealed record Judged(string Set, bool? IsKept, double? Width, double? Covered);
}
