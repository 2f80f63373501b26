using System.Globalization;

namespace StreamLearn.Formats;

/// <summary>The content of a small system file; files below /proc have no length.</summary>
internal sealed class HostText
{
    private const int MaxBytes = 1 << 20;

    private byte[] _buffer = new byte[16 << 10];
    private int _length;

    internal ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    internal IEnumerable<Range> Lines
    {
        get
        {
            for (var at = 0; at < _length;)
            {
                var end = Array.IndexOf(_buffer, (byte)'\n', at, _length - at);
                if (end < 0) { end = _length; }
                if (end > at) { yield return at..end; }
                at = end + 1;
            }
        }
    }

    /// <summary>False for missing files and files above 1 MiB.</summary>
    internal bool TryRead(string path)
    {
        _length = 0;
        try
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            for (var length = 0; ;)
            {
                var read = RandomAccess.Read(file, _buffer.AsSpan(length), length);
                length += read;
                if (read == 0)
                {
                    _length = length;
                    return length > 0;
                }

                if (length < _buffer.Length) { continue; }
                if (length >= MaxBytes) { return false; }
                Array.Resize(ref _buffer, 2 * length);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return false;
        }
    }
}

internal ref struct HostWords(ReadOnlySpan<byte> line)
{
    private ReadOnlySpan<byte> _rest = line;

    internal ReadOnlySpan<byte> Next()
    {
        _rest = _rest.TrimStart(" \t\n"u8);
        var end = _rest.IndexOfAny(" \t\n"u8);
        var word = end < 0 ? _rest : _rest[..end];
        _rest = _rest[word.Length..];
        return word;
    }

    internal bool TrySkip(int words)
    {
        while (words-- > 0)
        {
            if (Next().IsEmpty) { return false; }
        }

        return true;
    }

    internal bool TryCount(out ulong count) => ulong.TryParse(Next(), NumberStyles.None, CultureInfo.InvariantCulture, out count);

    internal bool TryNumber(out double number) =>
        double.TryParse(Next(), NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
