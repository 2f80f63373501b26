using StreamLearn.Tables;

namespace Tool;

[Flags]
internal enum Way
{
    Fleet = 1,          // in virtual time
    Alone = 2,          // on one machine, without a fleet
    Look = 4,
    Answer = 8,
}

/// <summary>Where each option has an effect; elsewhere it is refused.</summary>
internal static class OptionRules
{
    private const string Follows = "only a saved model follows a file: streamlearn answer MODEL --csv FILE --follow";
    private const string NoFleet = "leave it out; there is no fleet";

    /// <summary>Option, value (null: all), where it has an effect, and the refusal elsewhere.</summary>
    internal static readonly (string Option, string? Value, Way Where, string Refusal)[] Table =
    [
        ("--data", null, Way.Fleet | Way.Alone, "leave it out; --csv names the rows"),
        ("--csv", null, Way.Fleet | Way.Alone | Way.Look | Way.Answer, ""),
        ("--arrow", null, Way.Fleet | Way.Alone | Way.Look | Way.Answer, ""),
        ("--label", null, Way.Fleet | Way.Alone | Way.Look, "leave it out; answers need no label"),
        ("--device", null, Way.Fleet | Way.Alone | Way.Look | Way.Answer, ""),
        ("--rate", null, Way.Fleet | Way.Alone | Way.Look, "leave it out; the model says it"),
        ("--channels", null, Way.Fleet | Way.Alone | Way.Look, "leave it out; the model says it"),
        ("--target", null, Way.Fleet | Way.Alone | Way.Look, "leave it out; the model says it"),
        ("--ahead", null, Way.Fleet | Way.Alone | Way.Look, "leave it out; the model says it"),
        ("--ignore", null, Way.Fleet | Way.Alone | Way.Look, "leave it out; the model says what it learned from"),
        ("--time", null, Way.Fleet | Way.Alone | Way.Look | Way.Answer, ""),
        ("--time-format", null, Way.Fleet | Way.Alone | Way.Look | Way.Answer, ""),
        ("--missing", null, Way.Fleet | Way.Alone | Way.Look | Way.Answer, ""),
        ("--delimiter", null, Way.Fleet | Way.Alone | Way.Look | Way.Answer, ""),
        ("--encoding", null, Way.Fleet | Way.Alone | Way.Look | Way.Answer, ""),
        ("--comment", null, Way.Fleet | Way.Alone | Way.Look | Way.Answer, ""),
        ("--no-header", null, Way.Fleet | Way.Alone | Way.Look | Way.Answer, ""),
        ("--unseen", null, Way.Fleet | Way.Alone, ""),
        ("--window", null, Way.Fleet | Way.Alone | Way.Look, "leave it out; the model says it"),
        ("--model", null, Way.Fleet | Way.Alone, ""),
        ("--alone", null, Way.Alone, "expected --csv or --arrow with --label, or --data, and no fleet's options"),
        ("--bound", null, Way.Fleet | Way.Alone | Way.Answer, ""),
        ("--follow", null, Way.Answer, Follows),
        ("--devices", null, Way.Fleet | Way.Alone, NoFleet),
        ("--seed", null, Way.Fleet | Way.Alone, NoFleet),
        ("--scenario", null, Way.Fleet, NoFleet),
        ("--goal", null, Way.Fleet, NoFleet),
        ("--out", null, Way.Fleet | Way.Alone | Way.Answer, NoFleet),
        ("--json", null, Way.Fleet | Way.Alone, NoFleet),
        ("--graph", null, Way.Fleet, NoFleet),
        ("--explain", null, Way.Fleet, NoFleet),
        ("--seeds", null, Way.Fleet, ""),
        ("--mode", null, Way.Fleet, ""),
        ("--steps", null, Way.Fleet, ""),
        ("--seconds", null, Way.Fleet, ""),
        ("--contrast", null, Way.Fleet, ""),
        ("--checkpoint", null, Way.Fleet, ""),
    ];

    /// <summary>Options incompatible with learning a value.</summary>
    private static readonly string[] OfClasses =
        ["--goal", "--graph", "--explain", "--contrast", "--checkpoint", "--seeds"];

    internal static bool Has(FitCommand command, string option) =>
        Table.Any(r => r.Option == option && (r.Where & WaysOf(command)) != 0);

    internal static Way WayOf(FitCommand command, IReadOnlyList<(string Option, string Value)> given)
    {
        bool Has(string option) => given.Any(g => g.Option == option);
        if (command is FitCommand.Look or FitCommand.Answer) { return WaysOf(command); }
        if (Has("--target") && !Has("--mode")) { return Way.Alone; }
        return Has("--alone") && (Has("--csv") || Has("--arrow") || Has("--data")) ? Way.Alone : Way.Fleet;
    }

    /// <summary>Null: valid together.</summary>
    internal static string? Broken(FitCommand command, IReadOnlyList<(string Option, string Value)> given)
    {
        bool Has(string option, string? value = null) => given.Any(g => g.Option == option && (value is null || Same(g.Value, value)));
        if (Has("--csv") && Has("--data")) { return "--csv: leave --data out; rows come from one or the other"; }
        if (Has("--arrow") && Has("--data")) { return "--arrow: leave --data out; rows come from one or the other"; }
        if (Has("--arrow") && Has("--csv")) { return "--arrow: leave --csv out; rows come from one or the other"; }
        var hasRows = Has("--csv") || Has("--arrow");
        if (command == FitCommand.Look && !hasRows) { return "look: expected --csv FILES or --arrow FILES; it names the rows"; }
        if (Has("--label") && Has("--target")) { return "--target: leave --label out; a class is learned, or a value"; }
        if (Has("--ahead") && !Has("--label") && !Has("--target"))
        {
            return "--ahead: expected --target COLUMN or --label COLUMN, which is looked for so many seconds later";
        }

        if (Has("--ahead") && Has("--window", "row"))
        {
            return "--ahead: leave --window row out; rows by themselves have no time, and it is one that is looked ahead";
        }

        if (command == FitCommand.Fit && hasRows && !Has("--label") && !Has("--target"))
        {
            return "--label: expected the column with the class, or --target with the value; a look at the files shows what there "
                + $"is: streamlearn look {Words(given.Where(static g => g.Option is "--csv" or "--arrow"))}";
        }

        var way = WayOf(command, given);
        foreach (var (option, value) in given)
        {
            foreach (var rule in Table.Where(r => r.Option == option && (r.Value is null || Same(r.Value, value)) && !r.Where.HasFlag(way)))
            {
                return $"{option}{(rule.Value is null ? "" : $" {rule.Value}")}: {Refusal(rule.Refusal, way)}";
            }
        }

        if (command == FitCommand.Fit && Has("--target") && OfClasses.FirstOrDefault(o => Has(o)) is { } ofClasses)
        {
            return $"{ofClasses}: leave it out; it goes with a fleet that learns classes";
        }

        if (Has("--arrow") && Has("--follow")) { return "--follow: leave it out; a file of Arrow is answered to its end"; }
        foreach (var text in new[] { "--time-format", "--missing", "--delimiter", "--encoding", "--comment", "--no-header" })
        {
            if (Has(text) && Has("--arrow")) { return $"{text}: leave it out; a file of Arrow says it"; }
        }

        if (Has("--window") && !hasRows && !Has("--data"))
        {
            return "--window: expected --csv FILES, --arrow FILES or --data DIR, whose rows it is about";
        }

        foreach (var own in new[] { "--label", "--target", "--ahead", "--device", "--rate", "--unseen", "--channels", "--ignore", "--time",
            "--time-format", "--missing", "--delimiter", "--encoding", "--comment", "--no-header" })
        {
            if (Has(own) && !hasRows) { return $"{own}: expected --csv FILES or --arrow FILES, whose columns it is about"; }
        }

        if (Has("--checkpoint") && Has("--seeds")) { return "--checkpoint: leave --seeds out; a job of one seed is saved"; }
        return Has("--contrast") && (Has("--mode", "async") || Has("--mode", "barrier"))
            ? "--contrast: leave --mode out; it compares both" : null;
    }

    private static string Words(IEnumerable<(string Option, string Value)> given) =>
        string.Join(' ', given.Select(static g => g.Value.Length == 0 ? g.Option : $"{g.Option} {OwnColumns.Quoted(g.Value)}"));

    private static Way WaysOf(FitCommand command) => command switch
    {
        FitCommand.Look => Way.Look,
        FitCommand.Answer => Way.Answer,
        _ => Way.Fleet | Way.Alone,
    };

    private static string Refusal(string text, Way way) => way switch
    {
        Way.Look when text != Follows => "leave it out; only a look is taken at the files. streamlearn fit learns from them",
        Way.Answer when text.Length == 0 => "leave it out; a saved model answers",
        Way.Alone when text != Follows => "leave it out; one machine learns, without a fleet",
        _ => text,
    };

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
