namespace StreamLearn.Tests;

/// <summary>A folder that is deleted at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("streamlearn-").FullName;
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
