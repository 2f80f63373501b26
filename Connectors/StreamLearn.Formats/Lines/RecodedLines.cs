namespace StreamLearn.Formats;

/// <summary>The bytes of an origin behind a first look at them.</summary>
internal sealed class RecodedLines : ForwardStream
{
    private readonly LineStream _lines;
    private readonly byte[] _start = new byte[2];
    private int _held;

    private RecodedLines(LineStream lines) => _lines = lines;

    /// <summary>Returns the text in UTF-8. <paramref name="mayHaveMark"/>: false if the first bytes may be noise.</summary>
    internal static Stream Of(LineStream lines, Encoding? encoding, bool mayHaveMark)
    {
        var bytes = new RecodedLines(lines);
        while (mayHaveMark && bytes._held < 2 && lines.Read(bytes._start.AsSpan(bytes._held)) is > 0 and var got)
        {
            bytes._held += got;
            mayHaveMark = bytes._start[0] is 0xFE or 0xFF;
        }

        return TextEncoding.Of(bytes._start.AsSpan(0, bytes._held), encoding) is { } other
            ? Encoding.CreateTranscodingStream(bytes, other, Encoding.UTF8) : bytes;
    }

    public override int Read(Span<byte> buffer)
    {
        if (_held == 0) { return _lines.Read(buffer); }
        var got = Math.Min(_held, buffer.Length);
        _start.AsSpan(0, got).CopyTo(buffer);
        (_start[0], _held) = (_start[1], _held - got);
        return got;
    }
}
