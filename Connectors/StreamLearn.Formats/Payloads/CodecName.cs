namespace StreamLearn.Formats;

internal static class CodecName
{
    /// <summary>Returns format, version and hash of the settings: <c>json/1#5f3a9c01</c>. Source: FNV-1a, 32 bits.</summary>
    internal static string Of(string format, IEnumerable<string> settings)
    {
        var hash = 2166136261u;
        foreach (var value in Encoding.UTF8.GetBytes(string.Join('\n', settings))) { hash = (hash ^ value) * 16777619u; }
        return $"{format}#{hash:x8}";
    }
}
