using System.Globalization;
using System.IO.Compression;

namespace StreamLearn.Formats;

/// <summary>Decompresses gzip and detects truncation.</summary>
/// <remarks><see cref="GZipStream"/> ends silently on truncated input. A known member is therefore appended: it appears at the end only if
/// everything before it is complete. Source: RFC 1952.</remarks>
internal sealed class GzipText : ForwardStream
{
    /// <summary>Uncompressed bytes up to which any ratio is accepted, because sorted labels compress well.</summary>
    internal const int Harmless = 64 << 20;

    private static readonly byte[] Mark = [.. "end of text"u8];
    private static readonly byte[] MarkMember = Compressed(Mark);

    private readonly Marked _input;
    private readonly GZipStream _text;
    private readonly int _maxRatio;
    private int _seen;       // number of gzip magic bytes seen so far
    private long _unpacked;

    internal GzipText(Stream file, int maxRatio = int.MaxValue)
    {
        (_input, _maxRatio) = (new(file), maxRatio);
        _text = new(_input, CompressionMode.Decompress);
    }

    public override int Read(Span<byte> bytes)
    {
        var got = Next(bytes);
        if (!_input.IsMarked) { return got; }
        for (; got > 0; got = Next(bytes))
        {
            if (got > Mark.Length - _seen || !bytes[..got].SequenceEqual(Mark.AsSpan(_seen, got))) { throw CutOff(); }
            _seen += got;
        }

        return _seen == Mark.Length ? 0 : throw CutOff();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) { _text.Dispose(); }
        base.Dispose(disposing);
    }

    private int Next(Span<byte> bytes)
    {
        int got;
        try
        {
            got = _text.Read(bytes);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException("the compressed data is damaged", e);
        }

        _unpacked += got;
        if (_unpacked <= Harmless || _unpacked / _maxRatio <= _input.Packed) { return got; }
        throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
            $"expected at most {_maxRatio} uncompressed bytes per compressed byte, got {_unpacked} of {_input.Packed}: ")
            + "if this is intended, decompress the file first");
    }

    private static InvalidDataException CutOff() => new("the compressed data is cut off, or other data follows it");

    private static byte[] Compressed(byte[] text)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.NoCompression)) { gzip.Write(text); }
        return stream.ToArray();
    }

    private sealed class Marked(Stream file) : ForwardStream
    {
        private int _given;

        internal bool IsMarked { get; private set; }

        internal long Packed { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            var got = IsMarked ? 0 : file.Read(buffer);
            Packed += got;
            if (got > 0) { return got; }
            IsMarked = true;
            got = Math.Min(buffer.Length, MarkMember.Length - _given);
            MarkMember.AsSpan(_given, got).CopyTo(buffer);
            _given += got;
            return got;
        }
    }
}
