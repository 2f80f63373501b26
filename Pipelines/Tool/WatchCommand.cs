using System.CommandLine;
using System.CommandLine.Parsing;
using StreamLearn;
using StreamLearn.Programs;
using StreamLearn.Tables;

namespace Tool;

internal sealed class WatchCommand
{
    private const string Description = """
        Tells unusual rows from usual ones, without labels and without a model.

        --csv and --arrow: the first quarter of the rows, at most 10,000, is taken for usual, or --learn rows, or all rows of the files of
        --usual. Every other row gets a line with its time, its score, and whether it is an alert. Alerts that are close to each other are
        an episode; the summary on standard error names the first of them, and the column that stands out most.

        --command, --serial, --mqtt and --nats: the same, of rows as they are measured. --channels or --usual names the columns, and the
        first 1,000 rows are taken for usual. The begin and the end of each episode are a line; --to publishes them as JSON, and --out takes
        the scores of all rows. It goes on until it is interrupted, or the command ends with exit code 0.

        The threshold is found: of usual rows one in ten thousand is an alert, of trees one in a thousand (--false-alarms), and three alerts
        close to each other make an episode (--min-alerts).

        Rules: t2 finds columns that do not fit each other, ewma and window a column far from its recent values, trees and centers rows
        where there are few, profile a pattern of one column that has not come before.

        Examples:
          streamlearn watch --csv 'pump/*.csv'
          streamlearn watch --csv today.csv --usual 'normal/*.csv' --out scores.csv
          streamlearn watch --csv pump.csv --rule window --channels vibration --false-alarms 0.001
          streamlearn watch --command 'python3 read.py' --channels temperature,vibration
          streamlearn watch --mqtt mqtt://broker/plant/pump-7/rows --usual normal.csv --to mqtt://broker/plant/pump-7/alert --as pump-7

        Exit codes: 0 done; 2 bad command line; 130 interrupted; 65 data refused; 69 no server; 73 cannot write; 77 login refused.
        """;

    private static readonly string[] OfLive = ["--to", "--as", "--login", "--baud", "--format", "--retained"];

    private static readonly string Words = string.Join('|', AnomalyWatch.Rules.Select(static r => r.Name));

    private readonly Option<string?> _csv = Of("--csv", "Rows: a file of comma-separated values, or several: 'pump/*.csv'.", "files");
    private readonly Option<string?> _arrow = Of("--arrow", "The same of files of Arrow.", "files");
    private readonly Option<string?> _usual = Of("--usual", "Files of usual rows, to learn from all of them: 'normal/*.csv'.", "files");

    private readonly Option<int?> _learn = Numbers.Optional<int>(
        "--learn", "First rows that are taken for usual, at least 40.", 40, 100_000_000);

    private readonly Option<string> _rule = new("--rule")
    {
        Description = "How an unusual row is told.",
        HelpName = Words,
        DefaultValueFactory = static _ => AnomalyWatch.Rules[0].Name,
    };

    private readonly Option<double?> _rate = Numbers.Optional<double>(
        "--false-alarms", "Share of usual rows that are alerts, 1e-9 to 0.49. Default 0.0001, of trees 0.001.", 1e-9, 0.49);

    private readonly Option<double?> _threshold = Numbers.Optional<double>(
        "--threshold", "The score beyond which a row is an alert, in the unit of the rule. Default: found from --false-alarms.", 0, 1e30);

    private readonly Option<int?> _smoothing = Numbers.Optional<int>(
        "--smoothing", "Rows over which scores are averaged. Default 1, not at all.", 1, 1_000_000);

    private readonly Option<int?> _minAlerts = Numbers.Optional<int>(
        "--min-alerts", "Alerts close to each other that make an episode. Default 3.", 1, 1_000_000);

    private readonly Option<int?> _quiet = Numbers.Optional<int>(
        "--quiet", "Rows without an alert that end an episode. Default 60.", 1, 100_000_000);

    private readonly Option<string?> _device = Of("--device",
        "Whose row it is: a column, a part of the files' names, file (each file is a device) or none (all is one's). Each device learns "
            + "from its own first rows. Default: a column found by its name; else all is one's.", "column");

    private readonly Option<FileInfo?> _out = new("--out")
    {
        Description = "A file for the scores, named .csv. Default: lines on standard output; of rows that are measured, none.",
        HelpName = "file",
    };

    private readonly ColumnOptions _columns = new();
    private readonly LiveOptions _live = new()
    {
        Published = "The begin and the end of each episode are published here, as JSON: mqtt://host/plant/pump-7/alert, or nats://.",
    };

    internal static Command Create(TextWriter output, TextWriter error) => new WatchCommand().Of(output, error);

    private Command Of(TextWriter output, TextWriter error)
    {
        _rule.AcceptOnlyFromAmong([.. AnomalyWatch.Rules.Select(static r => r.Name)]);
        _out.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && !token.Value.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            {
                result.AddError($"--out: expected a file of scores named .csv, got '{token.Value}'");
            }
        });
        Option[] both = [_usual, _learn, _rule, _rate, _threshold, _smoothing, _minAlerts, _quiet, _out];
        var command = new Command("watch", Description) { _csv, _arrow };
        foreach (var option in both) { command.Add(option); }
        command.Add(_device);
        _live.AddTo(command);
        _live.Out = _out;
        foreach (var option in _columns.All.Where(o => command.Options.All(c => c.Name != o.Name))) { command.Add(option); }
        _live.Beside = [.. both, .. command.Options.Where(static o => o.Name is "--channels" or "--ignore")];
        command.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.Children.Any(static c => c.Errors.Any())) { return; }
            if (Broken(result) is { } problem) { result.AddError(problem); }
        });
        command.SetAction((result, cancellationToken) => RunAsync(result, output, error, cancellationToken));
        return command;
    }

    /// <summary>Null: valid together.</summary>
    private string? Broken(CommandResult result)
    {
        bool Has(Option option) => result.GetResult(option) is { Implicit: false };
        if (Has(_learn) && Has(_usual)) { return "--learn: leave it out beside --usual, of which all rows are learned from"; }
        if (Has(_rate) && Has(_threshold)) { return "--false-alarms: leave it out beside --threshold, which it would find"; }
        if (_live.IsGiven(result))
        {
            return _live.Broken(result) ?? (Has(_usual) || result.GetValue<string?>("--channels") is not null ? null
                : "--channels: expected the columns to watch, or --usual with files that have them");
        }

        if (Has(_csv) == Has(_arrow))
        {
            return "watch: expected one of --csv, --arrow, --command, --serial, --mqtt and --nats; it names the rows";
        }

        return result.Children.OfType<OptionResult>().FirstOrDefault(static o => !o.Implicit && OfLive.Contains(o.Option.Name)) is { } live
            ? $"{live.Option.Name}: leave it out; it is about rows that are measured" : null;
    }

    private async Task<int> RunAsync(ParseResult result, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var said = _columns.Of(result);
        if (result.GetValue<string?>("--time") is { } time && time.LastIndexOf(':') is > 0 and var at)
        {
            said = said with { Time = time[..at], TimeFormat = time[(at + 1)..] };
        }

        var look = said with { Csv = result.GetValue(_csv), Arrow = result.GetValue(_arrow), Device = result.GetValue(_device) };
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
        try
        {
            return _live.IsGiven(result.CommandResult)
                ? await WatchLive.RunAsync(look, options, _live.Of(result), output, error, cancellationToken).ConfigureAwait(false)
                : await Task.Run(() => WatchFiles.Run(look, options, result.GetValue(_out), output, error), CancellationToken.None)
                    .WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (e is ProgramException or LoginFileException)
        {
            await error.WriteLineAsync($"streamlearn: {PrintableText.Of(e.Message)}").ConfigureAwait(false);
            return e is ProgramException program ? program.ExitCode : ProgramExit.LoginRefused;
        }
    }

    private static Option<string?> Of(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };
}
