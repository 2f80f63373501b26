using StreamLearn.Simulated;
using System.CommandLine;
using System.Globalization;
using StreamLearn.Programs;

namespace TauDemo;

/// <summary>What can be asked at the command line.</summary>
internal static class CommandLine
{
    private const string Description = """
        Federated learning under a budget of time: adaptive tau beside fixed numbers of local steps, in virtual time.

        Examples:
          dotnet run -c Release --project Examples/TauDemo -- table
          dotnet run -c Release --project Examples/TauDemo -- table delay --seeds 1
          dotnet run -c Release --project Examples/TauDemo -- table base --model linreg
          dotnet run -c Release --project Examples/TauDemo -- table drawn --data FOLDER
          dotnet run -c Release --project Examples/TauDemo -- run --case 1 --at 5:set-case=2 --at 10:set-delay=500
          dotnet run -c Release --project Examples/TauDemo -- bytes har --out bytes.html

        Exit codes: 0 done, or nobody reads any more; 2 wrong command line; 4 a file cannot be used; 130 interrupted.
        """;

    internal const int Interrupted = ExampleRun.Interrupted;

    internal const int Wrong = ExampleRun.Wrong;

    /// <summary>Does what a command line asks for. <paramref name="output"/>: where tables are written; null: where the program
    /// writes.</summary>
    internal static Task<int> RunAsync(string[] arguments, TextWriter? output = null) =>
        ExampleRun.RunAsync(Create(), "TauDemo", arguments, output);

    private static RootCommand Create() => new(Description)
    {
        Table(), BytesCommand.Create(), RunCommand.Create(),
    };

    private static Command Table()
    {
        var experiments = new Argument<string[]>("experiments")
        {
            Description = $"Which comparisons: {string.Join(", ", TauExperiment.All.Select(static e => e.Name))}; default all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        experiments.AcceptOnlyFromAmong([.. TauExperiment.All.Select(static e => e.Name)]);
        var model = new Option<string>("--model")
        {
            Description = $"What is learned: {string.Join(", ", TauModel.All)}.",
            DefaultValueFactory = static _ => TauModel.Svm.Name,
        };
        model.AcceptOnlyFromAmong([.. TauModel.All.Select(static m => m.Name)]);
        var seeds = Numbers.Whole("--seeds", null, "Seeds, of whose results the means are printed.", 1, 100, 3);
        var table = new Command("table", "Compare adaptive tau with eleven fixed numbers of steps in the four data cases.")
        {
            experiments, model, seeds, DrawnCommand.Create(),
        };
        table.SetAction((parsed, cancellation) =>
        {
            var names = parsed.GetValue(experiments) ?? [];
            return Task.FromResult(Run([.. TauExperiment.All.Where(e => names.Length == 0 || names.Contains(e.Name))],
                TauModel.All.Single(m => m.Name == parsed.GetValue(model)), parsed.GetValue(seeds),
                parsed.InvocationConfiguration.Output, cancellation));
        });
        return table;
    }

    private static int Run(List<TauExperiment> experiments, TauModel model, int seeds, TextWriter output, CancellationToken cancellation)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var (done, all) = (0, experiments.Count * Enum.GetValues<DataCase>().Length * (TauSweep.FixedSteps.Length + 1) * seeds);
        void Show()
        {
            var number = Interlocked.Increment(ref done);
            if (!Console.IsErrorRedirected) { Console.Error.Write($"\r{number} of {all} fleets "); }
        }

        try
        {
            foreach (var experiment in experiments)
            {
                var cases = experiment.Run(seeds, Show, model, cancellation);
                if (!Console.IsErrorRedirected) { Console.Error.Write("\r"); }
                foreach (var line in TauTable.Lines(experiment, cases)) { output.WriteLine(line); }
                output.WriteLine();
            }

            var took = TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{all} fleets, {seeds} seeds, {took:F0} s"));
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (IOException e) when (StandardOutput.IsClosed(e))
        {
            return 0;
        }

        return 0;
    }
}
