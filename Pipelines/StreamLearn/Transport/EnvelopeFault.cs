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

    Cut,

    Magic,

    Version,

    /// <summary>The length of the payload differs from that in the header.</summary>
    Length,

    Checksum,

    Flags,

    /// <summary>A name is too long, empty where it must not be, not UTF-8, or has control characters.</summary>
    Name,

    Number,
}

internal static class EnvelopeFaults
{
    internal static ImmutableArray<string> Names { get; } =
        ["", "cut", "magic", "version", "length", "checksum", "flags", "name", "number"];

    internal static ImmutableArray<string> Counters { get; } = [.. Names.Select(static name => $"envelope-{name}")];
}
