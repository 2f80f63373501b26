using System.Buffers;
using System.Text.Unicode;

namespace StreamLearn.Nats;

/// <summary>Headers that are read in place: <c>NATS/1.0[ status[ description]]</c>, one <c>name:value</c> per line, a blank line. Source:
/// NATS ADR-4, "NATS Message Headers".</summary>
internal readonly ref struct HeaderBlock(ReadOnlySpan<byte> block)
{
    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 128).Select(static b => (byte)b).Where(static b => b is < 0x20 and not 9 or 0x7F)]);

    private readonly ReadOnlySpan<byte> _block = block;

    private static ReadOnlySpan<byte> Version => "NATS/1.0"u8;

    /// <summary>The status code; 0: a message, not a status.</summary>
    internal int Status => _block.Length > Version.Length + 4 && int.TryParse(
        _block.Slice(Version.Length + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 0;

    internal ReadOnlySpan<byte> Description
    {
        get
        {
            var line = _block[..Math.Max(0, _block.IndexOf((byte)'\r'))];
            return Trimmed(line[Math.Min(line.Length, Version.Length + 4)..]);
        }
    }

    internal bool IsWellFormed
    {
        get
        {
            if (_block.IsEmpty) { return true; }
            if (!_block.StartsWith(Version) || !Utf8.IsValid(_block)) { return false; }
            var rest = _block;
            var isFirst = true;
            while (true)
            {
                var end = rest.IndexOfAny(Controls);
                if (end < 0 || !rest[end..].StartsWith("\r\n"u8)) { return false; }
                if (end == 0) { return rest.Length == 2 && !isFirst; }
                var name = rest[..end].IndexOf((byte)':');
                if (!isFirst && (name <= 0 || rest[..name].ContainsAnyExceptInRange((byte)'!', (byte)'~'))) { return false; }
                rest = rest[(end + 2)..];
                isFirst = false;
            }
        }
    }

    internal ReadOnlySpan<byte> Lines => _block[(_block.IndexOf((byte)'\n') + 1)..];

    /// <summary>Finds the first match, case-sensitive.</summary>
    internal bool TryFind(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        for (var lines = Lines; TryNext(ref lines, out var next, out value);)
        {
            if (next.SequenceEqual(name)) { return true; }
        }

        value = default;
        return false;
    }

    internal static bool TryNext(scoped ref ReadOnlySpan<byte> lines, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        var (colon, end) = (lines.IndexOf((byte)':'), lines.IndexOf((byte)'\r'));
        if (colon < 0 || end < colon) { return false; }
        name = lines[..colon];
        value = Trimmed(lines[(colon + 1)..end]);
        lines = lines[Math.Min(lines.Length, end + 2)..];
        return true;
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);
}
