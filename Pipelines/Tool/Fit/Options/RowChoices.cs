using System.CommandLine;
using Sensor;
using StreamLearn.Formats;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Options that select the rows and describe their columns.</summary>
internal sealed class RowChoices
{
    private readonly Option<string?> _csv = Of<string?>("--csv",
        "Your own rows: a file of comma-separated values, or several: 'data/*.csv', 'data/{person}/*.csv.gz'; -: standard input.", "files");

    private readonly Option<string?> _arrow = Of<string?>("--arrow",
        "The same for Arrow files of another tool: 'data/*.arrow'. The options of --csv apply, except "
            + "--follow.", "files");

    private readonly Option<string?> _label = Of<string?>("--label", "The column with the class; with --csv or --arrow. "
        + "Default: found, if only one column is named like a label.", "column");

    private readonly Option<string?> _value = Of<string?>("--target",
        "The column with the value to learn, such as a remaining life; with --csv or --arrow. One machine learns it, or with --mode a "
            + "simulated fleet.", "column");

    private readonly Option<double?> _ahead = new("--ahead")
    {
        Description = "Learn the value of --target or --label that much later: seconds, or 90s, 30min, 6h; with --csv or --arrow.",
        HelpName = "seconds",
        CustomParser = static result => Choices.Seconds(result, "--ahead", 0.001, 1e9),
    };

    private readonly Option<string?> _device = Of<string?>("--device",
        "The device of a row: a column, a part of the file names, file (each file is a device) or none (one device); with --csv or "
            + "--arrow. Default: detected by its name.", "column");

    private readonly Option<double?> _rate = Numbers.Optional<double>(
        "--rate", "Rows per second, if no column has the time; with --csv or --arrow.", 1e-6, 1e6);

    private readonly Option<WindowLength?> _window = WindowLength.Option(
        "--window", "Length of a window in seconds, or 90s, 30min, 6h; with --csv, --arrow or --data. Default 2.56 s, or 64 rows if there "
            + "are fewer than 10 per second, but at most a third of the usual length of a label. row: each row is a sample by itself; "
            + "with --csv or --arrow.", 1e-6, 1e9);

    private readonly ColumnOptions _columns = new();

    /// <summary>Options for learning and for inspecting.</summary>
    internal IReadOnlyList<Option> ToLearn => [_csv, _arrow, _label, _value, _ahead, _device, _rate, .. _columns.AllOfFiles, _window];

    /// <summary>Options for answering, where the model determines the rest.</summary>
    internal IReadOnlyList<Option> ToAnswer =>
        [_csv, _arrow, _device, .. _columns.AllOfFiles.Where(static o => o.Name is not ("--channels" or "--ignore"))];

    internal WindowLength? WindowOf(ParseResult result) => result.GetValue(_window);

    internal TableOptions Of(ParseResult result) => _columns.Of(result) with
    {
        Csv = result.GetValue(_csv),
        Arrow = result.GetValue(_arrow),
        Label = result.GetValue(_label),
        Device = result.GetValue(_device),
        RowsPerSecond = result.GetValue(_rate),
        Target = result.GetValue(_value),
        Ahead = result.GetValue(_ahead) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    };

    /// <summary>A time of <c>t:ms</c> has the same meaning for files.</summary>
    internal static TableOptions WithTime(TableOptions columns, ParseResult result) =>
        result.GetValue<string?>("--time") is not { } time ? columns
            : TimeOf(time, format: null) is var (name, unit, _)
            ? columns with { Time = name, TimeFormat = TimeDoubts.Symbol(unit) } : columns with { Time = time };

    /// <summary>Reads a name with its unit, or a name with a .NET format beside it; null: neither.</summary>
    internal static (string Name, TimeUnit Unit, string? Format)? TimeOf(string text, string? format)
    {
        var at = text.LastIndexOf(':');
        return at > 0 && UnitOf(text[(at + 1)..]) is { } unit ? (text[..at], unit, null) : format is null ? null
            : UnitOf(format) is { } known ? (text, known, null)
            : FileColumn.IsTimeFormat(format) ? (text, TimeUnit.Iso8601, format) : null;
    }

    private static TimeUnit? UnitOf(string word) =>
        Enum.GetValues<TimeUnit>().Cast<TimeUnit?>().FirstOrDefault(u => TimeDoubts.Symbol(u!.Value) == word);

    private static Option<T> Of<T>(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };
}
