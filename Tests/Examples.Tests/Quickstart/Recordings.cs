namespace Examples.Tests;

/// <summary>The real recordings where they are there, generated data elsewhere, each with a floor of its own.</summary>
internal static class Recordings
{
    /// <summary>The folder of the recordings; null where they are not there.</summary>
    internal static string? Folder { get; } = Find();

    internal static string[] Arguments => Folder is null ? [] : ["--data", Folder];

    /// <summary>Least accuracy of the main job on unseen people: 0.88 on the recordings (0.906 was reached), 0.78 on generated users (0.918
    /// was).</summary>
    internal static double Floor => Folder is null ? 0.78 : 0.88;

    /// <summary>Most of the multiply-adds that exits may leave: half on the recordings (0.46 was reached), 0.75 on generated users, who
    /// differ more (0.74 was).</summary>
    internal static double MaxWork => Folder is null ? 0.75 : 0.5;

    /// <summary>Accuracy whose time is compared: 0.80 on the recordings, 0.6 on generated users, whom a straggler's fleet answers
    /// worse.</summary>
    internal static string Target => Folder is null ? "0.6" : "0.8";

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("STREAMLEARN_DATA") is { Length: > 0 } data) { return Existing(Path.Combine(data, "har")); }
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, "shared", "data", "har")) is { } found) { return found; }
        }

        return null;
    }

    private static string? Existing(string folder) => Directory.Exists(folder) ? folder : null;
}
