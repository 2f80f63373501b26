using System.Globalization;
using System.IO.Compression;

namespace StreamLearn.Formats;

/// <summary>The text of a file compressed by gzip, and whether it is whole.</summary>
/// <remarks>
/// <see cref="GZipStream"/> ends silently where its input does. So a member of known text follows the file: it comes out as the end of the
/// text if all before it is whole, and otherwise as something else, or not at all. Source: RFC 1952.
/// </remarks>
internal sealed class GzipText : ForwardStream
{
    /// <summary>Unpacked bytes below which the ratio does not matter: labels in their order pack well, and do no harm.</summary>
    internal const int Harmless = 64 << 20;

    private static readonly byte[] Mark = [.. "end of text"u8];
    private static readonly byte[] MarkMember = Compressed(Mark);

    private readonly Marked _input;
    private readonly GZipStream _text;
    private readonly int _maxRatio;
    private int _seen;       // bytes of the mark
    private long _unpacked;

    internal GzipText(Stream file, int maxRatio = int.MaxValue)
    {
        (_input, _maxRatio) = (new(file), maxRatio);
        _text = new(_input, CompressionMode.Decompress);
    }

    /// <summary>Reads some bytes; 0 at the end.</summary>
    /// <exception cref="InvalidDataException">The data is damaged, cut off, or unpacks to too much.</exception>
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
            $"expected at most {_maxRatio} unpacked bytes for each packed one, got {_unpacked} of {_input.Packed}: ")
            + "if they are meant, unpack the file first");
    }

    private static InvalidDataException CutOff() => new("the compressed data is cut off, or something follows it");

    private static byte[] Compressed(byte[] text)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.NoCompression)) { gzip.Write(text); }
        return stream.ToArray();
    }

    /// <summary>A file, and then the member of known text.</summary>
    private sealed class Marked(Stream file) : ForwardStream
    {
        private int _given;

        internal bool IsMarked { get; private set; }

        /// <summary>Bytes that were read of the file.</summary>
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
