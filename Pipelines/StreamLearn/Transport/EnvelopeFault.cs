using System.Collections.Immutable;

namespace StreamLearn;

[Flags]
internal enum EnvelopeFlags
{
    None = 0,

    /// <summary>Not beyond the receiving edge.</summary>
    EdgeOnly = 1,
}

internal enum EnvelopeFault
{
    None,

    /// <summary>The header is incomplete.</summary>
    Cut,

    Magic,

    Version,

    /// <summary>The payload length differs from the header.</summary>
    Length,

    Checksum,

    Flags,

    /// <summary>Too long, empty where forbidden, not UTF-8, or with control characters.</summary>
    Name,

    /// <summary>Out of range.</summary>
    Number,
}

internal static class EnvelopeFaults
{
    /// <summary>Names by <see cref="EnvelopeFault"/>.</summary>
    internal static ImmutableArray<string> Names { get; } =
        ["", "cut", "magic", "version", "length", "checksum", "flags", "name", "number"];

    /// <summary>Counters by <see cref="EnvelopeFault"/>.</summary>
    internal static ImmutableArray<string> Counters { get; } = [.. Names.Select(static name => $"envelope-{name}")];
}
