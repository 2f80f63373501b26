using System.Collections.Immutable;

namespace StreamLearn;

/// <summary>How far a message may go.</summary>
[Flags]
internal enum EnvelopeFlags
{
    /// <summary>Anywhere.</summary>
    None = 0,

    /// <summary>Not beyond the edge it was sent to.</summary>
    EdgeOnly = 1,
}

/// <summary>Why bytes are no message with an <see cref="Envelope"/>.</summary>
internal enum EnvelopeFault
{
    /// <summary>They are one.</summary>
    None,

    /// <summary>They end before the header does.</summary>
    Cut,

    /// <summary>They do not begin as an envelope.</summary>
    Magic,

    /// <summary>The format version is not known.</summary>
    Version,

    /// <summary>The payload is not as long as the header says.</summary>
    Length,

    /// <summary>The checksum differs.</summary>
    Checksum,

    /// <summary>A flag is not known.</summary>
    Flags,

    /// <summary>A name is too long, empty where it must not be, no UTF-8, or has control characters.</summary>
    Name,

    /// <summary>A number is out of its range.</summary>
    Number,
}

/// <summary>What is wrong with envelopes, in words for counters and logs.</summary>
internal static class EnvelopeFaults
{
    /// <summary>By <see cref="EnvelopeFault"/>.</summary>
    internal static ImmutableArray<string> Names { get; } =
        ["", "cut", "magic", "version", "length", "checksum", "flags", "name", "number"];

    /// <summary>The counters of a subscription's block, by <see cref="EnvelopeFault"/>.</summary>
    internal static ImmutableArray<string> Counters { get; } = [.. Names.Select(static name => $"envelope-{name}")];
}
