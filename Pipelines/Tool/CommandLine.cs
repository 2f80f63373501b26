using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Aggregator;
using Sensor;
using StreamLearn.Programs;

namespace Tool;

internal static class CommandLine
{
    private const string Description = """
        The developer's tool of StreamLearn.

        Examples:
          streamlearn look --csv 'data/*.csv'
          streamlearn fit --csv 'data/*.csv' --label activity
          streamlearn answer out/model.safetensors --csv live.csv --follow
          streamlearn watch --csv 'pump/*.csv'
          streamlearn explain --memory vgg5
          streamlearn explain --memory vgg5 --batch 32 --optimizer adam --mask head-only
          streamlearn explain --memory mlp:784-300-10 --batch 8 --json
          streamlearn explain pump.safetensors
          streamlearn explain --memory pump.safetensors
          streamlearn export pump.safetensors --onnx pump.onnx
          streamlearn export pump.safetensors --c pump.h
          streamlearn profile vgg5 --rows 32
          streamlearn compress pump.safetensors --csv rows.csv --label state
          streamlearn answer pump.safetensors --rows today.csv --scores
          streamlearn state /var/lib/pump/state
          streamlearn replay recorded
          streamlearn decode run.arrow
          streamlearn tap mqtt://broker/plant/+/vibration --format json --count 10
          streamlearn tap 'mqtts://broker/sl/#' --login login.txt --ca plant-ca.pem --output jsonl
          streamlearn pub mqtt://broker/plant/p7/vibration --text '{"x":1}' --retain
          streamlearn label plant pump-7 worn --from '10m ago' --url mqtt://broker
          streamlearn models ls nats://server

        Exit codes: 0 done; 1 a file or a server cannot be read or is refused; 2 bad command line; 130 interrupted. For look, fit,
        answer, watch and replay see their help.
        """;

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
        var root = new Command("streamlearn", Description)
        {
            new HelpOption(), new VersionOption(),
            ExplainCommand.Create(output, error), ExportCommand.Create(output, error),
            ProfileCommand.Create(output, error), CompressCommand.Create(output, error),
            AnswerCommand.Create(input, output, error), WatchCommand.Create(output, error),
            TapCommand.Create(bytes ?? Stream.Null, output, error), PubCommand.Create(input, error),
            LabelCommand.Create(output, error),
            ModelsCommand.Create(output, error), StateCommand.Create(output, error),
            DecodeCommand.Create(source ?? Stream.Null, output, error, columns),
            FitCommands.Look(), FitCommands.Fit(), SensorCommands.Replay("streamlearn", AggregatorCommands.PipelinesOf),
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
