using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Tool;

/// <summary>Shows the commands on one screen, by what somebody wants; help of a command is the usual one.</summary>
internal sealed class Overview : SynchronousCommandLineAction
{
    internal const string Text = """
        streamlearn: learn from the rows of sensors, answer new rows, and look into models, files and servers.

        Your own rows
          look       what the columns of files are, and what is missing to learn
          fit        learn a model from files
          answer     answer rows with a model, from files or live
          watch      find unusual rows, without labels

        Models
          explain    input, output and layers; with --memory the cost of running it
          profile    time of each layer on this machine
          compress   smaller forms, and what each loses on your rows
          export     ONNX, or C for a microcontroller
          models     versions on a server

        Servers of MQTT and NATS
          tap, pub   show and send messages
          label      tell a device the class of a time span

        What a program wrote
          state      a checkpoint
          decode     an Arrow stream
          replay     a recorded run, again

        Examples:
          streamlearn look --csv 'data/*.csv'
          streamlearn fit --csv 'data/*.csv' --label activity
          streamlearn answer out/model.safetensors --csv live.csv --follow

        streamlearn COMMAND --help has options, examples and exit codes.
        Exit codes: 0 done; 1 something cannot be read or is refused; 2 bad command line; 130 interrupted.
        """;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command.Subcommands.Count == 0 || parseResult.CommandResult.Parent is not null)
        {
            return new HelpAction().Invoke(parseResult);
        }

        parseResult.InvocationConfiguration.Output.WriteLine(Text);
        return ExitCode.Done;
    }
}
