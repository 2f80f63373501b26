using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Compares a bound with rows that have a label or a target.</summary>
internal static class BoundCheck
{
    private const int NamesShown = 20;

    /// <summary>Returns a line with the share of windows within the bound; null if the rows do not tell.</summary>
    internal static string? Line(TableOptions look, WindowModelFile model, double coverage)
    {
        try
        {
            var files = FirstLook.FilesOf(look);
            var label = model.AnswersValue ? files.Columns.Select(static c => c.Source).FirstOrDefault(c => c == model.Target!.Name)
                : CompressRows.LabelOf(files, model.Classes);
            if (label is null) { return null; }
            var own = CompressRows.OwnOf(look with { Label = label }, model.Card, model.Preparation, model.AnswersValue);
            var rows = CompressRows.RowsOf(own, model.Preparation, unseen: []);
            var windows = FitWindows.Collect(rows, [.. rows.Devices, .. rows.Unseen], CompressRows.Seed);
            int[] labels = model.AnswersValue ? windows.Labels : [.. windows.Labels.Select(k => model.Classes.IndexOf(rows.Classes[k]))];
            var answers = FitAnswers.Of(model.Network, model.Weights, windows with { Labels = labels });
            return windows.Count == 0 ? null : Text(answers, windows.Names, label, model.Scores!.At(coverage), coverage);
        }
        catch (ProgramException e)
        {
            return $"the bound is not compared with labels: {e.Message}";
        }
    }

    private static string Text(FitAnswers answers, IReadOnlyList<string> names, string label, float bound, double coverage)
    {
        var devices = answers.Devices.Select(d => (Name: names[d], Covered: answers.Within(d, bound)))
            .OrderBy(static d => d.Covered).ToList();
        return FormattableString.Invariant($"by '{label}', the bound of {coverage:P0} covers {devices.Average(static d => d.Covered):P1} ")
            + $"of {Windows(answers.Labels.Length)}"
            + (devices.Count == 1 ? "" : ", in the mean of devices: "
                + string.Join(", ", devices.Take(NamesShown).Select(static d => FormattableString.Invariant($"{d.Name} {d.Covered:P0}")))
                + (devices.Count > NamesShown ? FormattableString.Invariant($" and {devices.Count - NamesShown} more") : ""));

        static string Windows(int count) => FormattableString.Invariant($"{count:N0} window{(count == 1 ? "" : "s")}");
    }
}
