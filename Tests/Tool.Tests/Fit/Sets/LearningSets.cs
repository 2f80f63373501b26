namespace Tool.Tests;

internal static class LearningSets
{
    internal const string Variable = "STREAMLEARN_SETS";

    private static readonly string[] Activity = ["--label", "activity"];

    internal static IReadOnlyList<LearningSet> All { get; } =
    [
        Recorded("har", "har", static f => Har(f).At(25)),
        Recorded("fsdd", "fsdd", static f => RealRows.Digits(f, takes: 6), "--window", "0.256"),
        Recorded("arem", "arem", RealRows.Arem),
        Of("bearings", static () => MadeRows.Bearings(machines: 6, rows: 4800), "--window", "0.0853"),
        Of("waves", static () => MadeRows.Waves(devices: 12, seconds: 240)),
        Of("sparse", static () => MadeRows.Waves(devices: 12, seconds: 240).Sparse()),
        Recorded("mnist", "mnist", static f => RealRows.Mnist(f, writers: 40, images: 40), "--window", "1"),
        Recorded("skab", "skab", RealRows.Skab, "--window", "16"),
        Recorded("occupancy", "streams", RealRows.Occupancy, "--window", "960"),
        Recorded("electricity", "streams", static f => RealRows.Electricity(f, devices: 20), "--window", "7200"),
        Case("02b-clock-leak", "rec/*.csv", "--label", "label", "--device", "file"),
        Case("05-comment-preamble", "scope.csv", "--label", "state"),
        Case("06-sep-line-unit-row", "logger.csv", "--label", "state"),
        Case("12-stray-1970-stamps", "esp.csv", Activity),
        Case("14-time-spellings", "offset0100.csv", Activity),
        Case("18-slow-channel", "slow.csv", "--label", "state"),
        Case("28-sentinels", "m200.csv", [.. Activity, "--missing", "-200"]),
        Case("37b-short-device", "short/*.csv", [.. Activity, "--device", "file"]),
        Of("small", static () => MadeRows.Waves(devices: 5, seconds: 40)),
        Of("one class each", static () => MadeRows.OneClassEach(devices: 20)),
        Of("two clocks", static () => MadeRows.Waves(devices: 12, seconds: 240).WithClock()),
        Of("noise", static () => MadeRows.Waves(devices: 12, seconds: 240, strength: 0)),
    ];

    /// <summary>The recordings of the accelerometer at 20 Hz, for convolutions.</summary>
    internal static LearningSet Accelerometer { get; } = Recorded("har", "har", static f => Har(f).Of(0, 1, 2).At(20));

    /// <summary>Those that <c>STREAMLEARN_SETS</c> names, with commas between; without it all.</summary>
    internal static IEnumerable<LearningSet> Named(IEnumerable<LearningSet> sets) =>
        Environment.GetEnvironmentVariable(Variable) is { } names ? sets.Where(s => names.Split(',').Contains(s.Name)) : sets;

    /// <summary>Twenty people, of each the first of two recordings.</summary>
    private static VariantRows Har(string folder)
    {
        var har = RealRows.Har(folder).Classes(RealRows.Six).People(20);
        return har with { Parts = [.. har.Parts.DistinctBy(static p => p.Device)] };
    }

    private static LearningSet Recorded(string name, string data, Func<string, VariantRows> rows, params string[] words) =>
        new(name, folder => Recordings.Folder is { } har ? Written(folder, rows(Path.Combine(har, "..", data))) : null,
            [.. Activity, "--device", "device", .. words]);

    private static LearningSet Of(string name, Func<VariantRows> rows, params string[] words) =>
        new(name, folder => Written(folder, rows()), [.. Activity, "--device", "device", .. words]);

    private static LearningSet Case(string name, string files, params string[] words) => new(name,
        _ => Recordings.Folder is { } har && Path.Combine(har, "..", "..", "cases", name) is var cases && Directory.Exists(cases)
            ? Path.Combine(Path.GetFullPath(cases), files) : null, words);

    private static string Written(TemporaryFolder folder, VariantRows rows)
    {
        rows.Write(folder.File("rows.csv"));
        return folder.File("rows.csv");
    }
}
