namespace Quickstart;

/// <summary>Ways to run the fleet, as far as options depend on them.</summary>
[Flags]
internal enum Way
{
    /// <summary>In virtual time.</summary>
    Simulation = 1,

    /// <summary>On real threads, in the process.</summary>
    Dataflow = 2,

    /// <summary>On real threads, over a server.</summary>
    Link = 4,

    /// <summary>As a recording says.</summary>
    Replay = 8,

    /// <summary>On one machine, without a fleet.</summary>
    Alone = 16,

    /// <summary>A look at files of rows.</summary>
    Look = 32,

    /// <summary>Answers of a saved model.</summary>
    Answer = 64,
}

/// <summary>Which option has an effect in which way to run: one that would have none is refused.</summary>
internal static class OptionRules
{
    private const Way Everywhere = Way.Simulation | Way.Dataflow | Way.Link | Way.Replay;

    private const string Follows = "expected --answer MODEL";
    private const string Fleet = "leave it out; there is no fleet";

    /// <summary>An option, a value of it or null for all, where it has an effect, and what to say where it has none.</summary>
    internal static readonly (string Option, string? Value, Way Where, string Refusal)[] Table =
    [
        ("--data", null, Everywhere | Way.Alone, "leave it out; --csv names the rows"),
        ("--csv", null, Everywhere | Way.Alone | Way.Look | Way.Answer, ""),
        ("--arrow", null, Everywhere | Way.Alone | Way.Look | Way.Answer, ""),
        ("--label", null, Everywhere | Way.Alone, "leave it out; answers need no label"),
        ("--device", null, Everywhere | Way.Alone | Way.Look, "leave it out; all rows are answered in their order"),
        ("--rate", null, Everywhere | Way.Alone | Way.Look, "leave it out; the model says it"),
        ("--unseen", null, Everywhere | Way.Alone, ""),
        ("--window", null, Everywhere | Way.Alone, "leave it out; the model says it"),
        ("--model", null, Everywhere | Way.Alone, ""),
        ("--alone", null, Way.Alone, "expected --csv or --arrow with --label, or --data, and no fleet's options"),
        ("--answer", null, Way.Answer, ""),
        ("--follow", null, Way.Answer, Follows),
        ("--devices", null, Everywhere | Way.Alone, Fleet),
        ("--seed", null, Everywhere | Way.Alone, Fleet),
        ("--scenario", null, Everywhere, Fleet),
        ("--target", null, Everywhere, Fleet),
        ("--out", null, Everywhere | Way.Alone | Way.Answer, Fleet),
        ("--json", null, Everywhere | Way.Alone, Fleet),
        ("--graph", null, Everywhere, Fleet),
        ("--explain", null, Everywhere, Fleet),
        ("--seeds", null, Everywhere & ~Way.Replay, "leave --replay out; a recording is of one seed"),
        ("--host", null, Everywhere & ~Way.Replay, "leave --replay out; a recording is repeated in a way of its own"),
        ("--host", "simulation", Way.Simulation, "leave --link out; a simulated fleet meets in its own world"),
        ("--link", null, Way.Link, "leave --replay out; a recording is repeated in the simulation, without its server"),
        ("--rows", null, Way.Link, "expected --link; elsewhere rows stay inside their device"),
        ("--login", null, Way.Link, "expected a file, and --link"),
        ("--link-timeout", null, Way.Link, "expected --link"),
        ("--mode", "both", Everywhere & ~Way.Replay, "a recording is of one run: --mode async or --mode barrier"),
        ("--mode", null, Everywhere, ""),
        ("--steps", "continuous", Way.Simulation, "only in the simulation, where a run has a length"),
        ("--steps", null, Everywhere, ""),
        ("--seconds", null, Way.Simulation, "only in the simulation, where time is virtual"),
        ("--contrast", null, Way.Simulation, "only in the simulation, where recordings have a speed"),
        ("--checkpoint", null, Everywhere & ~Way.Replay, "leave --replay out; what is repeated is soon done"),
        ("--record", null, Way.Dataflow | Way.Link,
            "add --host dataflow; a simulated run repeats without a recording, and a replay has one"),
        ("--replay", null, Way.Replay, ""),
    ];

    /// <summary>The way that the options ask for.</summary>
    internal static Way WayOf(IReadOnlyList<(string Option, string Value)> given)
    {
        bool Has(string option) => given.Any(g => g.Option == option);
        if (Has("--answer")) { return Way.Answer; }
        var hasRows = Has("--csv") || Has("--arrow");
        if (hasRows && !Has("--label")) { return Way.Look; }
        if (Has("--alone") && (hasRows || Has("--data"))) { return Way.Alone; }
        if (Has("--replay")) { return Way.Replay; }
        if (given.Any(g => g.Option == "--link")) { return Way.Link; }
        return given.Any(g => g.Option == "--host" && Same(g.Value, "dataflow")) ? Way.Dataflow : Way.Simulation;
    }

    /// <summary>What is wrong with some options together; null if nothing is.</summary>
    internal static string? Broken(IReadOnlyList<(string Option, string Value)> given)
    {
        var way = WayOf(given);
        foreach (var (option, value) in given)
        {
            foreach (var rule in Table.Where(r => r.Option == option && (r.Value is null || Same(r.Value, value)) && !r.Where.HasFlag(way)))
            {
                return $"{option}{(rule.Value is null ? "" : $" {rule.Value}")}: {Refusal(rule.Refusal, way)}";
            }
        }

        bool Has(string option, string? value = null) => given.Any(g => g.Option == option && (value is null || Same(g.Value, value)));
        if (Has("--csv") && Has("--data")) { return "--csv: leave --data out; rows come from one or the other"; }
        if (Has("--arrow") && Has("--data")) { return "--arrow: leave --data out; rows come from one or the other"; }
        if (Has("--arrow") && Has("--csv")) { return "--arrow: leave --csv out; rows come from one or the other"; }
        if (Has("--arrow") && Has("--follow")) { return "--follow: leave it out; a file of Arrow is answered to its end"; }
        var hasRows = Has("--csv") || Has("--arrow");
        if (Has("--answer") && !hasRows) { return "--answer: add --csv FILE or --arrow FILE; it names the rows"; }
        foreach (var own in new[] { "--label", "--device", "--rate", "--unseen", "--window" })
        {
            if (Has(own) && !hasRows) { return $"{own}: expected --csv FILES or --arrow FILES, whose columns it is about"; }
        }

        if (Has("--rows", "link") && Has("--record")) { return "--rows: leave --record out; rows from a server are not recorded"; }
        if (Has("--rows", "link") && Has("--checkpoint")) { return "--rows: leave --checkpoint out; rows that stay inside are saved"; }
        if (Has("--record") && Has("--mode", "both")) { return "--record: add --mode async or --mode barrier; a recording is of one run"; }
        if (Has("--record") && Has("--seeds")) { return "--record: leave --seeds out; a recording is of one run"; }
        if (Has("--checkpoint") && Has("--record")) { return "--checkpoint: leave --record out; a recorded run begins at its begin"; }
        if (Has("--checkpoint") && Has("--seeds")) { return "--checkpoint: leave --seeds out; a job of one seed is saved"; }
        return Has("--contrast") && (Has("--mode", "async") || Has("--mode", "barrier"))
            ? "--contrast: leave --mode out; it compares both" : null;
    }

    private static string Refusal(string text, Way way) => way switch
    {
        Way.Look when text != Follows => "add --label COLUMN; without it, only a look is taken at the files",
        Way.Answer when text.Length == 0 => "leave it out; a saved model answers",
        Way.Alone when text != Follows => "leave it out; with --alone there is no fleet",
        _ => text,
    };

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
