namespace Tool.Tests;

/// <summary>All set-ups, half of each kind drawn for the last table.</summary>
internal static class Setups
{
    /// <summary>Splits of a set whose bounds are judged: a hundred over eight sets.</summary>
    internal const int BoundSplits = 100;

    /// <summary>Seeds of a fleet.</summary>
    internal const int FleetSeeds = 3;

    private static readonly string[] Activity = ["--label", "activity", "--device", "device"];
    private static readonly string[] Value = ["--target", "value", "--device", "device", "--window", "row"];
    private static readonly string[] Series = ["--target", "value", "--device", "device", "--ahead", "3600"];

    internal static IReadOnlyList<Setup> All { get; } =
    [
        // devices of several rates, as phones are; real people, generated ones of other seeds, bodies of other classes
        Rows(SetupKind.Fleet, "people at 20, 25 and 50 Hz", "har",
            static f => RealRows.Har(f).Classes(RealRows.Six).People(18).AtRates(20, 25, 50)),
        Rows(SetupKind.Fleet, "phones at 20, 25 and 50 Hz", null, static _ => Phones.Of(seed: 1, people: 18, rates: [20, 25, 50])),
        Rows(SetupKind.Fleet, "phones at 50, 100 and 200 Hz", null, static _ => Phones.Of(seed: 2, people: 12, rates: [50, 100, 200])),
        Rows(SetupKind.Fleet, "phones at one rate", null, static _ => Phones.Of(seed: 3, people: 18, rates: [40])),
        Rows(SetupKind.Fleet, "waves", null, static _ => MadeRows.Waves(devices: 24, seconds: 160)),
        Rows(SetupKind.Fleet, "signal strengths", "arem", RealRows.Arem),
        Rows(SetupKind.Fleet, "office", "streams", RealRows.Occupancy, "--window", "960"),
        Rows(SetupKind.Fleet, "market", "streams", static f => RealRows.Electricity(f, devices: 24), "--window", "7200"),
        Rows(SetupKind.Fleet, "bearings", null, static _ => MadeRows.Bearings(machines: 9, rows: 4800), "--window", "0.0853"),
        Rows(SetupKind.Fleet, "people, turned", "har",
            static f => RealRows.Har(f).Classes(RealRows.Six).Of(0, 1, 2).People(16).Turned(40, 7)),

        Rows(SetupKind.Bound, "waves", null, static _ => MadeRows.Waves(devices: 30, seconds: 80)),
        Rows(SetupKind.Bound, "phones", null, static _ => Phones.Of(seed: 4, people: 30, rates: [25])),
        Rows(SetupKind.Bound, "people", "har", static f => RealRows.Har(f).Classes(RealRows.Six).At(25)),
        Rows(SetupKind.Bound, "market", "streams", static f => RealRows.Electricity(f, devices: 24), "--window", "7200"),
        Values(SetupKind.Bound, "pumps", static () => ValueRows.Pumps(seed: 1, devices: 24, spread: 1, heavy: false), Value),
        Values(SetupKind.Bound, "pumps that differ", static () => ValueRows.Pumps(seed: 2, devices: 24, spread: 4, heavy: false), Value),
        Values(SetupKind.Bound, "pumps of other noise", static () => ValueRows.Pumps(seed: 3, devices: 24, spread: 1, heavy: true), Value),
        Values(SetupKind.Bound, "few pumps", static () => ValueRows.Pumps(seed: 4, devices: 9, spread: 2, heavy: false), Value),

        Values(SetupKind.Forecast, "hours of a day", static () => ValueRows.Hours(seed: 1, days: 120, weekly: false), Series),
        Values(SetupKind.Forecast, "hours of a week", static () => ValueRows.Hours(seed: 2, days: 160, weekly: true), Series),
        Values(SetupKind.Forecast, "walk", static () => ValueRows.Walk(seed: 3, hours: 3000), Series),
        Values(SetupKind.Forecast, "noise", static () => ValueRows.Noise(seed: 4, hours: 2000), Series),
        Nab("taxis", "realKnownCause/nyc_taxi", Series),
        Nab("room", "realKnownCause/ambient_temperature_system_failure", Series),
        Nab("machine", "realKnownCause/machine_temperature_system_failure", Series),
        Nab("requests", "realAWSCloudwatch/elb_request_count_8c0756", Series),
    ];

    /// <summary>Kind and name of the set-ups that are opened last.</summary>
    internal static IReadOnlySet<string> Final { get; } = Draw();

    private static HashSet<string> Draw()
    {
        HashSet<string> drawn = [];
        foreach (var kind in All.GroupBy(static s => s.Kind))
        {
            var (random, names) = (new RandomStream(75, $"final {kind.Key}"), kind.Select(static s => $"{s.Kind} {s.Name}").ToList());
            for (var left = names.Count / 2; left > 0; left--)
            {
                var at = random.NextInt32(names.Count);
                drawn.Add(names[at]);
                names.RemoveAt(at);
            }
        }

        return drawn;
    }

    private static Setup Rows(SetupKind kind, string name, string? data, Func<string, VariantRows> rows, params string[] words) => new(kind,
        name, path =>
        {
            var folder = Recordings.Folder is { } har && data is not null ? Path.Combine(har, "..", data) : null;
            if (data is not null && folder is null) { return false; }
            rows(folder ?? "").Write(path);
            return true;
        }, [.. Activity, .. words]);

    private static Setup Values(SetupKind kind, string name, Func<IEnumerable<string>> lines, string[] words) => new(kind, name, path =>
    {
        File.WriteAllLines(path, lines());
        return true;
    }, words);

    private static Setup Nab(string name, string file, string[] words) => new(SetupKind.Forecast, name, path =>
    {
        if (Recordings.Folder is not { } har) { return false; }
        File.WriteAllLines(path, ["time,device,value", .. RealRows.GzLines(Path.Combine(har, "..", "nab", $"{file}.csv.gz")).Skip(1)
            .Select(static line => line.Split(',') is var cells ? $"{cells[0]},a,{cells[1]}" : "")]);
        return true;
    }, words);
}
