namespace StreamLearn.Tables;

internal static class LookToWatch
{
    internal static OwnColumns At(LookOptions look)
    {
        var columns = FirstLook.At(look with { EachRow = true, KeepsTimes = true });
        var problem = columns.Channels.IsEmpty ? "there is no column of numbers to watch" : columns.Unfit.FirstOrDefault();
        return problem is null ? columns : throw new ProgramException(
            $"{look.RowsOption}: {problem}{(columns.IgnoreOption is { } without ? $"; {without} leaves out what files lack" : "")}",
            ProgramExit.DataRefused);
    }
}
