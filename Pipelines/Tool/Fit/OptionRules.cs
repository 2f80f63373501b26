using StreamLearn.Tables;

namespace Tool;

[Flags]
internal enum Way
{
    Simulation = 1,     // in virtual time
    Dataflow = 2,       // on real threads, in the process
    Link = 4,           // on real threads, over a server
    Replay = 8,
    Alone = 16,         // on one machine, without a fleet
    Look = 32,
    Answer = 64,
}

/// <summary>Rules for options that have no effect, which are refused.</summary>
internal static class OptionRules
{
    private const Way Everywhere = Way.Simulation | Way.Dataflow | Way.Link | Way.Replay;

    private const string Follows = "only a saved model follows a file: streamlearn answer MODEL --csv FILE --follow";
    private const string Fleet = "leave it out; there is no fleet";

    /// <summary>Option, value (null: all), where it has an effect, and the refusal elsewhere.</summary>
    internal static readonly (string Option, string? Value, Way Where, string Refusal)[] Table =
    [
        ("--data", null, Everywhere | Way.Alone, "leave it out; --csv names the rows"),
        ("--csv", null, Everywhere | Way.Alone | Way.Look | Way.Answer, ""),
        ("--arrow", null, Everywhere | Way.Alone | Way.Look | Way.Answer, ""),
        ("--label", null, Everywhere | Way.Alone | Way.Look, "leave it out; answers need no label"),
        ("--device", null, Everywhere | Way.Alone | Way.Look | Way.Answer, ""),
        ("--rate", null, Everywhere | Way.Alone | Way.Look, "leave it out; the model defines it"),
        ("--channels", null, Everywhere | Way.Alone | Way.Look, "leave it out; the model defines it"),
        ("--target", null, (Everywhere & ~Way.Replay) | Way.Alone | Way.Look, "leave it out; the model defines it"),
        ("--ahead", null, Everywhere | Way.Alone | Way.Look, "leave it out; the model defines it"),
        ("--ignore", null, Everywhere | Way.Alone | Way.Look, "leave it out; the model has its own columns"),
        ("--time", null, Everywhere | Way.Alone | Way.Look | Way.Answer, ""),
        ("--time-format", null, Everywhere | Way.Alone | Way.Look | Way.Answer, ""),
        ("--missing", null, Everywhere | Way.Alone | Way.Look | Way.Answer, ""),
        ("--delimiter", null, Everywhere | Way.Alone | Way.Look | Way.Answer, ""),
        ("--encoding", null, Everywhere | Way.Alone | Way.Look | Way.Answer, ""),
        ("--comment", null, Everywhere | Way.Alone | Way.Look | Way.Answer, ""),
        ("--no-header", null, Everywhere | Way.Alone | Way.Look | Way.Answer, ""),
        ("--unseen", null, Everywhere | Way.Alone, ""),
        ("--window", null, Everywhere | Way.Alone | Way.Look, "leave it out; the model defines it"),
        ("--model", null, Everywhere | Way.Alone, ""),
        ("--alone", null, Way.Alone, "expected --csv or --arrow with --label, or --data, and no fleet's options"),
        ("--bound", null, Way.Simulation | Way.Alone | Way.Answer,
            "only in the simulation, or with --alone: a fleet has to train again without some of its devices"),
        ("--follow", null, Way.Answer, Follows),
        ("--devices", null, Everywhere | Way.Alone, Fleet),
        ("--seed", null, Everywhere | Way.Alone, Fleet),
        ("--scenario", null, Everywhere, Fleet),
        ("--goal", null, Everywhere, Fleet),
        ("--out", null, Everywhere | Way.Alone | Way.Answer, Fleet),
        ("--json", null, Everywhere | Way.Alone, Fleet),
        ("--graph", null, Everywhere, Fleet),
        ("--explain", null, Everywhere, Fleet),
        ("--seeds", null, Everywhere & ~Way.Replay, "leave it out; a recording has one seed"),
        ("--host", null, Everywhere & ~Way.Replay, "leave it out; a replay does not use a host"),
        ("--host", "simulation", Way.Simulation, "leave --link out; a simulated fleet uses no server"),
        ("--link", null, Way.Link, "leave it out; a replay uses no server"),
        ("--rows", null, Way.Link, "expected --link; elsewhere rows stay inside their device"),
        ("--login", null, Way.Link, "expected a file, and --link"),
        ("--link-timeout", null, Way.Link, "expected --link"),
        ("--mode", "both", Everywhere & ~Way.Replay, "a recording has one run: use --mode async or --mode barrier"),
        ("--mode", null, Everywhere, ""),
        ("--steps", "continuous", Way.Simulation, "only in the simulation, where a run has a length"),
        ("--steps", null, Everywhere, ""),
        ("--seconds", null, Way.Simulation, "only in the simulation, where time is virtual"),
        ("--contrast", null, Way.Simulation, "only in the simulation, where recordings have a speed"),
        ("--checkpoint", null, Everywhere & ~Way.Replay, "leave it out; a replay is short"),
        ("--record", null, Way.Dataflow | Way.Link,
            "add --host dataflow; a simulated run repeats without a recording, and a replay has one"),
    ];

    /// <summary>Options incompatible with learning a value.</summary>
    private static readonly string[] OfClasses =
        ["--goal", "--graph", "--explain", "--contrast", "--checkpoint", "--seeds", "--record", "--rows", "--login", "--link-timeout"];

    internal static bool Has(FitCommand command, string option) =>
        Table.Any(r => r.Option == option && (r.Where & WaysOf(command)) != 0);

    internal static Way WayOf(FitCommand command, IReadOnlyList<(string Option, string Value)> given)
    {
        bool Has(string option) => given.Any(g => g.Option == option);
        if (command is FitCommand.Look or FitCommand.Answer or FitCommand.Replay) { return WaysOf(command); }
        if (Has("--target") && !Has("--mode")) { return Way.Alone; }
        if (Has("--alone") && (Has("--csv") || Has("--arrow") || Has("--data"))) { return Way.Alone; }
        if (Has("--link")) { return Way.Link; }
        return given.Any(g => g.Option == "--host" && Same(g.Value, "dataflow")) ? Way.Dataflow : Way.Simulation;
    }

    /// <summary>Returns the problem of options; null: valid together.</summary>
    internal static string? Broken(FitCommand command, IReadOnlyList<(string Option, string Value)> given)
    {
        bool Has(string option, string? value = null) => given.Any(g => g.Option == option && (value is null || Same(g.Value, value)));
        if (Has("--csv") && Has("--data")) { return "--csv: leave --data out; use one source of rows"; }
        if (Has("--arrow") && Has("--data")) { return "--arrow: leave --data out; use one of the two sources"; }
        if (Has("--arrow") && Has("--csv")) { return "--arrow: leave --csv out; use one of the two sources"; }
        var hasRows = Has("--csv") || Has("--arrow");
        if (command == FitCommand.Look && !hasRows) { return "look: expected --csv FILES or --arrow FILES, the source of the rows"; }
        if (Has("--label") && Has("--target")) { return "--target: leave --label out; a model learns classes or a value"; }
        if (Has("--ahead") && !Has("--label") && !Has("--target"))
        {
            return "--ahead: expected --target COLUMN or --label COLUMN, the column to predict";
        }

        if (Has("--ahead") && Has("--window", "row"))
        {
            return "--ahead: leave --window row out; single rows have no time to look ahead";
        }

        if (command == FitCommand.Fit && hasRows && !Has("--label") && !Has("--target"))
        {
            return "--label: expected the column with the class, or --target with the value; to see the columns, run "
                + $"streamlearn look {Words(given.Where(static g => g.Option is "--csv" or "--arrow"))}";
        }

        var way = WayOf(command, given);
        foreach (var (option, value) in given)
        {
            foreach (var rule in Table.Where(r => r.Option == option && (r.Value is null || Same(r.Value, value)) && !r.Where.HasFlag(way)))
            {
                return $"{option}{(rule.Value is null ? "" : $" {rule.Value}")}: {Refusal(rule.Refusal, way)}";
            }
        }

        if (Has("--target") && way is Way.Dataflow or Way.Link)
        {
            return $"{(way == Way.Link ? "--link" : "--host dataflow")}: leave it out; a fleet learns a --target only in the simulation";
        }

        if (command == FitCommand.Fit && Has("--target") && OfClasses.FirstOrDefault(o => Has(o)) is { } ofClasses)
        {
            return $"{ofClasses}: leave it out; it is for fleets that learn classes";
        }

        if (Has("--arrow") && Has("--follow")) { return "--follow: leave it out; an Arrow file does not grow"; }
        foreach (var text in new[] { "--time-format", "--missing", "--delimiter", "--encoding", "--comment", "--no-header" })
        {
            if (Has(text) && Has("--arrow")) { return $"{text}: leave it out; an Arrow file defines it"; }
        }

        if (Has("--window") && !hasRows && !Has("--data"))
        {
            return "--window: expected --csv FILES, --arrow FILES or --data DIR with it";
        }

        foreach (var own in new[] { "--label", "--target", "--ahead", "--device", "--rate", "--unseen", "--channels", "--ignore", "--time",
            "--time-format", "--missing", "--delimiter", "--encoding", "--comment", "--no-header" })
        {
            if (Has(own) && !hasRows) { return $"{own}: expected --csv FILES or --arrow FILES with it"; }
        }

        if (Has("--rows", "link") && Has("--record")) { return "--rows: leave --record out; rows from a server are not recorded"; }
        if (Has("--rows", "link") && Has("--checkpoint")) { return "--rows: leave --checkpoint out; rows of a server are not saved"; }
        if (Has("--record") && Has("--mode", "both")) { return "--record: add --mode async or --mode barrier; a recording has one run"; }
        if (Has("--record") && Has("--seeds")) { return "--record: leave --seeds out; a recording has one run"; }
        if (Has("--checkpoint") && Has("--record")) { return "--checkpoint: leave --record out; a recorded run starts at its beginning"; }
        if (Has("--checkpoint") && Has("--seeds")) { return "--checkpoint: leave --seeds out; only a job with one seed is saved"; }
        return Has("--contrast") && (Has("--mode", "async") || Has("--mode", "barrier"))
            ? "--contrast: leave --mode out; it compares both" : null;
    }

    /// <summary>Keeps only the options that a replay needs.</summary>
    internal static IEnumerable<(string Option, string Value)> Kept(IReadOnlyList<(string Option, string Value)> given) =>
        given.Where(static g => g.Option is not ("--out" or "--json" or "--graph" or "--explain")
            && Table.Any(r => r.Option == g.Option && r.Value is null && r.Where.HasFlag(Way.Replay)));

    private static string Words(IEnumerable<(string Option, string Value)> given) =>
        string.Join(' ', given.Select(static g => g.Value.Length == 0 ? g.Option : $"{g.Option} {OwnColumns.Quoted(g.Value)}"));

    private static Way WaysOf(FitCommand command) => command switch
    {
        FitCommand.Look => Way.Look,
        FitCommand.Answer => Way.Answer,
        FitCommand.Replay => Way.Replay,
        _ => Way.Simulation | Way.Dataflow | Way.Link | Way.Alone,
    };

    private static string Refusal(string text, Way way) => way switch
    {
        Way.Look when text != Follows => "leave it out; look only inspects the files. streamlearn fit learns from them",
        Way.Answer when text.Length == 0 => "leave it out; a saved model answers",
        Way.Alone when text != Follows => "leave it out; one machine learns, without a fleet",
        _ => text,
    };

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
