using StreamLearn.Tables;

namespace Tool;

internal static class LookText
{
    private const int NamesShown = 8;
    private const double FewLasting = 0.1;      // minimum share of rows whose label lasts for a window

    internal static int Write(OwnColumns columns, TextWriter output, WindowLength? window = null)
    {
        output.WriteLine($"StreamLearn   a look at {PrintableText.Of(columns.Title)}");
        foreach (var reason in columns.Reasons) { output.WriteLine($"  {PrintableText.Of(reason)}"); }
        if (columns.Classes.Length > 0) { output.WriteLine($"  classes   {Names(columns.Classes)}"); }
        if (columns.Devices.Length > 1) { output.WriteLine($"  devices   {Names(columns.Devices)}"); }
        foreach (var missing in columns.Missing) { output.WriteLine($"  MISSING   {PrintableText.Of(missing)}"); }
        foreach (var unfit in columns.Unfit) { output.WriteLine($"  MISSING   {PrintableText.Of(unfit)}"); }
        var isComplete = columns.Missing.IsEmpty && columns.Unfit.IsEmpty;
        var hasRuns = isComplete && columns is { LabelIsPart: false, Target: null, Said.EachRow: false };
        var found = hasRuns ? FileRuns.Of(columns) : null;
        var runs = found?.Labels;
        if (runs is [])
        {
            output.WriteLine("  MISSING   readable rows: no row has valid values for these columns; check --encoding, --delimiter and "
                + "--time-format");
            isComplete = false;
        }

        var isLasting = runs is not { Count: > 0 } || IsLasting(columns, found!);
        var isByRow = window is null && (!isLasting || columns is { Irregular: not null, Said: { EachRow: false, Ahead: null } });
        if (!isLasting && isByRow)
        {
            output.WriteLine("  rows      the label, or one class of it, rarely lasts as long as a window: each row is a sample by itself");
        }

        TableFitOptions options = new() { WindowSeconds = window?.Seconds, EachRow = isByRow || columns.Said.EachRow };
        foreach (var note in isComplete ? FitRoles.Notes(OwnRows.Read(columns), options) : [])
        {
            output.WriteLine($"  noted     {PrintableText.Of(note)}");
        }

        output.WriteLine();
        output.WriteLine(isComplete ? "To learn from it:"
            : columns.Unfit.IsEmpty ? "To learn from it, after adding what is missing:"
            : columns.IgnoreOption is { } without
                ? $"To learn from it, use {PrintableText.Of(without)} to drop columns that files lack, or give all files the same columns:"
            : "To learn from it, after removing these files or giving them the same columns:");
        if (columns is { Label: null, Target: null, Channels.IsEmpty: false } && columns.Unfit.IsEmpty)
        {
            output.WriteLine($"  streamlearn watch {columns.Files.Option} {PrintableText.Of(OwnColumns.Quoted(columns.Pattern))} --device "
                + $"{PrintableText.Of(OwnColumns.Quoted(columns.DeviceOption))}    for unusual rows, without labels");
        }

        var length = isByRow ? " --window row" : window is { } asked ? $" --window {asked}" : "";
        output.WriteLine($"  streamlearn fit {PrintableText.Of(columns.Options, int.MaxValue)}{length}");
        return isComplete ? ExitCode.Done : ExitCode.DataRefused;
    }

    private static bool IsLasting(OwnColumns columns, FileRuns runs) => WindowSamples.Of(columns.Rate!.Value, runs.Labels) is var samples
        && runs.ShortestClass >= samples && WindowSamples.ShareLasting(runs.Labels, samples) > FewLasting;

    private static string Names(IReadOnlyList<string> names) => string.Create(CultureInfo.InvariantCulture,
        $"{names.Count}: {Printable.Listed([.. names.Select(static n => PrintableText.Of(n))], NamesShown)}");
}
