using StreamLearn.Tables;

namespace Tool;

/// <summary>The page about a fit on one machine, or about a fleet's fit of values.</summary>
internal static class FitPage
{
    internal const string FileName = "report.html";

    private const string Mode = RunStory.Alone;

    /// <summary><paramref name="command"/>: that of the job. <paramref name="next"/>: commands that use the model.</summary>
    internal static string Of(FitReport report, string command, IReadOnlyList<string> next)
    {
        var (fit, rows) = (report.Fit, report.Rows);
        List<RunEvent> events =
        [
            new RunStarted
            {
                Command = command,
                Seed = report.Seed,
                Data = rows.Description,
                Host = report.Host == "alone" ? "one machine" : report.Host,
                Judges = rows.Own is null ? "people" : "devices",
                TargetAccuracy = double.NaN,
                Scenario = "",
                Model = fit.Choice ?? Preparation.Word(fit.Kind),
                Classes = rows.Classes,
                Devices = [],
                Notes = rows.Notes,
                Bound = rows.Target is null ? FitText.BoundOf(report) : null,
                Next = next,
            },
        ];
        if (rows.Target is not null) { return HtmlReport.Of(events, ValuesOf(report)); }
        events.Add(new ConfusionJudged([.. fit.Confusion]) { Mode = Mode });
        events.Add(new PeopleJudged(rows.Unseen.IsEmpty ? [] : [.. fit.Devices.Select(d => new PersonJudged(d.Name, d.Windows, d.Correct))])
        {
            Mode = Mode,
            Interval = report.AccuracyInterval,
        });
        string[] later = [.. new[] { $"{fit.Later}" }.Where(static l => l.Length > 0)];
        events.AddRange(later.Concat(FitText.NotesOf(report)).Select(static note => new DoubtRaised("noted", note) { Mode = Mode }));
        events.Add(new Judged(1, fit.Accuracy, fit.Kappa, double.NaN, fit.JudgedWindows) { Mode = Mode });
        return HtmlReport.Of(events);
    }

    private static ValuesJudged ValuesOf(FitReport report)
    {
        var (fit, target) = (report.Fit, report.Rows.Target!);
        ValuesJudged values = new(target.Name, target.Unit.Symbol, fit.MeanAbsoluteError, fit.JudgedWindows)
        {
            Interval = !report.Rows.Unseen.IsEmpty && fit.Promised is var (low, high) ? [low, high] : [],
            AreUnseen = !report.Rows.Unseen.IsEmpty,
            Later = fit.Later is { } later ? $"{Figures.Sentence($"{later}")}. " : "",
            Devices = [.. fit.Devices.Select(static d => (d.Name, d.Windows, d.MeanAbsoluteError))],
            Answers = fit.Answers is not { } answers ? [] : [.. answers.Owners.Index().Select(a =>
                (fit.DeviceNames[a.Item], answers.Targets[a.Index], answers.Outputs[a.Index]))],
            Runs = [.. report.Runs.Select(static r => (IReadOnlyList<string>)[r.Mode, Figures.Number(r.MeanAbsoluteError, "G4"),
                    Figures.Count(r.Versions), Figures.Seconds(r.Seconds), Figures.Count(r.RowsTrained), Figures.Bytes(r.BytesUp)])],
        };
        return values with
        {
            Beside =
            [
                .. FitText.NotesOf(report).Select(static note => $"{Figures.Sentence(note)}."),
                .. FitText.BoundOf(report) is { } bound ? [$"Bound: {bound}."] : Array.Empty<string>(),
                $"Always answering the mean is off by {values.Text(fit.ErrorOfMean)}"
                    + (fit.ErrorOfNow is { } now ? $", the current value by {values.Text(now)}." : "."),
            ],
        };
    }
}
