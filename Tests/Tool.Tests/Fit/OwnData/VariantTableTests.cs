namespace Tool.Tests;

/// <summary>Recordings in many forms that nobody tuned to: what <c>--csv</c> learns from them, beside logistic regression on the same
/// features.</summary>
public sealed class VariantTableTests(ITestOutputHelper output)
{
    private const double MaxBelow = 0.01;

    /// <summary>What stays below: fleets of few people, whose visits are bounded, and few people with turned sensors.</summary>
    private static readonly Dictionary<string, (double Alone, double Fleet)> KnownBelow = new()
    {
        ["har, 3 channels, 12.5 Hz, 6 people"] = (MaxBelow, 0.05),
        ["har, 5 people"] = (MaxBelow, 0.02),
        ["har, 12.5 Hz, turned, 8 people"] = (0.02, 0.03),
    };

    /// <summary>Of all variants, each alone and in a fleet. Of few people each judges once: one or two of them say little of a
    /// method.</summary>
    [LongFact]
    public async Task Auto_is_never_more_than_a_point_below_logistic_regression_on_features_alone_and_in_a_fleet()
    {
        var only = Environment.GetEnvironmentVariable("STREAMLEARN_VARIANT") ?? "";
        output.WriteLine("recordings                        logistic  alone                  fleet");
        List<string> below = [];
        foreach (var variant in Variants().Where(v => v.Name.Contains(only, StringComparison.Ordinal)))
        {
            var line = await JudgeAsync(variant);
            output.WriteLine(line.ToString());
            var (alone, fleet) = KnownBelow.GetValueOrDefault(variant.Name, (MaxBelow, MaxBelow));
            if (line.Alone < line.Logistic - alone || line.Fleet < line.Logistic - fleet) { below.Add(line.ToString()); }
        }

        Assert.Empty(below);
    }

    private static async Task<Line> JudgeAsync(Variant variant)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("rows.csv");
        variant.Rows().Write(file);
        List<JsonElement[]> turns = [];
        string[] turnsOfUnseen = variant.InTurn.Length == 0 ? [""] : variant.InTurn;
        foreach (var unseen in turnsOfUnseen)
        {
            string[] judges = unseen.Length == 0 ? [] : ["--unseen", unseen];
            string[] words = ["fit", "--csv", file, "--label", "activity", .. variant.Options, .. judges];
            turns.Add(
            [
                await ToolRun.ResultAsync([.. words, "--alone", "--model", "linear"]),
                await ToolRun.ResultAsync([.. words, "--alone"]),
                await ToolRun.ResultAsync([.. words, "--fleet", "--mode", "async"]),
            ]);
        }

        double Accuracy(int column) => turns.Average(t => t[column].GetProperty("accuracy").GetDouble());
        string Models(int column) => string.Join('/', turns.Select(t => t[column].GetProperty("model").GetString()).Distinct());
        return new(variant.Name, Accuracy(0), Accuracy(1), Models(1), Accuracy(2), Models(2),
            turns.Sum(static t => t[0].GetProperty("test_rows").GetInt64()));
    }

    private static IEnumerable<Variant> Variants()
    {
        if (Recordings.Folder is not { } folder)
        {
            yield return new("generated, 8 people", static () => GeneratedRows.Of(people: 8, seed: 3));
            yield break;
        }

        var all = new Lazy<VariantRows>(() => RealRows.Har(folder));
        var har = new Lazy<VariantRows>(() => all.Value.Classes(RealRows.Six));
        yield return new("har, 3 channels, 12.5 Hz, 6 people", () => har.Value.Of(0, 1, 2).People(6).At(12.5))
        {
            InTurn = ["p01,p02", "p03,p04", "p05,p06"],
        };
        yield return new("har as it is, 50 Hz, 30 people", () => har.Value);
        foreach (var rate in new[] { 12.5, 25, 100 })
        {
            yield return new(string.Create(CultureInfo.InvariantCulture, $"har, {rate} Hz"), () => har.Value.At(rate));
        }

        yield return new("har, 3 channels", () => har.Value.Of(0, 1, 2));
        yield return new("har, 9 channels", () => har.Value.WithBody());
        yield return new("har, 3 classes", () => har.Value.Classes("walking", "sitting", "laying"));
        yield return new("har, 9 classes, transitions", () =>
            all.Value.Classes([.. RealRows.Six, "stand to sit", "sit to lie", "stand to lie"]));
        yield return new("har, 5 people", () => har.Value.People(5)) { InTurn = ["p01", "p02", "p03", "p04", "p05"] };
        yield return new("har, 10 people", () => har.Value.People(10))
        {
            InTurn = ["p01,p02", "p03,p04", "p05,p06", "p07,p08", "p09,p10"],
        };
        yield return new("har, turned by up to 30 degrees", () => har.Value.Turned(30, 1));
        yield return new("har, turned by up to 180 degrees", () => har.Value.Turned(180, 1));
        yield return new("har, three classes rare", () => har.Value.Rare("upstairs", "sitting", "laying"));
        yield return new("har, 12.5 Hz, turned, 8 people", () => har.Value.At(12.5).Turned(60, 2).People(8))
        {
            InTurn = ["p01,p02", "p03,p04", "p05,p06", "p07,p08"],
        };
        yield return new("arem, recordings 12 to 15 unseen", () => RealRows.Arem(Beside("arem")))
        {
            Options = ["--unseen", "r12,r13,r14,r15"],
        };
        yield return new("spoken digits, 5 speakers", () => RealRows.Digits(Beside("fsdd"), 12))
        {
            Options = ["--window", "0.128"],
            InTurn = ["george", "jackson", "lucas", "nicolas", "theo"],
        };
        yield return new("generated, other gaits", static () => GeneratedRows.Of(people: 12, seed: 5));

        string Beside(string name) => Path.Combine(Path.GetDirectoryName(folder)!, name);
    }

    private sealed record Variant(string Name, Func<VariantRows> Rows)
    {
        public string[] Options { get; init; } = [];

        /// <summary>Devices that judge in turn, separated by commas, while the others learn; empty: those that the program takes.</summary>
        public string[] InTurn { get; init; } = [];
    }

    /// <summary>A line of the table: means over all turns.</summary>
    private sealed record Line(
        string Name, double Logistic, double Alone, string AloneModels, double Fleet, string FleetModels, long Windows)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Name,-34}{Logistic,8:0.000}  {Alone:0.000} {AloneModels,-16} {Fleet:0.000} {FleetModels,-16} {Windows} windows");
    }
}
