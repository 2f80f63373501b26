namespace Acceptance.Tests;

/// <summary>Finds the real data: below the folder named by STREAMLEARN_DATA, or beside the repository.</summary>
internal static class SharedFolders
{
    /// <summary>A folder of real data; null where it is not there.</summary>
    internal static string? Find(string name)
    {
        if (Environment.GetEnvironmentVariable("STREAMLEARN_DATA") is { Length: > 0 } data) { return Existing(Path.Combine(data, name)); }
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, "shared", "data", name)) is { } found) { return found; }
        }

        return null;
    }

    private static string? Existing(string folder) => Directory.Exists(folder) ? folder : null;
}
