using System.Buffers;
using System.Globalization;
using System.Text.Unicode;

namespace StreamLearn.Nats;

/// <summary>The headers of a message, read where they are: <c>NATS/1.0[ status[ description]]</c>, then <c>name:value</c> on a line each,
/// then a blank line. Source: NATS ADR-4, "NATS Message Headers".</summary>
/// <param name="block">All bytes.</param>
internal readonly ref struct HeaderBlock(ReadOnlySpan<byte> block)
{
    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 128).Select(static b => (byte)b).Where(static b => b is < 0x20 and not 9 or 0x7F)]);

    private readonly ReadOnlySpan<byte> _block = block;

    private static ReadOnlySpan<byte> Version => "NATS/1.0"u8;

    /// <summary>What a server says of a request; 0: this is a message.</summary>
    internal int Status => _block.Length > Version.Length + 4 && int.TryParse(
        _block.Slice(Version.Length + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 0;

    /// <summary>The server's words for it.</summary>
    internal ReadOnlySpan<byte> Description
    {
        get
        {
            var line = _block[..Math.Max(0, _block.IndexOf((byte)'\r'))];
            return Trimmed(line[Math.Min(line.Length, Version.Length + 4)..]);
        }
    }

    /// <summary>True if they can be read.</summary>
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

    /// <summary>Finds the first header that has a name, case included.</summary>
    internal bool TryFind(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (var header in this)
        {
            if (!header.Name.SequenceEqual(name)) { continue; }
            value = header.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Goes through the headers in their order.</summary>
    public Enumerator GetEnumerator() => new(_block);

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);

    /// <summary>A header.</summary>
    internal readonly ref struct Header(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        internal ReadOnlySpan<byte> Name { get; } = name;

        internal ReadOnlySpan<byte> Value { get; } = value;
    }

    /// <summary>Goes through the headers.</summary>
    internal ref struct Enumerator(ReadOnlySpan<byte> block)
    {
        private ReadOnlySpan<byte> _rest = block[(block.IndexOf((byte)'\n') + 1)..];

        /// <summary>The header that was reached.</summary>
        public Header Current { get; private set; }

        /// <summary>Goes on to the next header.</summary>
        public bool MoveNext()
        {
            var (colon, end) = (_rest.IndexOf((byte)':'), _rest.IndexOf((byte)'\r'));
            if (colon < 0 || end < colon) { return false; }
            Current = new(_rest[..colon], Trimmed(_rest[(colon + 1)..end]));
            _rest = _rest[Math.Min(_rest.Length, end + 2)..];
            return true;
        }
    }
}
