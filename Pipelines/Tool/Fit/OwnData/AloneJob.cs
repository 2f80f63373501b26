using StreamLearn.Tables;

namespace Tool;

/// <summary>Learns a class or a value on one machine from all rows; the program shows and saves the model.</summary>
internal static class AloneJob
{
    internal static int Run(JobOptions options, FitRows rows, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        Begin(options, rows);
        var fit = Fitting.Run(rows, options.Fit, Say, cancellationToken);
        Finish(options, new(fit, rows, options.Seed, "alone", started));
        return FleetBound.End(options, FleetBound.Missing(options, fit.Covered is not null, fit.Judges), ExitCode.Done);
    }

    internal static void Begin(JobOptions options, FitRows rows, string how = "alone")
    {
        Files.RequireFolder(options.Out);
        Say($"{options.Title}   seed {options.Seed}   {how}");
        Say($"  data     {rows.Description}");
        foreach (var note in rows.Notes) { Say($"  noted    {note}"); }
    }

    internal static void Finish(JobOptions options, FitReport report)
    {
        FitText.Write(report, Say);
        var (file, json) = (Path.Join(options.Out.ToString(), SavedModel.FileName), report.ToJson() + "\n");
        Files.Guard(file, () => report.Fit.Model.Save(file));
        Files.Write(new(Path.Join(options.Out.FullName, "result.json")), json);
        if (options.Json is not null) { Files.Write(options.Json, json); }
        var (page, command) = (Path.Join(options.Out.ToString(), FitPage.FileName), options.AnswerCommand(file));
        Files.Write(new(page), FitPage.Of(report, options.CommandLine, command is null ? [] : [command]));
        Say($"  saved    {file}");
        Say($"  report   {page}");
        if (command is not null) { Say($"  answers  {command}"); }
    }

    private static void Say(string text) => Console.Out.WriteLine(text);
}
