namespace StreamLearn.Testing;

/// <summary>The repository that these tests were built in.</summary>
public static class SourceFolder
{
    /// <summary>The path of a file of the repository.</summary>
    public static string File(string name) => Path.Combine(Root(), name);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "StreamLearn.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("expected to be below StreamLearn.sln");
        }

        return folder;
    }
}
