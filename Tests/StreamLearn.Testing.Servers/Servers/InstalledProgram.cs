namespace StreamLearn.Testing;

/// <summary>A program of the system that tests use.</summary>
public sealed class InstalledProgram(string name)
{
    private readonly string _variable = $"STREAMLEARN_{name.Replace('-', '_').ToUpperInvariant()}";
    private string? _path;

    /// <summary>Where it is: the environment variable <c>STREAMLEARN_NAME</c> says so, or it is looked up, also where Debian puts servers.
    /// Null if it is not installed.</summary>
    public string? Path => _path ??= Environment.GetEnvironmentVariable(_variable) is { Length: > 0 } path
        ? path
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
            .Append("/usr/sbin").Append("/usr/local/sbin")
            .Select(folder => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>The path.</summary>
    /// <exception cref="MissingProgramException">It is not installed.</exception>
    public string Required => Path ?? throw new MissingProgramException(
        $"{name} is not installed: apt-get install -y {name}, or set {_variable} to the program");
}

/// <summary>A test needs a program that is not installed. A test that ends with it is skipped: xunit knows it by how its message
/// begins.</summary>
public sealed class MissingProgramException(string reason) : Exception($"$XunitDynamicSkip${reason}");
