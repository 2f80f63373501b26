namespace Sensor.Tests;

/// <summary>Finds real recordings: below the folder named by STREAMLEARN_DATA, or beside the repository.</summary>
internal static class SharedStreams
{
    /// <summary>A file of streams; null: the data is not there.</summary>
    internal static string? File(string name) =>
        Folder("streams") is { } folder && Path.Combine(folder, name) is var path && System.IO.File.Exists(path) ? path : null;

    /// <summary>A folder of data; null: it is not there.</summary>
    internal static string? Folder(string name)
    {
        if (Environment.GetEnvironmentVariable("STREAMLEARN_DATA") is { Length: > 0 } data) { return Existing(Path.Combine(data, name)); }
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, "shared", "data", name)) is { } found) { return found; }
        }

        return null;
    }

    private static string? Existing(string path) => Directory.Exists(path) ? path : null;
}
