using System.CommandLine;

namespace Tool;

internal static class LearnCommands
{
    /// <summary>Prefix on standard error.</summary>
    internal const string Program = "streamlearn";

    private const string Looks = """
        Shows what the columns of your files seem to be, and why, and prints the command that learns from them. Learns nothing.

        Examples:
          streamlearn look --csv 'data/*.csv'
          streamlearn look --csv 'data/{person}/*.csv.gz' --label activity
          streamlearn look --arrow 'data/*.arrow'

        Exit codes: 0 done; 2 bad command line; 65 data refused, or something that learning needs is missing.
        """;

    private const string Fits = """
        Learns from rows: yours (--csv, --arrow), recordings of people (--data), or generated ones.

        The devices of the rows are a fleet: each runs the same pipeline, sends what it learned to an aggregator, and gets model versions
        back. The fleet is in virtual time; streamlearn-sensor and streamlearn-aggregator are one on real machines. With --alone, or if
        there is one device, one machine learns from all rows. The model is in out/model.safetensors, beside report.html of a fleet.

        Examples:
          streamlearn fit --csv 'data/*.csv' --label activity --device person --unseen 'p07,p09'
          streamlearn fit --csv 'data/*.csv' --label activity --rate 25 --alone
          streamlearn fit --arrow 'data/*.arrow' --label activity
          streamlearn fit --data DIR --seeds 5 --scenario Examples/Quickstart/straggler.json
          streamlearn fit --checkpoint saved --seconds 3000

        Exit codes: 0 done; 1 a device failed, updates were lost, or the rows do not add up; 2 bad command line; 3 done, but staleness or
        refusals make the result doubtful; 65 data refused; 73 cannot write; 78 bad scenario; 130 interrupted.
        """;

    internal static IEnumerable<Command> All =>
    [
        Create("look", Looks, FitCommands.Look), Create("fit", Fits, FitCommands.Fit),
    ];

    private static Command Create(string name, string description, Action<Command, string> complete)
    {
        var command = new Command(name, description);
        complete(command, Program);
        return command;
    }
}
