using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>Fleets beside one machine with the rows of all devices, on devices that neither had.</summary>
public sealed class FleetSetupTests(ITestOutputHelper output)
{
    private const double MaxBelow = 0.01;
    private static readonly string[] Small = ["iris", "wine", "breast_cancer", "digits"];

    /// <summary>The open set-ups and small sets of scikit-learn; <c>STREAMLEARN_SETS</c> names others, or <c>all</c>.</summary>
    [LongFact]
    public async Task A_linear_fleet_is_at_most_a_point_below_the_model_of_all_rows_and_ends_within_a_point_of_its_best()
    {
        Assert.SkipWhen(SetsPeer.Missing is not null, SetsPeer.Missing ?? "");
        using var folder = new TemporaryFolder();
        await SetsPeer.LearnAsync("small", folder);
        var lines = new List<Line>();
        output.WriteLine($"{"set",-30}scikit-learn  all rows  fleet   last    best");
        foreach (var set in Sets(folder).Where(static s => IsAsked(s)))
        {
            if (await JudgeAsync(set) is not { } line) { output.WriteLine($"{set.Name,-30}is not here"); continue; }
            output.WriteLine(line.ToString());
            lines.Add(line);
        }

        output.WriteLine($"{lines.Sum(static l => l.Ends)} of {lines.Count * Setups.FleetSeeds} fleets end within a point of their best");
        Assert.NotEmpty(lines);
        Assert.Empty(lines.Where(static l => l.Below > MaxBelow || l.Fleet < l.Peer - MaxBelow).Select(static l => l.Name));
    }

    private static IEnumerable<Setup> Sets(TemporaryFolder folder) =>
    [
        .. Setups.All.Where(static s => s.Kind == SetupKind.Fleet),
        .. Small.Select(name => new Setup(SetupKind.Fleet, name, to =>
        {
            File.Copy(folder.File($"{name}.csv"), to);
            return true;
        }, "--label", "activity", "--device", "device", "--window", "row")),
    ];

    private static bool IsAsked(Setup set) => Environment.GetEnvironmentVariable(LearningSets.Variable) switch
    {
        null => !set.IsFinal,
        "all" => true,
        var names => names.Split(';').Contains(set.Name),
    };

    private static async Task<Line?> JudgeAsync(Setup set)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("rows.csv");
        if (!set.Write(file)) { return null; }
        string[] words = ["--csv", file, .. set.Words];
        var source = OwnFleet.Read(LearningSet.OptionsOf(words));
        List<(double Pooled, double Fleet, double Last, double Best)> seeds = [];
        for (var seed = 0; seed < Setups.FleetSeeds; seed++)
        {
            string[] split = [.. words, "--seed", $"{seed}", "--unseen",
                string.Join(',', set.Unseen([.. source.Devices, .. source.Unseen], seed))];
            var options = LearningSet.OptionsOf(split);
            var model = FleetModel.Of(ModelKind.Linear, OwnFleet.Read(options), seed);
            var (learning, judging) = FitSplit.Of(model.Source.ToRows(), seed);
            SetsPeer.Write(folder, seed, learning, judging);
            var pooled = await ResultAsync([.. split, "--alone"]);
            var fleet = await ResultAsync([.. split, "--fleet", "--mode", "async"]);
            seeds.Add((Number(pooled, "accuracy"), Number(fleet, "accuracy"), Number(fleet, "accuracy_of_last"),
                Number(fleet.GetProperty("runs")[0], "best_accuracy")));
        }

        var theirs = await SetsPeer.LearnAsync("sklearn", folder);
        return new(set.Name, theirs.Average(static t => Number(t, "logistic")), seeds.Average(static s => s.Pooled),
            seeds.Average(static s => s.Fleet), seeds.Average(static s => s.Last), seeds.Average(static s => s.Best),
            seeds.Count(static s => s.Last >= s.Best - MaxBelow),
            SplitError.Below([.. seeds.Select(static s => s.Pooled)], [.. seeds.Select(static s => s.Fleet)]));
    }

    private static async Task<JsonElement> ResultAsync(string[] words)
    {
        using var folder = new TemporaryFolder();
        var run = await ToolRun.RunAsync(["fit", .. words, "--model", "linear", "--json", folder.File("result.json")]);
        Assert.True(run.ExitCode is ExitCode.Done or ExitCode.Doubtful, run.Error);
        return await folder.ResultAsync();
    }

    private static double Number(JsonElement json, string name) => json.GetProperty(name).GetDouble();

    /// <summary>Means over all seeds. <paramref name="Below"/>: how far the fleet is below one machine, less a standard error.</summary>
    private sealed record Line(string Name, double Peer, double Pooled, double Fleet, double Last, double Best, int Ends, double Below)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{Name,-30}{Peer,12:0.000}{Pooled,10:0.000}{Fleet,7:0.000}{Last,7:0.000}{Best,8:0.000}   {Ends} of {Setups.FleetSeeds}");
    }
}
