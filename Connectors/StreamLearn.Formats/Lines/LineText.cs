namespace StreamLearn.Formats;

/// <summary>The lines of an origin as UTF-8. A byte order mark counts only where a first line is whole.</summary>
internal sealed class LineText(LineFeed feed, Encoding? encoding, bool mayHaveMark) : IByteText
{
    private const int Part = 4096;

    private readonly Encoding? _said = Recoding.Other(encoding);
    private readonly byte[] _raw = new byte[Part];
    private readonly byte[] _text = new byte[(Part + 1) * Recoding.MaxGrowth];
    private Recoding? _recoding;
    private bool _isStart = true;
    private int _held;      // bytes of which the encoding is not known yet
    private int _at;
    private int _end;

    /// <summary>Begins the text of another opening.</summary>
    internal void Begin() => (_isStart, _held, _at, _end) = (true, 0, 0, 0);

    public int Read(Span<byte> bytes)
    {
        if (!_isStart && _recoding is null && _at == _end) { return feed.Read(bytes); }
        while (_at == _end)
        {
            if (!TryTake()) { return 0; }
        }

        var got = Math.Min(bytes.Length, _end - _at);
        _text.AsSpan(_at, got).CopyTo(bytes);
        _at += got;
        return got;
    }

    private bool TryTake()
    {
        var got = feed.Read(_raw.AsSpan(_held));
        if (got == 0) { return false; }
        _held += got;
        if (_isStart)
        {
            if (mayHaveMark && _held == 1 && _raw[0] is 0xFE or 0xFF) { return false; }
            var found = (mayHaveMark ? Recoding.OfMark(_raw.AsSpan(0, _held)) : null) ?? _said;
            (_isStart, _recoding) = (false, found is null ? null : new(found));
        }

        var raw = _raw.AsSpan(0, _held);
        (_at, _held) = (0, 0);
        if (_recoding is null) { raw.CopyTo(_text); }
        _end = _recoding?.Write(raw, _text, isEnd: false) ?? raw.Length;
        return true;
    }
}
