using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Aggregator;
using Sensor;
using StreamLearn.Programs;

namespace Tool;

internal static class CommandLine
{
    /// <summary>Detects a pattern expanded by the shell; null: none.</summary>
    private static string? Expanded(ParseResult parsed)
    {
        var option = parsed.CommandResult.Children.OfType<OptionResult>().FirstOrDefault(static o => o.Option.Name is "--csv" or "--arrow");
        return option is { Tokens: [{ Value: var first }] } && parsed.UnmatchedTokens is [var second, ..]
            && Path.GetExtension(first) is { Length: > 0 } end && second.EndsWith(end, StringComparison.Ordinal)
            ? $"{option.Option.Name}: expected one path or pattern, got {first} and {Tapped.Plain(second)}: quote a pattern, such as "
                + $"{option.Option.Name} '{Path.Join(Path.GetDirectoryName(first), "*" + end)}', because the shell replaces it with file "
                + $"names"
            : null;
    }

    /// <summary>Runs a command. A bad command line prints one line on standard error and returns 2.</summary>
    internal static int Run(string[] arguments, TextReader input, TextWriter output, TextWriter error,
        Stream? bytes = null, Stream? source = null, int? columns = null)
    {
        source ??= Stream.Null;
        var root = new Command("streamlearn", "Learns from the rows of sensors.")
        {
            new HelpOption { Action = new Overview() }, new VersionOption(),
            ExplainCommand.Create(output, error), ExportCommand.Create(output, error),
            ProfileCommand.Create(output, error), CompressCommand.Create(output, error),
            AnswerCommand.Create(input, source, output, error), WatchCommand.Create(source, output, error),
            TapCommand.Create(bytes ?? Stream.Null, output, error), PubCommand.Create(input, error),
            LabelCommand.Create(output, error),
            ModelsCommand.Create(output, error), StateCommand.Create(output, error),
            DecodeCommand.Create(source, output, error, columns),
            FitCommands.Look(source), FitCommands.Fit(source), SensorCommands.Replay("streamlearn", AggregatorCommands.PipelinesOf),
        };
        var parsed = root.Parse(arguments);
        string[] problems = parsed is { CommandResult.Command.Subcommands.Count: > 0, UnmatchedTokens: [var unknown, ..] }
            ? [(parsed.CommandResult.Command == root ? "" : $"{parsed.CommandResult.Command.Name}: ")
                + $"there is no command '{Tapped.Plain(unknown)}'"      // the parser accepts it next to --help
                + (unknown == "infer" ? ": use streamlearn answer MODEL --rows FILE instead" : "")]
            : Expanded(parsed) is { } expanded ? [expanded]
            : parsed.CommandResult.Command.Name == "fit" && GoneOptions.Refusal(parsed.UnmatchedTokens) is { } gone ? [gone]
            : [.. parsed.Errors.Select(static e => e.Message)];
        if (problems.Length == 0)
        {
            try
            {
                return parsed.Invoke(new()
                {
                    Output = output,
                    Error = error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = JobRun.MaxStopTime,
                });
            }
            catch (IOException e) when (StandardOutput.IsClosed(e))
            {
                return ExitCode.Done;
            }
        }

        foreach (var problem in problems)
        {
            var text = problem.ReplaceLineEndings(" ").Replace("\t", "", StringComparison.Ordinal);
            error.WriteLine($"streamlearn: {text} (see --help)");
        }

        return ExitCode.BadCommandLine;
    }
}
