namespace Aggregator;

/// <summary>Derives the answering section from a sensor's file.</summary>
internal static class RestSection
{
    /// <summary>Returns the section below <c>aggregate</c>; empty if devices answer alone.</summary>
    internal static string Read(ConfigMap map)
    {
        var where = map["answer"].IsAbsent ? null
            : map.Section("answer", static m => m.Known()["where"].Word("here", "auto", "edge", "parts").OrNull());
        if (where is null or "here" or "parts") { return ""; }
        var boundary = map["exchange"].IsAbsent ? null
            : map.Section("exchange", static m => m.Known()["boundary"].Word("float32", "int8").OrNull());
        return $"  answers: {boundary ?? "float32"}\n";
    }
}
