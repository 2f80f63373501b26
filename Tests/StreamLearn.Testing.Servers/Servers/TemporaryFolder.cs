namespace StreamLearn.Testing;

/// <summary>A folder that is removed in the end.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamlearn-");

    /// <summary>Where it is.</summary>
    public string Path => _folder.FullName;

    /// <summary>The path of a file in it.</summary>
    /// <param name="name">The file.</param>
    public string File(string name) => System.IO.Path.Combine(_folder.FullName, name);

    /// <inheritdoc />
    public void Dispose() => _folder.Delete(recursive: true);
}
