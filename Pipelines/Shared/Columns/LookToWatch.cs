namespace StreamLearn.Programs;

/// <summary>A first look at rows that are watched, whether they have a label or not.</summary>
internal static class LookToWatch
{
    /// <summary>The columns of files, of which one at least can be watched.</summary>
    /// <exception cref="ProgramException">None is to be watched, or a file lacks one.</exception>
    internal static OwnColumns At(LookOptions look)
    {
        var columns = FirstLook.At(look with { EachRow = true, KeepsTimes = true });
        var problem = columns.Channels.IsEmpty ? "there is no column of numbers to watch" : columns.Unfit.FirstOrDefault();
        return problem is null ? columns : throw new ProgramException(
            $"{look.RowsOption}: {problem}{(columns.IgnoreOption is { } without ? $"; {without} leaves out what files lack" : "")}",
            ProgramExit.DataRefused);
    }
}
