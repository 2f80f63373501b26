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

        The devices of the rows are a fleet: each runs the same pipeline, sends updates to an aggregator, and receives model versions. The
        fleet runs in virtual time, on real threads (--host dataflow), or over a server (--link). With --alone, or if there is only one
        device, one machine learns from all rows. The result is out/model.safetensors, and for a fleet report.html too.

        Examples:
          streamlearn fit --csv 'data/*.csv' --label activity --device person --unseen 'p07,p09'
          streamlearn fit --csv 'data/*.csv' --label activity --rate 25 --alone
          streamlearn fit --arrow 'data/*.arrow' --label activity
          streamlearn fit --data DIR --seeds 5 --scenario Examples/Quickstart/straggler.json
          streamlearn fit --checkpoint saved --seconds 3000
          streamlearn fit --host dataflow --record run.slrec
          streamlearn fit --link mqtt://localhost
          streamlearn fit --link nats://localhost

        Exit codes: 0 done; 1 a device failed, the server is not there, updates were lost or got no answer, or the rows do not add up; 2 bad
        command line; 3 done, but staleness, refusals, lost connections or a link that is too slow make the result doubtful;
        65 data refused; 73 cannot write; 78 bad scenario; 130 interrupted.
        """;

    private const string Replays = """
        Repeats a recorded run in the simulation, bit for bit. The recording has the options of its run; options given here override them,
        such as another location of the data.

        Examples:
          streamlearn replay run.slrec
          streamlearn replay run.slrec --out again --json result.json
          streamlearn replay run.slrec --data DIR

        Exit codes: 0 done; 2 bad command line; 3 done, with a doubtful result; 65 the recording or its data are refused; 73 cannot write;
        78 bad scenario; 130 interrupted.
        """;

    internal static IEnumerable<Command> All =>
    [
        Create("look", Looks, FitCommand.Look), Create("fit", Fits, FitCommand.Fit), Create("replay", Replays, FitCommand.Replay),
    ];

    private static Command Create(string name, string description, FitCommand kind)
    {
        var command = new Command(name, description);
        FitCommands.Complete(command, kind, Program);
        return command;
    }
}
