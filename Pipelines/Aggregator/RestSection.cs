namespace Aggregator;

/// <summary>Derives the answering section from a sensor's file.</summary>
internal static class RestSection
{
    /// <summary>Below <c>aggregate</c>; empty: devices answer alone.</summary>
    internal static string Read(ConfigMap map)
    {
        var where = map["answer"].IsAbsent ? null
            : map.Section("answer", static m => ReadAll(m)["where"].Word("here", "auto", "edge").OrNull());
        if (where is null or "here") { return ""; }
        var boundary = map["exchange"].IsAbsent ? null
            : map.Section("exchange", static m => ReadAll(m)["boundary"].Word("float32", "int8").OrNull());
        return $"  answers: {boundary ?? "float32"}\n";
    }

    /// <summary>Marks keys that only a sensor checks as known.</summary>
    private static ConfigMap ReadAll(ConfigMap map)
    {
        foreach (var key in map.Keys) { _ = map[key]; }
        return map;
    }
}
