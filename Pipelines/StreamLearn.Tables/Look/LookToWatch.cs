namespace StreamLearn.Tables;

internal static class LookToWatch
{
    internal static OwnColumns At(TableOptions look)
    {
        var columns = FirstLook.At(look with { EachRow = true, KeepsTimes = true });
        var problem = columns.Channels.IsEmpty ? "there is no numeric column to watch" : columns.Unfit.FirstOrDefault() ?? columns.Pooled;
        return problem is null ? columns : throw new ProgramException(
            $"{look.RowsOption}: {problem}{(columns.IgnoreOption is { } without ? $"; {without} drops columns that files lack" : "")}",
            ProgramExit.DataRefused);
    }
}
