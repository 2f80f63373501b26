using StreamLearn.Simulated;
using System.CommandLine;
using System.Globalization;
using StreamLearn.Programs;
using TauDemo;

namespace Partition;

/// <summary>Where each layer answers: the plans of the planners, the published figures beside ours, and a page.</summary>
internal static class InferCommand
{
    internal static Command Create()
    {
        var tables = new Option<bool>("--tables") { Description = "Print the published figures beside ours. Default: print plans." };
        var page = new Option<FileInfo?>("--page")
        {
            Description = "Write a page that shows where each layer runs while the link becomes slower.",
            HelpName = "file",
        };
        var set = new Option<string[]>("--set")
        {
            Description = "A setting, as often as needed: alpha=0 to 1, what time counts beside energy (default .5); uplink=FILE and "
                + "downlink=FILE, rates as lines t,bit/s.",
            HelpName = "name=value",
        };
        var seed = Numbers.Whole("--seed", null, "Seed of all that is drawn.", 0, int.MaxValue, 0);
        var json = new Option<FileInfo?>("--json") { Description = "Write the figures of --tables to a file as well.", HelpName = "file" };
        var command = new Command("infer", "Plan where each layer of a network answers: EEoC, Neurosurgeon, EdgeShard, DISNET.")
        {
            tables, page, set, seed, json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(set) ?? [], parsed.GetValue(seed), parsed.GetValue(tables), parsed.GetValue(page),
            parsed.GetValue(json), parsed.InvocationConfiguration.Output));
        return command;
    }

    /// <summary>Every figure, in the order of the tables.</summary>
    internal static IEnumerable<Figure> Figures(InferSettings settings) =>
    [
        .. EeocFigures.Of(settings), .. NeurosurgeonFigures.Of(settings),
        .. EdgeShardFigures.Of(settings), .. DisnetFigures.Of(settings),
    ];

    private static int Run(string[] set, long seed, bool isTables, FileInfo? page, FileInfo? json, TextWriter output)
    {
        try
        {
            var settings = set.Aggregate(new InferSettings { Seed = seed }, static (settings, text) => settings.With(text));
            if (json is not null && !isTables) { throw new FormatException("--json: expected --tables too"); }
            if (page is not null) { Write(settings, page, output); }
            if (isTables) { Tables(settings, json, output); }
            else if (page is null)
            {
                foreach (var line in ShownCuts.Lines(settings)) { output.WriteLine(line); }
            }

            return 0;
        }
        catch (FormatException e)
        {
            return CommandLine.Fail(ExampleRun.Wrong, e.Message);
        }
        catch (IOException e) when (StandardOutput.IsClosed(e))
        {
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return CommandLine.Fail(ExampleRun.Unusable, e.Message);
        }
    }

    private static void Tables(InferSettings settings, FileInfo? json, TextWriter output)
    {
        var begun = TimeProvider.System.GetTimestamp();
        Figure[] figures = [.. Figures(settings)];
        if (json is not null) { File.WriteAllText(json.FullName, FigureTable.Json(figures)); }
        output.WriteLine("By the cost model, a row at a time. EEoC: against the better of all on the device and all on the server;");
        output.WriteLine("Neurosurgeon: against all on the server.");
        foreach (var line in FigureTable.Lines(figures)) { output.WriteLine(line); }
        output.WriteLine();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"alpha {settings.Alpha}, seed {settings.Seed}, {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:F0} s"));
    }

    private static void Write(InferSettings settings, FileInfo page, TextWriter output)
    {
        if (settings.Downlink is not null)
        {
            throw new FormatException("--set downlink: expected --set uplink=, which --page plays both ways");
        }

        var record = CutRecord.Play(settings);
        File.WriteAllText(page.FullName, CutPage.Of(record));
        foreach (var (name, seconds, joules, value) in record.Means())
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-22}  {1e3 * seconds,9:F3} ms  {1e3 * joules,9:F3} mJ  value {value:F3}"));
        }
    }
}
