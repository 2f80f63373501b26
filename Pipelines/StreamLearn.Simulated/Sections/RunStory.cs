namespace StreamLearn.Simulated;

internal sealed class RunStory
{
    internal const int MaxDevices = 64;

    /// <summary>Lines in a larger fleet, notable devices first; strips show all.</summary>
    internal const int FewDevices = 24;

    /// <summary>The mode of a model that one machine learned.</summary>
    internal const string Alone = "alone";

    private readonly Dictionary<string, DeviceDescribed> _described;

    private RunStory(IReadOnlyList<RunEvent> events)
    {
        Start = events.OfType<RunStarted>().LastOrDefault();
        Modes = [.. events.Where(e => e.Mode.Length > 0).GroupBy(e => e.Mode, StringComparer.Ordinal)
            .OrderBy(g => ModeStory.OrderOf(g.Key)).Select((g, i) => new ModeStory(g.Key, i, [.. g]))];
        _described = new(StringComparer.Ordinal);
        foreach (var device in Start?.Devices ?? []) { _described[device.Name] = device; }
        AllDevices = [.. _described.Keys.Concat(Modes.SelectMany(m => m.Devices)).Distinct(StringComparer.Ordinal)];
        Devices = Shown();
    }

    internal RunStarted? Start { get; }

    /// <summary>The answers of a model of values; null: of classes.</summary>
    internal ValuesJudged? Values { get; init; }

    internal IReadOnlyList<ModeStory> Modes { get; }

    internal IEnumerable<ModeStory> Main => Modes.Where(m => m.Case.Length == 0);

    internal IEnumerable<IGrouping<string, ModeStory>> Cases =>
        Modes.Where(m => m.Case.Length > 0).GroupBy(m => m.Case, StringComparer.Ordinal);

    internal IReadOnlyList<string> AllDevices { get; }

    /// <summary>All devices; in a large fleet the notable ones, then the first others.</summary>
    internal IReadOnlyList<string> Devices { get; }

    internal string Time => Start is null or { Host: "simulation" } ? "virtual" : "real";

    internal string Judges => Start?.Judges ?? "people";

    internal string Judge => One(Judges);

    internal static string One(string judges) => judges == "people" ? "person" : judges.TrimEnd('s');

    internal static RunStory Of(IReadOnlyList<RunEvent> events, ValuesJudged? values = null) => new(events) { Values = values };

    internal string RoleOf(string device) => Described(device)?.Role ?? "";

    internal DeviceDescribed? Described(string device) => _described.GetValueOrDefault(device);

    internal string ClassName(int number) => Start is { } start && number < start.Classes.Count ? start.Classes[number] : $"class {number}";

    private IReadOnlyList<string> Shown()
    {
        if (AllDevices.Count <= MaxDevices) { return AllDevices; }
        var told = Modes.SelectMany(m => m.Faults.Select(f => f.Device).Concat(m.Slow.Select(s => s.Device)))
            .ToHashSet(StringComparer.Ordinal);
        var chosen = AllDevices.OrderBy(d => RoleOf(d).Length > 0 || told.Contains(d) ? 0 : 1).Take(FewDevices)
            .ToHashSet(StringComparer.Ordinal);
        return [.. AllDevices.Where(chosen.Contains)];
    }
}
