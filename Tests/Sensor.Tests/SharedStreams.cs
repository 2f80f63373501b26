namespace Sensor.Tests;

/// <summary>Finds real recordings: below the folder named by STREAMLEARN_DATA, or beside the repository.</summary>
internal static class SharedStreams
{
    /// <summary>A file of streams; null: the data is not there.</summary>
    internal static string? File(string name)
    {
        if (Environment.GetEnvironmentVariable("STREAMLEARN_DATA") is { Length: > 0 } data)
        {
            return Existing(Path.Combine(data, "streams", name));
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, "shared", "data", "streams", name)) is { } found) { return found; }
        }

        return null;
    }

    private static string? Existing(string path) => System.IO.File.Exists(path) ? path : null;
}
