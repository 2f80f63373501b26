using System.CommandLine;
using StreamLearn.Tables;

namespace Tool;

/// <summary>The commands that learn from rows, or look at them, and the part of <c>answer</c> that is about files.</summary>
internal static class FitCommands
{
    private const string Looks = """
        Shows what the columns of your files seem to be, and why, and prints the command that learns from them. Learns nothing.

        Examples:
          streamlearn look --csv 'data/*.csv'
          streamlearn look --csv 'data/{person}/*.csv.gz' --label activity
          streamlearn look --arrow 'data/*.arrow'
          zcat data.csv.gz | streamlearn look --csv -

        Exit codes: 0 done; 2 bad command line; 65 data refused, or something that learning needs is missing.
        """;

    private const string Fits = """
        Learns from rows: yours (--csv, --arrow), recordings of people (--data), or generated ones.

        One machine learns from all your rows. With --fleet, or from other rows, their devices are a fleet: each runs the same pipeline,
        sends what it learned to an aggregator, and gets model versions back. The fleet is in virtual time; streamlearn-sensor and
        streamlearn-aggregator are one on real machines. The model is in out/model.safetensors, beside report.html.

        Examples:
          streamlearn fit --csv 'data/*.csv' --label activity --device person --unseen 'p07,p09'
          streamlearn fit --csv 'data/*.csv' --label activity --rate 25
          streamlearn fit --arrow 'data/*.arrow' --label activity --fleet
          streamlearn fit --data DIR --seeds 5 --scenario Examples/Quickstart/straggler.json
          streamlearn fit --checkpoint saved --seconds 3000
          streamlearn fit --csv 'data/*.csv' --label activity --fleet --code qsgd:4

        Exit codes: 0 done; 1 a device failed, updates were lost, the rows do not add up, or no --bound; 2 bad command line; 3 done,
        but staleness or refusals make the result doubtful; 65 data refused; 73 cannot write; 78 bad scenario; 130 interrupted.
        """;

    internal static Command Look(Stream input)
    {
        var (command, rows) = (new Command("look", Looks), new RowChoices());
        Given.Add(command, rows.ToLearn, OptionRules.OfLook);
        command.SetAction((result, cancellationToken) =>
        {
            var window = rows.WindowOf(result);
            var look = rows.Of(result) with { EachRow = window is { Seconds: null } };
            return Run(new(new()), "interrupted", () => InputFile.RunAsync(look, input, files => Reporting.Blocking(
                () => LookText.Write(FirstLook.At(files), Console.Out, window), cancellationToken), cancellationToken), cancellationToken);
        });
        return command;
    }

    internal static Command Fit(Stream input)
    {
        var (command, choices) = (new Command("fit", Fits), new FitChoices());
        choices.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var options = choices.Of(result);
            var known = new PartialResult(options);
            return Run(known, EndingOf(options), () => InputFile.RunAsync(options.From, input,
                from => Job.RunAsync(options with { From = from }, known, cancellationToken), cancellationToken), cancellationToken);
        });
        return command;
    }

    internal static void Answer(Command command, Stream input)
    {
        var choices = new AnswerChoices();
        choices.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var answer = choices.Of(result);
            return Run(new(new()), "interrupted", () => InputFile.RunAsync(answer.Look, input,
                look => AnswerJob.RunAsync(answer with { Look = look }, cancellationToken), cancellationToken), cancellationToken);
        });
    }

    /// <summary>Runs on another thread, so that signals are handled.</summary>
    private static Task<int> Run(PartialResult known, string farewell, Func<Task<int>> work, CancellationToken cancellationToken) =>
        Task.Run(() => JobRun.RunAsync(known, farewell, async () =>
        {
            if (Hardware.Warning is { } slow)
            {
                await Console.Error.WriteLineAsync($"{known.Options.Program}: {slow}").ConfigureAwait(false);
            }

            return await work().ConfigureAwait(false);
        }, cancellationToken), CancellationToken.None);

    private static string EndingOf(JobOptions options) => options.IsAlone || options.Rows is not null ? "interrupted"
        : $"interrupted; {(options.Checkpoint is null ? "stopping" : "saving")} the fleet";
}
