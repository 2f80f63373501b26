using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>Locks a program's state folder until the process ends, so that no second program replaces its <c>status.json</c>.</summary>
internal sealed class StateHold : IDisposable
{
    private const string Name = ".in-use";

    private readonly FileStream _file;

    private StateHold(FileStream file) => _file = file;

    /// <summary>The folder must exist and be writable.</summary>
    public static StateHold Take(DirectoryInfo folder)
    {
        try
        {
            return new(new(Path.Join(folder.FullName, Name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var holder = ProcessOf(folder) is { } process ? $"process {process}" : "another program";
            throw new StateFolderException($"the state folder {folder} is in use by {holder}; give each program its own 'state:'",
                ProgramExit.StateUnusable, e);
        }
    }

    public void Dispose() => _file.Dispose();

    private static string? ProcessOf(DirectoryInfo folder)
    {
        try
        {
            var members = StatusFile.Read(folder) ?? [];
            var isRunning = members.Any(static m => m is { Key: "state", Value: "running" });
            return isRunning && StatusFile.AbsenceOf(members, TimeProvider.System.GetUtcNow()) is null
                ? members.FirstOrDefault(static m => m.Key == "process").Value : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
