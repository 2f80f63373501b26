namespace StreamLearn.Programs;

/// <summary>Which runs were being brought to their end, in their state folders: what is saved then takes no more rows or updates, so that
/// the next start finishes it before it begins from scratch.</summary>
internal sealed class DrainMark(StateFolder state)
{
    private const string Name = "draining";

    /// <summary>True if the drain of a participant was not finished. Where nothing is left of it, the mark is taken away: it does not hold
    /// for what begins now.</summary>
    public bool IsSet(string participant)
    {
        var path = PathOf(participant);
        if (!File.Exists(path)) { return false; }
        if (state.Has(participant)) { return true; }
        Change(path, File.Delete);
        return false;
    }

    /// <summary>Notes that runs are brought to their end.</summary>
    public void Set(IEnumerable<PipelineRun> runs) => Change(runs, static path => File.WriteAllText(path, ""));

    /// <summary>Notes that they have come to it.</summary>
    public void Clear(IEnumerable<PipelineRun> runs) => Change(runs, File.Delete);

    private void Change(IEnumerable<PipelineRun> runs, Action<string> change)
    {
        foreach (var run in runs) { Change(PathOf(run.Pipeline.Name), change); }
    }

    private string PathOf(string participant) => Path.Join(state.Of(participant), Name);

    private static void Change(string path, Action<string> change)
    {
        try
        {
            change(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateFolderException($"{path} cannot be written: {e.Message.ReplaceLineEndings(" ")}", ProgramExit.DiskFailed, e);
        }
    }
}
