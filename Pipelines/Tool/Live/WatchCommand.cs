using System.CommandLine;
using System.CommandLine.Parsing;
using Sensor;
using StreamLearn.Tables;

namespace Tool;

internal sealed class WatchCommand
{
    private const string Description = """
        Detects anomalies in rows, without labels and without a trained model.

        --csv and --arrow: the baseline is the first quarter of the rows, at most 10,000, or --learn rows, or all rows of the files of
        --usual. Every other row gets a line with its time, its score, and whether it is an alert. Alerts close to each other form an
        episode; the summary on standard error lists the first episodes, and the column that differs most.

        --command, --serial, --mqtt and --nats: the same for live rows. --channels or --usual defines the columns, and the first 1,000 rows
        are the baseline. Start and end of each episode are a line; --to publishes them as JSON, and --out writes the scores of all rows.
        It runs until it is interrupted, or until the command ends with exit code 0.

        The threshold is chosen so that one in ten thousand normal rows is an alert, with trees one in a thousand (--false-alarms). Three
        alerts close to each other form an episode (--min-alerts).

        Rules: t2 detects columns that do not fit each other, ewma and window a column far from its recent values, trees and centers rows
        in sparse regions, profile a new pattern of one column.

        Examples:
          streamlearn watch --csv 'pump/*.csv'
          streamlearn watch --csv today.csv --usual 'normal/*.csv' --out scores.csv
          streamlearn watch --csv pump.csv --rule window --channels vibration --false-alarms 0.001
          streamlearn watch --command 'python3 read.py' --channels temperature,vibration
          streamlearn watch --mqtt mqtt://broker/plant/pump-7/rows --usual normal.csv --to mqtt://broker/plant/pump-7/alert --as pump-7

        Exit codes: 0 done; 2 bad command line; 130 interrupted; 65 data refused; 69 no server; 73 cannot write; 77 login refused.
        """;

    private static readonly string Words = string.Join('|', AnomalyWatch.Rules.Select(static r => r.Name));

    private readonly Option<string?> _csv = Of("--csv",
        "Rows: a file of comma-separated values, or several: 'pump/*.csv'; -: standard input.", "files");
    private readonly Option<string?> _arrow = Of("--arrow", "The same for Arrow files.", "files");
    private readonly Option<string?> _usual = Of("--usual", "Files of normal rows, all used as the baseline: 'normal/*.csv'.", "files");

    private readonly Option<int?> _learn = Numbers.Optional<int>(
        "--learn", "Number of first rows that form the baseline, at least 40.", 40, 100_000_000);

    private readonly Option<string> _rule = new("--rule")
    {
        Description = "The rule that detects anomalies.",
        HelpName = Words,
        DefaultValueFactory = static _ => AnomalyWatch.Rules[0].Name,
    };

    private readonly Option<double?> _rate = Numbers.Optional<double>(
        "--false-alarms", "Share of normal rows that become alerts, 1e-9 to 0.49. Default 0.0001, with trees 0.001.", 1e-9, 0.49);

    private readonly Option<double?> _threshold = Numbers.Optional<double>(
        "--threshold", "The score beyond which a row is an alert, in the unit of the rule. Default: computed from "
            + "--false-alarms.", 0, 1e30);

    private readonly Option<int?> _smoothing = Numbers.Optional<int>(
        "--smoothing", "Number of rows over which scores are averaged. Default 1: no averaging.", 1, 1_000_000);

    private readonly Option<int?> _minAlerts = Numbers.Optional<int>(
        "--min-alerts", "Number of alerts close to each other that form an episode. Default 3.", 1, 1_000_000);

    private readonly Option<int?> _quiet = Numbers.Optional<int>(
        "--quiet", "Rows without an alert that end an episode. Default 60.", 1, 100_000_000);

    private readonly Option<string?> _device = Of("--device",
        "The device of a row: a column, a part of the file names, file (each file is a device) or none (there is one device). Each "
            + "device learns from its own first rows. Default: a column detected by its name, else none.", "column");

    private readonly Option<FileInfo?> _out = new("--out")
    {
        Description = "A file for the scores, named .csv; of rows in files, a page with charts is drawn beside it: scores.csv and "
            + "scores.html. Named .html: the page alone. Default: standard output; with live rows, none.",
        HelpName = "file",
    };

    private readonly ColumnOptions _columns = new();
    private readonly LiveOptions _live = new()
    {
        Published = "Publish start and end of each episode here, as JSON: mqtt://host/plant/pump-7/alert, or nats://.",
    };

    internal static Command Create(Stream input, TextWriter output, TextWriter error) => new WatchCommand().Of(input, output, error);

    private Command Of(Stream input, TextWriter output, TextWriter error)
    {
        _rule.AcceptOnlyFromAmong([.. AnomalyWatch.Rules.Select(static r => r.Name)]);
        _out.Check(static text => text.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || WatchFiles.IsPage(text) ? null
            : $"expected a file of scores named .csv, or a page named .html, got '{text}'");
        Option[] both = [_usual, _learn, _rule, _rate, _threshold, _smoothing, _minAlerts, _quiet, _out];
        var command = new Command("watch", Description) { _csv, _arrow };
        foreach (var option in both) { command.Add(option); }
        command.Add(_device);
        _live.AddTo(command);
        _live.Out = _out;
        foreach (var option in _columns.AllOfFiles.Where(o => command.Options.All(c => c.Name != o.Name))) { command.Add(option); }
        _live.Beside = [.. both, .. command.Options.Where(static o => o.Name is "--channels" or "--ignore")];
        command.Check(Broken);
        command.SetAction((result, cancellationToken) => RunAsync(result, input, output, error, cancellationToken));
        return command;
    }

    private string? Broken(CommandResult result)
    {
        bool Has(Option option) => result.Has(option);

        if (Has(_learn) && Has(_usual)) { return "--learn: leave it out with --usual, whose rows are all used"; }
        if (Has(_rate) && Has(_threshold)) { return "--false-alarms: leave it out with --threshold, which replaces it"; }
        if (result.GetValue<string?>("--join") is not null && !Has(_csv)) { return "--join: leave it out; it is for --csv"; }
        if (_live.IsGiven(result))
        {
            if (result.GetValue(_out) is { } page && WatchFiles.IsPage(page.Name))
            {
                return "--out: expected a file of scores named .csv; a page is of rows in files";
            }

            return _live.Broken(result) ?? (Has(_usual) || result.GetValue<string?>("--channels") is not null ? null
                : "--channels: expected the columns to watch, or --usual with files that have them");
        }

        if (Has(_csv) == Has(_arrow))
        {
            return "watch: expected one of --csv, --arrow, --command, --serial, --mqtt and --nats, the source of the rows";
        }

        return _live.Refused(result);
    }

    private Task<int> RunAsync(
        ParseResult result, Stream input, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var look = RowChoices.WithTime(_columns.Of(result), result) with
        {
            Csv = result.GetValue(_csv),
            Arrow = result.GetValue(_arrow),
            Device = result.GetValue(_device),
        };
        var options = new TableWatchOptions
        {
            Rule = AnomalyWatch.Rules.First(r => r.Name == result.GetValue(_rule)).Rule,
            FalseAlarmRate = result.GetValue(_rate),
            Threshold = result.GetValue(_threshold),
            Usual = result.GetValue(_usual),
            LearnRows = result.GetValue(_learn),
            Smoothing = result.GetValue(_smoothing) ?? 1,
            MinAlerts = result.GetValue(_minAlerts) ?? AnomalyWatch.UsualAlerts,
            QuietRows = result.GetValue(_quiet) ?? AnomalyWatch.UsualQuiet,
        };
        return Reporting.RunRowsAsync(() => _live.IsGiven(result.CommandResult)
            ? WatchLive.RunAsync(look, options, _live.Of(result), output, error, cancellationToken)
            : InputFile.RunAsync(look, input, files => Reporting.Blocking(
                () => WatchFiles.Run(files, options, result.GetValue(_out), output, error), cancellationToken), cancellationToken), error);
    }

    private static Option<string?> Of(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };
}
