namespace StreamLearn.Programs;

/// <summary>A first look at rows that are watched, whether they have a label or not.</summary>
internal static class LookToWatch
{
    /// <summary>Names of columns that say where a fault is, beside those of labels.</summary>
    private static readonly string[] FaultNames = ["anomaly", "anomalies", "is_anomaly", "changepoint", "change_point", "outlier", "fault",
        "failure", "attack"];

    /// <summary>The columns of files, of which one at least can be watched.</summary>
    /// <exception cref="ProgramException">None is to be watched, or a file lacks one.</exception>
    internal static OwnColumns At(LookOptions look)
    {
        var columns = WithoutFaults(FirstLook.At(look with { EachRow = true, KeepsTimes = true }));
        var problem = columns.Channels.IsEmpty ? "there is no column of numbers to watch" : columns.Unfit.FirstOrDefault();
        return problem is null ? columns : throw new ProgramException(
            $"{look.RowsOption}: {problem}{(columns.IgnoreOption is { } without ? $"; {without} leaves out what files lack" : "")}",
            ProgramExit.DataRefused);
    }

    /// <summary>Columns that say where a fault is are no rows of a sensor: whoever watches them finds what they say.</summary>
    private static OwnColumns WithoutFaults(OwnColumns columns)
    {
        if (!columns.Said.Channels.IsDefaultOrEmpty) { return columns; }
        var faults = columns.Channels.Where(c => FaultNames.Concat(LookAtLabels.Names).Any(n => FirstLook.Same(c.Source, n))
            && LookAtLabels.FirstTexts(columns.Files, c.Source) is { Length: <= 2 }).ToList();
        string[] told = [.. faults.Select(static c =>
            $"left out '{c.Source}': it has two values and the name of a label; --channels takes it")];
        return faults.Count == 0 ? columns : columns with
        {
            Channels = columns.Channels.RemoveRange(faults),
            Told = [.. columns.Told, .. told],
            Reasons = [.. columns.Reasons.Select(r => r.StartsWith("channels", StringComparison.Ordinal) ? Without(r) : r), .. told],
        };

        string Without(string line) => faults.Aggregate(line, static (rest, fault) =>
            rest.Replace($", {fault.Source}", "", StringComparison.Ordinal));
    }
}
