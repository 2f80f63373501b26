using System.Globalization;
using StreamLearn.Programs;

namespace Tool;

/// <summary>What a look at somebody's files has found, as a person reads it.</summary>
internal static class LookText
{
    private const int NamesShown = 8;

    /// <summary>Writes what was found and the line to repeat.</summary>
    internal static int Write(OwnColumns columns, TextWriter output)
    {
        output.WriteLine($"StreamLearn   a look at {Printable.Of(columns.Pattern)}");
        foreach (var reason in columns.Reasons) { output.WriteLine($"  {Printable.Of(reason)}"); }
        if (columns.Classes.Length > 0) { output.WriteLine($"  classes   {Names(columns.Classes)}"); }
        if (columns.Devices.Length > 1) { output.WriteLine($"  devices   {Names(columns.Devices)}"); }
        foreach (var missing in columns.Missing) { output.WriteLine($"  MISSING   {Printable.Of(missing)}"); }
        foreach (var unfit in columns.Unfit) { output.WriteLine($"  MISSING   {Printable.Of(unfit)}"); }
        output.WriteLine();
        var isComplete = columns.Missing.IsEmpty && columns.Unfit.IsEmpty;
        output.WriteLine(isComplete ? "To learn from it:"
            : columns.Unfit.IsEmpty ? "To learn from it, once what is missing is said:"
            : "To learn from it, once these files are left out or have the same columns:");
        output.WriteLine($"  streamlearn fit {Printable.Of(columns.Options)}");
        return isComplete ? ExitCode.Done : ExitCode.DataRefused;
    }

    private static string Names(IReadOnlyList<string> names) => string.Create(CultureInfo.InvariantCulture,
        $"{names.Count}: {string.Join(", ", names.Take(NamesShown).Select(Printable.Of))}{(names.Count > NamesShown ? ", …" : "")}");
}
