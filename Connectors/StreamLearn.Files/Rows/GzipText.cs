using System.IO.Compression;

namespace StreamLearn.Files;

/// <summary>The text of a file compressed by gzip, and whether it is whole.</summary>
/// <remarks>
/// <see cref="GZipStream"/> ends silently where its input does. So a member of known text follows the file: it comes out as the end of the
/// text if all before it is whole, and otherwise as something else, or not at all. Source: RFC 1952.
/// </remarks>
internal sealed class GzipText : IDisposable
{
    private static readonly byte[] Mark = [.. "end of text"u8];
    private static readonly byte[] MarkMember = Compressed(Mark);

    private readonly Marked _input;
    private readonly GZipStream _text;
    private int _seen;       // bytes of the mark

    internal GzipText(Stream file)
    {
        _input = new(file);
        _text = new(_input, CompressionMode.Decompress);
    }

    /// <summary>Reads some bytes; 0 at the end.</summary>
    /// <exception cref="InvalidDataException">The data is damaged, or cut off.</exception>
    internal int Read(Span<byte> bytes)
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

    public void Dispose() => _text.Dispose();

    private int Next(Span<byte> bytes)
    {
        try
        {
            return _text.Read(bytes);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException("the compressed data is damaged", e);
        }
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

        public override int Read(Span<byte> buffer)
        {
            var got = IsMarked ? 0 : file.Read(buffer);
            if (got > 0) { return got; }
            IsMarked = true;
            got = Math.Min(buffer.Length, MarkMember.Length - _given);
            MarkMember.AsSpan(_given, got).CopyTo(buffer);
            _given += got;
            return got;
        }
    }
}
