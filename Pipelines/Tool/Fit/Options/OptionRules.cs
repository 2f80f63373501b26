namespace Tool;

/// <summary>Rules on options that cannot be combined; a rule returns null if there is no conflict.</summary>
internal static class OptionRules
{
    private static readonly string[] OfText =
        ["--time-format", "--missing", "--delimiter", "--encoding", "--comment", "--no-header", "--header"];

    private static readonly string[] OfColumns =
        ["--label", "--target", "--ahead", "--device", "--rate", "--unseen", "--channels", "--ignore", "--time", .. OfText];

    /// <summary>Options for a fleet, without effect on one machine.</summary>
    internal static readonly string[] OfFleet =
        ["--scenario", "--goal", "--graph", "--explain", "--seeds", "--mode", "--steps", "--seconds", "--contrast", "--checkpoint",
            "--code"];

    private static readonly string[] OfClasses = ["--goal", "--graph", "--explain", "--contrast", "--checkpoint", "--seeds"];

    internal static string? OfLook(Given given) => TwoSources(given)
        ?? (given.HasRows ? null : "look: expected --csv FILES or --arrow FILES, the source of the rows") ?? Learned(given) ?? Texts(given);

    internal static string? OfAnswer(Given given) => TwoSources(given)
        ?? (given.Has("--arrow") && given.Has("--follow") ? "--follow: leave it out; an Arrow file does not grow"
            : given.Has("--join") && given.Has("--follow") ? "--follow: leave it out; files that grow cannot be joined" : null)
        ?? (given.Has("--csv", Choices.StandardInput) && given.Has("--follow")
            ? "--follow: leave it out; standard input is read to its end, --command answers lines as they come" : null)
        ?? Texts(given);

    internal static string? OfFit(Given given)
    {
        if ((TwoSources(given) ?? Learned(given)) is { } rows) { return rows; }
        if (given.Has("--fleet") && given.Has("--alone")) { return "--fleet: leave --alone out; one machine learns, or a fleet"; }
        var isAlone = given.HasRows ? !given.Has("--fleet") : given.Has("--alone") && given.Has("--data");
        if (isAlone && given.First(OfFleet) is { } ofFleet)
        {
            return given.Has("--alone") ? $"{ofFleet}: leave it out; one machine learns, without a fleet"
                : $"{ofFleet}: expected --fleet with it; one machine learns from your rows by default";
        }

        if (!isAlone && given.Has("--alone"))
        {
            return "--alone: expected --csv, --arrow or --data, and no fleet's options";
        }

        if (given.Has("--target") && given.First(OfClasses) is { } ofClasses)
        {
            return $"{ofClasses}: leave it out; it is for fleets that learn classes";
        }

        return Texts(given)
            ?? (given.Has("--window") && !given.HasRows && !given.Has("--data")
                ? "--window: expected --csv FILES, --arrow FILES or --data DIR with it" : null)
            ?? Columns(given)
            ?? (given.Has("--checkpoint") && given.Has("--seeds")
                ? "--checkpoint: leave --seeds out; only a job with one seed is saved" : null)
            ?? (given.Has("--contrast") && (given.Has("--mode", "async") || given.Has("--mode", "barrier"))
                ? "--contrast: leave --mode out; it compares both" : null);
    }

    private static string? TwoSources(Given given) =>
        given.Has("--csv") && given.Has("--data") ? "--csv: leave --data out; use one source of rows"
        : given.Has("--arrow") && given.Has("--data") ? "--arrow: leave --data out; use one of the two sources"
        : given.Has("--arrow") && given.Has("--csv") ? "--arrow: leave --csv out; use one of the two sources" : null;

    private static string? Learned(Given given) =>
        given.Has("--label") && given.Has("--target") ? "--target: leave --label out; a model learns classes or a value"
        : given.Has("--ahead") && !given.Has("--label") && !given.Has("--target")
            ? "--ahead: expected --target COLUMN or --label COLUMN, the column to predict"
        : given.Has("--ahead") && given.Has("--window", "row")
            ? "--ahead: leave --window row out; single rows have no time to look ahead" : null;

    private static string? Texts(Given given) => given.Has("--arrow") && given.First(OfText) is { } text
        ? $"{text}: leave it out; an Arrow file defines it" : null;

    private static string? Columns(Given given) => !given.HasRows && given.First(OfColumns) is { } column
        ? $"{column}: expected --csv FILES or --arrow FILES, whose columns it is about" : null;
}
