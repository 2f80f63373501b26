using StreamLearn.Tables;

namespace Tool;

/// <summary>One machine learns a class or a value from the rows of all; the program shows and saves it.</summary>
internal static class AloneJob
{
    internal static int Run(JobOptions options, FleetSource source, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        Begin(options, source);
        var fit = Fitting.Run(source.ToRows(options.RowsOption), options.Fit, Say, cancellationToken);
        Finish(options, new(fit, source, options.Seed, "alone", started));
        return ExitCode.Done;
    }

    internal static void Begin(JobOptions options, FleetSource source, string how = "alone")
    {
        Files.RequireFolder(options.Out);
        Say($"{options.Title}   seed {options.Seed}   {how}");
        Say($"  data     {source.Description}");
        foreach (var note in source.Notes) { Say($"  noted    {note}"); }
    }

    internal static void Finish(JobOptions options, FitReport report)
    {
        FitText.Write(report, Say);
        var (file, json) = (Path.Join(options.Out.ToString(), SavedModel.FileName), report.ToJson() + "\n");
        Files.Guard(file, () => report.Fit.Model.Save(file));
        Files.Write(new(Path.Join(options.Out.FullName, "result.json")), json);
        if (options.Json is not null) { Files.Write(options.Json, json); }
        Say($"  saved    {file}");
        if (options.AnswerCommand(file) is { } command) { Say($"  answers  {command}"); }
    }

    private static void Say(string text) => Console.Out.WriteLine(text);
}
