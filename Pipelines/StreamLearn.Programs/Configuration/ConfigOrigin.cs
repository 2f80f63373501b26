namespace StreamLearn.Programs;

/// <summary>The origin of a value: file, override or default.</summary>
internal readonly record struct ConfigOrigin(string Source, int Line = 0, int Column = 0)
{
    /// <summary>The program's default.</summary>
    public static ConfigOrigin Default { get; } = new("default");

    /// <summary>Relative paths start at the file's folder, or at the working folder for an override.</summary>
    internal string PathOf(string path) =>
        Line > 0 && !Path.IsPathRooted(path) && Path.GetDirectoryName(Source) is { Length: > 0 } folder ? Path.Join(folder, path) : path;

    public override string ToString() => Line == 0 ? Source : $"{Source}:{Line}:{Column}";
}
