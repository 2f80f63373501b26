using StreamLearn.Programs;

namespace Aggregator;

/// <summary>What the file of a sensor says of windows that the aggregator answers, too.</summary>
internal static class RestSection
{
    /// <summary>The line of the aggregator's file, below <c>aggregate</c>; empty: the devices answer alone.</summary>
    internal static string Read(ConfigMap map)
    {
        var where = map["answer"].IsAbsent ? null
            : map.Section("answer", static m => ReadAll(m)["where"].Word("here", "auto", "edge").OrNull());
        if (where is null or "here") { return ""; }
        var boundary = map["exchange"].IsAbsent ? null
            : map.Section("exchange", static m => ReadAll(m)["boundary"].Word("float32", "int8").OrNull());
        return $"  answers: {boundary ?? "float32"}\n";
    }

    /// <summary>What only a sensor checks is passed over.</summary>
    private static ConfigMap ReadAll(ConfigMap map)
    {
        foreach (var key in map.Keys) { _ = map[key]; }
        return map;
    }
}
