using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

internal sealed class ColumnOptions
{
    private readonly Option<string?> _channels = Text("--channels",
        "The columns to learn from: 'ax,ay,az'; with --csv or --arrow. Default: all of numbers but clocks, counters, second labels and "
            + "those of which most values are missing.", "columns");

    private readonly Option<string?> _ignore = Text("--ignore", "Columns to leave out: 'battery,seq'; with --csv or --arrow.", "columns");

    private readonly Option<string?> _time = Text("--time", "The column with the time; with --csv or --arrow. Default: found.", "column");

    private readonly Option<string?> _timeFormat = Text("--time-format",
        "How times are written: s, ms, us, ns, iso8601, or a custom format of .NET such as 'd/M/yyyy H:mm:ss.FFFFFFF'; with --csv. "
            + "Default: found.", "format");

    private readonly Option<string?> _missing = Text("--missing",
        "Texts and numbers that stand for a missing value, beside NA, NaN, null and the like: '-200,?'; with --csv.", "values");

    private readonly Option<char?> _delimiter = new("--delimiter")
    {
        Description = "What separates values: comma, semicolon, tab, bar, space or a character; with --csv. Default: found.",
        HelpName = "character",
        CustomParser = static result => CharacterOf(result, "--delimiter"),
    };

    private readonly Option<string?> _encoding = Text("--encoding",
        $"How texts are encoded: {string.Join(", ", EncodingWords.Words)}; with --csv. Default: utf-8, or what the "
            + "first bytes say.", "name");

    private readonly Option<char?> _comment = new("--comment")
    {
        Description = "What lines begin with that are passed over, such as #; with --csv.",
        HelpName = "character",
        CustomParser = static result => CharacterOf(result, "--comment"),
    };

    private readonly Option<bool> _noHeader =
        new("--no-header") { Description = "No line names the columns: they are c0, c1, and so on; with --csv." };

    internal ColumnOptions() => _encoding.AcceptOnlyFromAmong([.. EncodingWords.Words]);

    internal IReadOnlyList<Option> All => [_channels, _ignore, _time, _timeFormat, _missing, _delimiter, _encoding, _comment, _noHeader];

    internal LookOptions Of(ParseResult result) => new()
    {
        Channels = Names(result.GetValue(_channels)),
        Ignore = Names(result.GetValue(_ignore)),
        Time = result.GetValue(_time),
        TimeFormat = result.GetValue(_timeFormat),
        Form = new()
        {
            Delimiter = result.GetValue(_delimiter),
            Encoding = result.GetValue(_encoding) is { } word ? EncodingWords.All.First(w => w.Word == word).Encoding : null,
            Comment = result.GetValue(_comment),
            Header = !result.GetValue(_noHeader),
            Missing = Names(result.GetValue(_missing)),
        },
    };

    private static ImmutableArray<string> Names(string? list) =>
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

    private static Option<string?> Text(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };
}
