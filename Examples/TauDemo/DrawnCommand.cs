using StreamLearn.Simulated;
using System.CommandLine;
using System.Globalization;
using StreamLearn.Programs;
using StreamLearn.Samples;

namespace TauDemo;

/// <summary>Adaptive tau beside fixed numbers in sixty fleets that a seed has drawn.</summary>
internal static class DrawnCommand
{
    /// <summary>Shares above the best fixed number within which a row is near it, and beyond which it is far.</summary>
    internal const double Near = 0.02, Far = 0.1;

    internal static Command Create()
    {
        var draw = Numbers.Whole("--draw", null, "Seed of the draw.", 0, int.MaxValue, (int)TauDraw.Seed);
        var seeds = Numbers.Whole("--seeds", null, "Seeds of each fleet, of whose results the means are printed.", 1, 100, 1);
        var first = Numbers.Whole("--first", null, "The first row, to go on or to share rows between machines.", 1, TauDraw.Count, 1);
        var last = Numbers.Whole("--last", null, "The last row.", 1, TauDraw.Count, TauDraw.Count);
        var data = new Option<DirectoryInfo?>("--data")
        {
            Description = "Folder that holds mnist, har and streams; what is not there is generated.",
        };
        var command = new Command("drawn", "Compare adaptive tau with eleven fixed numbers of steps in 60 combinations of model, data, "
            + "nodes, case, aggregations and budget that a seed has drawn; prints each as it comes.")
        {
            draw, seeds, first, last, data,
        };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed.GetValue(draw), parsed.GetValue(seeds),
            parsed.GetValue(first)..parsed.GetValue(last), parsed.GetValue(data)?.FullName, parsed.InvocationConfiguration.Output,
            cancellation)));
        return command;
    }

    /// <summary>One row. <paramref name="number"/>: from 1.</summary>
    internal static string Line(int number, TauCombination of, TauComparison c) => string.Create(CultureInfo.InvariantCulture,
        $"{number,2} {of} | {c.Adaptive.Loss:F4} with {c.Adaptive.Steps,5:F1} | {c.BestLoss:F4} with {c.BestSteps,3} | ")
        + string.Create(CultureInfo.InvariantCulture, $"{c.Fixed[c.WorstSteps].Loss:F4} with {c.WorstSteps,3} | {100 * c.Excess,5:F1} %");

    private static int Run(int draw, int seeds, Range rows, string? folder, TextWriter output, CancellationToken cancellation)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var excesses = new List<double>();
        try
        {
            output.WriteLine(" # model     data      nodes, case, aggregations, budget | adaptive: loss, mean tau | best fixed: loss, tau"
                + " | worst: loss, tau | excess");
            foreach (var (i, of) in TauDraw.Of(draw).Index().Where(r => r.Index + 1 >= rows.Start.Value && r.Index + 1 <= rows.End.Value))
            {
                var row = TauSweep.Run([of.Fleet(folder)], seeds, cancellationToken: cancellation)[0];
                excesses.Add(row.Excess);
                output.WriteLine(Line(i + 1, of, row));
            }

            var (near, far) = (excesses.Count(static e => e <= Near), excesses.Count(static e => !(e <= Far)));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"at most 2 % above the best of eleven: {near} of {excesses.Count}; above 10 %: {far}; ")
                + string.Create(CultureInfo.InvariantCulture, $"largest {100 * excesses.Max():F1} %"));
            var took = TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"draw {draw}, {seeds} seeds, {took:F0} s"));
            return 0;
        }
        catch (OperationCanceledException)
        {
            return CommandLine.Interrupted;
        }
        catch (IOException e) when (StandardOutput.IsClosed(e))
        {
            return 0;
        }
        catch (Exception e) when (e is HarFormatException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"TauDemo: {e.Message}");
            return ExampleRun.Unusable;
        }
    }
}
