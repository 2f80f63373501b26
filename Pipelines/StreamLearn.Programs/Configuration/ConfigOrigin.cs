namespace StreamLearn.Programs;

/// <summary>Where a value comes from: a place in a file, an override, or a default.</summary>
/// <param name="Source">The file as it was named, <c>--set a.b</c>, or <c>default</c>.</param>
/// <param name="Line">The line from 1; 0 where there is none.</param>
/// <param name="Column">The column from 1, in UTF-16 characters; 0 where there is none.</param>
public readonly record struct ConfigOrigin(string Source, int Line = 0, int Column = 0)
{
    /// <summary>What nobody has written: the program's own value.</summary>
    public static ConfigOrigin Default { get; } = new("default");

    /// <summary>What a path that stands here names: a relative one in a file begins at the folder of that file, one of an override at the
    /// working folder.</summary>
    internal string PathOf(string path) =>
        Line > 0 && !Path.IsPathRooted(path) && Path.GetDirectoryName(Source) is { Length: > 0 } folder ? Path.Join(folder, path) : path;

    /// <summary>The place as <c>file:line:column</c>, or the source alone.</summary>
    public override string ToString() => Line == 0 ? Source : $"{Source}:{Line}:{Column}";
}
