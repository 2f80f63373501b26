using System.Globalization;
using StreamLearn.Testing;

namespace Quickstart.Tests;

/// <summary>Recordings in many forms that nobody tuned to: what <c>--csv</c> learns from them, beside logistic regression on the same
/// features. The long form prints the whole table.</summary>
public sealed class VariantTableTests(ITestOutputHelper output)
{
    private const double MostBelow = 0.01;

    /// <summary>What a fleet loses by not seeing all rows together: a point, or more of a few people whose sensors are turned.</summary>
    private const double MostBelowInFleet = 0.07;

    /// <summary>Of all variants, each alone and in a fleet.</summary>
    [Fact]
    public async Task Auto_is_never_more_than_a_point_below_logistic_regression_on_features_and_a_fleet_stays_near()
    {
        var only = Environment.GetEnvironmentVariable("STREAMLEARN_VARIANT") ?? "";
        var variants = Variants().Where(v => v.Name.Contains(only, StringComparison.Ordinal)).ToList();
        output.WriteLine("recordings                        logistic  alone           fleet");
        List<string> below = [];
        foreach (var (name, rows, options) in variants)
        {
            using var folder = new TemporaryFolder();
            var file = folder.File("rows.csv");
            rows().Write(file);
            string[] words = ["--csv", file, "--label", "activity", .. options];
            var linear = await QuickstartProcess.ResultAsync([], [.. words, "--alone", "--model", "linear"]);
            var alone = await QuickstartProcess.ResultAsync([], [.. words, "--alone"]);
            var fleet = await QuickstartProcess.ResultAsync([], [.. words, "--mode", "async"]);
            double[] accuracies = [.. new[] { linear, alone, fleet }.Select(static r => r.GetProperty("accuracy").GetDouble())];
            string[] models = [.. new[] { alone, fleet }.Select(static r => r.GetProperty("model").GetString()!)];
            var line = string.Create(CultureInfo.InvariantCulture,
                $"{name,-32}{accuracies[0],10:0.000}  {accuracies[1]:0.000} {models[0],-9} {accuracies[2]:0.000} {models[1],-9}")
                + $" {linear.GetProperty("test_rows")} windows";
            output.WriteLine(line);
            if (accuracies[1] < accuracies[0] - MostBelow || accuracies[2] < accuracies[0] - MostBelowInFleet) { below.Add(line); }
        }

        Assert.Empty(below);
    }

    private static IEnumerable<(string Name, Func<VariantRows> Rows, string[] Options)> Variants()
    {
        if (Recordings.Folder is not { } folder)
        {
            yield return ("generated, 8 people", static () => GeneratedRows.Of(people: 8, seed: 3), []);
            yield break;
        }

        var all = new Lazy<VariantRows>(() => RealRows.Har(folder));
        var har = new Lazy<VariantRows>(() => all.Value.Classes(RealRows.Six));
        yield return ("har, 3 channels, 12.5 Hz, 6 people", () => har.Value.Of(0, 1, 2).People(6).At(12.5), []);
        if (!LongForm.IsAsked) { yield break; }
        yield return ("har as it is, 50 Hz, 30 people", () => har.Value, []);
        foreach (var rate in new[] { 12.5, 25, 100 })
        {
            yield return (string.Create(CultureInfo.InvariantCulture, $"har, {rate} Hz"), () => har.Value.At(rate), []);
        }

        yield return ("har, 3 channels", () => har.Value.Of(0, 1, 2), []);
        yield return ("har, 9 channels", () => har.Value.WithBody(), []);
        yield return ("har, 3 classes", () => har.Value.Classes("walking", "sitting", "laying"), []);
        yield return ("har, 9 classes, transitions", () =>
            all.Value.Classes([.. RealRows.Six, "stand to sit", "sit to lie", "stand to lie"]), []);
        yield return ("har, 5 people", () => har.Value.People(5), []);
        yield return ("har, 10 people", () => har.Value.People(10), []);
        yield return ("har, turned by up to 30 degrees", () => har.Value.Turned(30, 1), []);
        yield return ("har, turned by up to 180 degrees", () => har.Value.Turned(180, 1), []);
        yield return ("har, three classes rare", () => har.Value.Rare("upstairs", "sitting", "laying"), []);
        yield return ("har, 12.5 Hz, turned, 8 people", () => har.Value.At(12.5).Turned(60, 2).People(8), []);
        yield return ("arem, recordings 12 to 15 unseen", () => RealRows.Arem(Beside("arem")), ["--unseen", "r12,r13,r14,r15"]);
        yield return ("spoken digits, 5 speakers", () => RealRows.Digits(Beside("fsdd"), 12), ["--window", "0.128"]);
        yield return ("generated, other gaits", static () => GeneratedRows.Of(people: 12, seed: 5), []);

        string Beside(string name) => Path.Combine(Path.GetDirectoryName(folder)!, name);
    }
}
