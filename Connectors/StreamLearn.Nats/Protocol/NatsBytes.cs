using System.Buffers;

namespace StreamLearn.Nats;

/// <summary>Bytes that something must not have, or may have alone.</summary>
internal static class NatsBytes
{
    /// <summary>Control characters except the tab: none belongs into a line, and the first one found is to be its end.</summary>
    internal static readonly SearchValues<byte> Controls = Where(static b => (b < ' ' && b != '\t') || b == 0x7F);

    /// <summary>Control characters and the space.</summary>
    internal static readonly SearchValues<byte> Blanks = Where(static b => b is <= (byte)' ' or 0x7F);

    /// <summary>Those, and the wildcards.</summary>
    internal static readonly SearchValues<byte> BlanksAndWildcards = Where(static b => b is <= (byte)' ' or 0x7F or (byte)'*' or (byte)'>');

    /// <summary>What the name of a header consists of.</summary>
    internal static readonly SearchValues<byte> HeaderName = Where(static b => b is > (byte)' ' and < 0x7F and not (byte)':');

    private static SearchValues<byte> Where(Func<byte, bool> isIn) =>
        SearchValues.Create([.. Enumerable.Range(0, 256).Select(static b => (byte)b).Where(isIn)]);
}
