namespace Tool;

/// <summary>The events of a run, sorted by what they tell. Everything that the report shows comes from here.</summary>
internal sealed class RunStory
{
    /// <summary>Devices up to which each gets a line of its own in plots and tables.</summary>
    internal const int MostDevices = 64;

    /// <summary>Lines in a larger fleet: those with something to tell first; all devices stand in strips of a cell each.</summary>
    internal const int FewDevices = 24;

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

    /// <summary>The job; null if it was not recorded.</summary>
    internal RunStarted? Start { get; }

    /// <summary>All modes: the main case first, asynchronous before the barrier.</summary>
    internal IReadOnlyList<ModeStory> Modes { get; }

    /// <summary>The modes of the main case.</summary>
    internal IEnumerable<ModeStory> Main => Modes.Where(m => m.Case.Length == 0);

    /// <summary>The other cases, each with its modes.</summary>
    internal IEnumerable<IGrouping<string, ModeStory>> Cases =>
        Modes.Where(m => m.Case.Length > 0).GroupBy(m => m.Case, StringComparer.Ordinal);

    /// <summary>All devices that events name, in fleet order.</summary>
    internal IReadOnlyList<string> AllDevices { get; }

    /// <summary>Devices with a line of their own: all, or in a large fleet those with something to tell and the first others.</summary>
    internal IReadOnlyList<string> Devices { get; }

    /// <summary>Virtual in the simulation, real elsewhere.</summary>
    internal string Time => Start is null or { Host: "simulation" } ? "virtual" : "real";

    /// <summary>What those are called that the model is judged by: people, or devices.</summary>
    internal string Judges => Start?.Judges ?? "people";

    /// <summary>One of them.</summary>
    internal string Judge => Judges == "people" ? "person" : Judges.TrimEnd('s');

    /// <summary>Reads the events.</summary>
    internal static RunStory Of(IReadOnlyList<RunEvent> events) => new(events);

    /// <summary>What a device was given on purpose; empty for an ordinary one.</summary>
    internal string RoleOf(string device) => Described(device)?.Role ?? "";

    /// <summary>The device as the scenario has it; null if it does not.</summary>
    internal DeviceDescribed? Described(string device) => _described.GetValueOrDefault(device);

    internal string ClassName(int number) => Start is { } start && number < start.Classes.Count ? start.Classes[number] : $"class {number}";

    private IReadOnlyList<string> Shown()
    {
        if (AllDevices.Count <= MostDevices) { return AllDevices; }
        var told = Modes.SelectMany(m => m.Faults.Select(f => f.Device).Concat(m.Slow.Select(s => s.Device)))
            .ToHashSet(StringComparer.Ordinal);
        var chosen = AllDevices.OrderBy(d => RoleOf(d).Length > 0 || told.Contains(d) ? 0 : 1).Take(FewDevices)
            .ToHashSet(StringComparer.Ordinal);
        return [.. AllDevices.Where(chosen.Contains)];
    }
}
