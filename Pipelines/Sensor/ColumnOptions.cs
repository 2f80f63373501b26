using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using StreamLearn.Tables;

namespace Sensor;

/// <summary>Options that say what the columns of files are.</summary>
public sealed class ColumnOptions
{
    private readonly Option<string?> _channels = Text("--channels",
        "The columns to learn from: 'ax,ay,az'; with --csv or --arrow. Default: all numeric columns except clocks, counters, further "
            + "labels and those with mostly missing values.", "columns");

    private readonly Option<string?> _ignore = Text("--ignore", "Columns to leave out: 'battery,seq'; with --csv or --arrow.", "columns");

    private readonly Option<string?> _time = Text("--time", "The column with the time; with --csv or --arrow. Default: found.", "column");

    private readonly Option<string?> _timeFormat = Text("--time-format",
        "The format of times: s, ms, us, ns, iso8601, or a custom .NET format such as 'd/M/yyyy H:mm:ss.FFFFFFF'; with --csv. Default: "
            + "found.", "format");

    private readonly Option<string?> _missing = Text("--missing",
        "Texts and numbers that mean a missing value, in addition to NA, NaN, null and similar: '-200,?'; with --csv.", "values");

    private readonly Option<char?> _delimiter = new("--delimiter")
    {
        Description = "The delimiter: comma, semicolon, tab, bar, space or a character; with --csv. Default: found.",
        HelpName = "character",
        CustomParser = static result => CharacterOf(result, "--delimiter"),
    };

    private readonly Option<string?> _encoding = Text("--encoding",
        $"The text encoding: {string.Join(", ", EncodingWords.Words)}; with --csv. Default: by the byte order mark, else utf-8.", "name");

    private readonly Option<char?> _comment = new("--comment")
    {
        Description = "The start of lines to skip, such as #; with --csv.",
        HelpName = "character",
        CustomParser = static result => CharacterOf(result, "--comment"),
    };

    private readonly Option<bool> _noHeader =
        new("--no-header") { Description = "The files have no header: columns are c0, c1, and so on; with --csv." };

    private readonly Option<bool> _header =
        new("--header") { Description = "The first line names the columns, though it has numbers; with --csv." };

    private readonly Option<string?> _join = Text("--join",
        "Join by time what was written apart, such as a file for each sensor: the part of the file names, or the column, that says which; "
            + "with --csv.", "name");

    /// <summary>Creates the options.</summary>
    public ColumnOptions() => _encoding.Validators.Add(static result =>
    {
        if (result.Tokens is [var token] && EncodingWords.Problem(token.Value) is { } wrong) { result.AddError($"--encoding: {wrong}"); }
    });

    /// <summary>All of them, for a command.</summary>
    public IReadOnlyList<Option> All =>
        [_channels, _ignore, _time, _timeFormat, _missing, _delimiter, _encoding, _comment, _noHeader, _header];

    /// <summary>The same for commands that read files only.</summary>
    public IReadOnlyList<Option> AllOfFiles => [.. All, _join];

    /// <summary>Returns what a command line says of the columns.</summary>
    public TableOptions Of(ParseResult result) => new()
    {
        Channels = Names(result.GetValue(_channels)),
        Ignore = Names(result.GetValue(_ignore)),
        Time = result.GetValue(_time),
        TimeFormat = result.GetValue(_timeFormat),
        Join = result.GetValue(_join),
        Form = FormOf(result),
    };

    /// <summary>Returns what a command line with these options says of the form of live rows, whose columns are known.</summary>
    public static TableOptions OfLive(ParseResult result) => new() { Form = FormOf(result) };

    private static CsvForm FormOf(ParseResult result) => new()
    {
        Delimiter = result.GetValue<char?>("--delimiter"),
        Encoding = result.GetValue<string?>("--encoding") is { } word ? EncodingWords.Of(word) : null,
        Comment = result.GetValue<char?>("--comment"),
        Header = !result.GetValue<bool>("--no-header"),
        NumbersAreNames = result.GetValue<bool>("--header"),
        Missing = Names(result.GetValue<string?>("--missing")),
    };

    internal static ImmutableArray<string> Names(string? list) =>
        list is null ? [] : [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private static char? CharacterOf(ArgumentResult result, string option)
    {
        var text = result.Tokens[0].Value;
        if (DelimiterWords.All.FirstOrDefault(w => w.Word == text) is { Word: not null } word) { return word.Delimiter; }
        if (text is [var one]) { return one; }
        var words = string.Join(", ", DelimiterWords.All.Select(static w => w.Word));
        result.AddError($"{option}: expected a character, or {words}; got '{text}'");
        return null;
    }

    internal static Option<string?> Text(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };
}
