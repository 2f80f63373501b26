using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

internal static class FitText
{
    internal static void Write(FitReport report, Action<string> say)
    {
        if (report.Fit.Later is { } later) { say($"  later    {later}"); }
        if (report.Fit.Choice is { } choice && report.Runs.Count == 0) { say($"  model    {choice}"); }
        if (report.Rows.Target is null) { WriteClasses(report, say); }
        else { WriteValues(report, say); }
    }

    /// <summary>Describes how the answers are bounded.</summary>
    internal static string OfBound(double coverage, int judges, (double Covered, double Classes) within) =>
        FormattableString.Invariant($"{coverage:P0} promised in the mean of devices, from {judges}; on unseen devices the right class is ")
            + FormattableString.Invariant($"in {within.Covered:P1} of the sets, with {within.Classes:0.00} classes on average");

    /// <summary>Returns the notes on the result.</summary>
    internal static IEnumerable<string> NotesOf(FitReport report) => Marked(report, "  noted    ");

    /// <summary>Describes the bound; null: none was asked for.</summary>
    internal static string? BoundOf(FitReport report) => Marked(report, "  bound    ").FirstOrDefault();

    private static IEnumerable<string> Marked(FitReport report, string mark)
    {
        List<string> lines = [];
        Write(report, lines.Add);
        return lines.Where(line => line.StartsWith(mark, StringComparison.Ordinal)).Select(line => line[mark.Length..]);
    }

    private static void WriteClasses(FitReport report, Action<string> say)
    {
        var (fit, interval, majority) = (report.Fit, report.AccuracyInterval, report.Majority);
        if (HeldAnswers.Nothing(fit.Chance) is { } nothing) { say($"  noted    {nothing}"); }
        if (fit is { Bound: { } coverage, Covered: { } covered })
        {
            say($"  bound    {OfBound(coverage, fit.Judges, (covered, fit.MeanClasses))}");
        }

        var of = report.Rows.Unseen.Length;
        say(Done(report) + FormattableString.Invariant($"accuracy {fit.Accuracy:0.000} on {fit.JudgedWindows:N0} ")
            + "windows " + (of == 0 ? "not used for learning" : $"of {FitNotes.Devices(of)} not used for learning")
            + (interval is [var low, var high] ? (of == 0 ? "; " : "; of others like them ")
                    + FormattableString.Invariant($"{low:0.000} to {high:0.000} with 95 % confidence")
                : of > 0 && fit.Promised is var (promised, _) ? FormattableString.Invariant(
                    $", below the {promised:0.000} that those for learning promised: devices differ more than these show") : "")
            + Majority.OfNow(fit.AccuracyOfNow));
        say(Learned(fit));
        foreach (var note in FitNotes.Changing(report.Rows.ChangingShare)) { say($"  noted    {note}"); }
        say(FormattableString.Invariant($"  quality  kappa {fit.Kappa:0.000}   macro F1 {fit.MacroF1:0.000}"));
        var (matrix, classes) = (new ConfusionMatrix(fit.Confusion), report.Rows.Classes);
        var width = Math.Max(5, classes.Max(static c => c.Length));
        say($"  {"class".PadRight(width)}   rows  recall  precision");
        for (var c = 0; c < classes.Length; c++)
        {
            say(string.Create(CultureInfo.InvariantCulture, $"  {classes[c].PadRight(width)}{matrix.Labelled(c),7:N0}")
                + (matrix.Labelled(c) == 0 ? "  not judged"
                    : string.Create(CultureInfo.InvariantCulture, $"{matrix.Recall(c),8:0.000}{matrix.Precision(c),11:0.000}")));
        }

        WriteDevices(fit, width, "accuracy", static d => FormattableString.Invariant(
            $"{(double)d.Correct / Math.Max(1, d.Windows),10:0.000}"), say);
        var apart = (long)(2 * fit.JudgedWindows / report.Rows.Overlap);
        if (majority.Beside(fit.Accuracy, apart) is { } trivial) { say($"  noted    {trivial}"); }
        if (Majority.BesideNow(fit.Accuracy, fit.AccuracyOfNow) is { } vain) { say($"  noted    {vain}"); }
    }

    private static void WriteValues(FitReport report, Action<string> say)
    {
        var (fit, symbol) = (report.Fit, report.Rows.Target!.Unit.Symbol);
        var unit = symbol == "1" ? "" : $" {symbol}";
        if (fit.NothingToLearn)
        {
            say("  noted    nothing to learn here: for held-out devices the answers are no better than the mean of the others");
        }
        else if (fit.Plain is null && fit.MeanAbsoluteError >= fit.ErrorOfMean)
        {
            say("  noted    the mean of the training rows is closer to unseen values than the answers: the answers are useless for them");
        }
        else if (fit.Plain is null && fit.MeanAbsoluteError >= fit.ErrorOfNow)
        {
            say("  noted    the current value is closer to the later one than the answers: the forecast does not help");
        }

        if (fit is { Bound: { } coverage, BoundHalf: { } half })
        {
            say(FormattableString.Invariant($"  bound    {coverage:P0} promised in the mean of devices, from {fit.Judges}: the value ± ")
                + FormattableString.Invariant($"{Number(half)}{unit}; on unseen devices {fit.Covered:P1} are within"));
        }

        say(Done(report) + FormattableString.Invariant($"mean absolute error {Number(fit.MeanAbsoluteError)}{unit} on ")
            + FormattableString.Invariant($"{fit.JudgedWindows:N0} windows not used for learning; ")
            + $"always answering the mean has an error of {Number(fit.ErrorOfMean)}{unit}"
            + (fit.ErrorOfNow is { } now ? $", the current value one of {Number(now)}{unit}" : "")
            + (report.Rows.Unseen.IsEmpty && fit.Later?.Advice is { } advice ? $": {advice}" : ""));
        foreach (var run in report.Runs)
        {
            say(FormattableString.Invariant($"  {run.Mode,-8} mean absolute error {Number(run.MeanAbsoluteError)}{unit}   ")
                + FormattableString.Invariant($"{run.Versions:N0} versions in {run.Seconds:0} s of virtual time   ")
                + FormattableString.Invariant($"{run.RowsTrained:N0} windows learned from   ")
                + FormattableString.Invariant($"{run.BytesUp / 1024.0:N0} KiB sent up"));
        }

        if (report.Code is { } code)
        {
            say($"  code     {FleetResult.CodeTextOf(code, report.Runs[0].BytesPerUpdate, report.Runs[^1].BytesPerUpdate)}");
        }

        if (report.Runs.Count == 0 && fit.Plain is null) { say(Learned(fit)); }
        say(FormattableString.Invariant($"  quality  root mean square error {Number(fit.Errors.RootMeanSquare)}{unit}")
            + (double.IsNaN(fit.Errors.R2) ? "" : FormattableString.Invariant($"   R² {fit.Errors.R2:0.000}")));
        WriteDevices(fit, fit.Devices.Max(static d => Math.Max(6, d.Name.Length)), "   error", static d =>
            $"{Number(d.MeanAbsoluteError),10}", say);
    }

    private static string Done(FitReport report) => FormattableString.Invariant($"Done in {report.Seconds:0.0} s.  ")
        + (report.Fit.Later is { } later && !report.Rows.Unseen.IsEmpty ? $"{later}; on unseen devices " : "");

    private static void WriteDevices(TableFit fit, int width, string head, Func<TableDeviceFit, string> score, Action<string> say)
    {
        if (fit.Devices.Length < 2) { return; }
        say($"  {"device".PadRight(width)}   rows  {head}");
        foreach (var device in fit.Devices)
        {
            say(FormattableString.Invariant($"  {device.Name.PadRight(width)}{device.Windows,7:N0}") + score(device));
        }
    }

    private static string Learned(TableFit fit) => FormattableString.Invariant(
        $"  learned  {fit.LearnedWindows:N0} windows, {fit.Epochs} times, {fit.Steps:N0} steps, to the end: {fit.Ended}");

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
