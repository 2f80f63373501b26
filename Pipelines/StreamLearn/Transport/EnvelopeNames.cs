using System.Text;
using System.Text.Unicode;

namespace StreamLearn;

/// <summary>Interns repeated names, so that reading a known name allocates nothing. Thread-safe.</summary>
/// <remarks>It holds at most 4,096 names in sets of eight; a new name replaces one of its set.</remarks>
internal sealed class EnvelopeNames
{
    private const int Ways = 8;
    private const int Sets = 512;

    internal static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>One instance for the process, because messages come from few publishers.</summary>
    internal static EnvelopeNames Shared { get; } = new();

    private readonly KnownName?[] _entries = new KnownName[Sets * Ways];
    private int _next;

    internal string Of(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[Envelope.MaxNameBytes];
        return Encoding.UTF8.TryGetBytes(text, bytes, out var length) && TryOf(bytes[..length], out var name) ? name : text.ToString();
    }

    /// <summary><paramref name="bytes"/>: the name in UTF-8.</summary>
    public bool TryOf(ReadOnlySpan<byte> bytes, out string name)
    {
        name = "";
        if (bytes.IsEmpty) { return true; }
        var set = _entries.AsSpan((int)(Crc32C.Of(bytes) % Sets) * Ways, Ways);
        foreach (ref var known in set)
        {
            if (Volatile.Read(ref known) is { } entry && bytes.SequenceEqual(entry.Bytes))
            {
                name = entry.Name;
                return true;
            }
        }

        if (!Utf8.IsValid(bytes)) { return false; }
        var text = Encoding.UTF8.GetString(bytes);
        if (HasControls(text)) { return false; }
        Volatile.Write(ref Place(set), new(bytes.ToArray(), name = text));
        return true;
    }

    internal static bool HasControls(string text)
    {
        foreach (var character in text)
        {
            if (char.IsControl(character)) { return true; }
        }

        return false;
    }

    private ref KnownName? Place(Span<KnownName?> set)
    {
        foreach (ref var entry in set)
        {
            if (Volatile.Read(ref entry) is null) { return ref entry; }
        }

        return ref set[(int)((uint)Interlocked.Increment(ref _next) % Ways)];
    }

    private sealed record KnownName(byte[] Bytes, string Name);
}
