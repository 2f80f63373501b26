using StreamLearn.Formats;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Compares a bound with rows that have a label or a target.</summary>
internal static class BoundCheck
{
    private const int NamesShown = 20;

    /// <summary>Returns a line with the share of windows within the bound, and of devices, the worst first; null if rows have no
    /// label.</summary>
    internal static string? Line(TableOptions look, WindowModelFile model, double coverage)
    {
        var files = FirstLook.FilesOf(look);
        var label = !model.AnswersValue ? ModelRows.LabelOf(files, model.Classes)
            : files.Columns.Any(c => c.Source == model.Target!.Name && c.Value == FileValue.Number) ? model.Target!.Name : null;
        if (label is null) { return null; }
        var rows = ModelRows.Of(
            ModelRows.Read(look with { Label = label }, model.Card, model.Preparation, model.AnswersValue), model.Preparation, unseen: []);
        var windows = FitWindows.Collect(rows, [.. rows.Devices, .. rows.Unseen], ModelRows.Seed);
        if (windows.Count == 0) { return null; }
        int[] labels = model.AnswersValue ? windows.Labels : [.. windows.Labels.Select(k => model.Classes.IndexOf(rows.Classes[k]))];
        var answers = FitAnswers.Of(model.Network, model.Weights, windows with { Labels = labels });
        var devices = answers.Devices.Select(d => (Name: windows.Names[d], Covered: answers.Within(d, model.Scores!.At(coverage))))
            .OrderBy(static d => d.Covered).ToList();
        return FormattableString.Invariant($"by '{label}', the bound of {coverage:P0} covers {devices.Average(static d => d.Covered):P1} ")
            + FormattableString.Invariant($"of {windows.Count:N0} windows")
            + (devices.Count == 1 ? "" : ", in the mean of devices: " + Printable.Listed(
                devices.ConvertAll(static d => FormattableString.Invariant($"{d.Name} {d.Covered:P0}")), NamesShown));
    }
}
