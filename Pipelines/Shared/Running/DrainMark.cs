using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>Marks runs that are being drained. Their saved state accepts no more rows or updates, so the next start finishes it before it
/// begins from scratch.</summary>
internal sealed class DrainMark(StateFolder state)
{
    private const string Name = "draining";

    /// <summary>Returns true if a participant's drain was not finished. Removes a mark without saved state.</summary>
    public bool IsSet(string participant)
    {
        var path = PathOf(participant);
        if (!File.Exists(path)) { return false; }
        if (state.Has(participant)) { return true; }
        Change(path, File.Delete);
        return false;
    }

    public void Set(IEnumerable<PipelineRun> runs) => Change(runs, static path => File.WriteAllText(path, ""));

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
