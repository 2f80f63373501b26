namespace StreamLearn.Formats;

/// <summary>The content of a file as UTF-8; detects gzip, a zip of one file, UTF-16 and old line ends from the first bytes.</summary>
internal sealed class FileText : IByteText, IDisposable
{
    private readonly FileStream _file;
    private readonly Stream? _other;     // the decoded content, if the file is not UTF-8

    internal FileText(string path, Encoding? encoding = null)
    {
        if (RegularFile.ProblemOf(path) is { } problem) { throw new IOException(problem); }
        _file = new(path, new FileStreamOptions
        {
            Access = FileAccess.Read,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            Options = FileOptions.SequentialScan,
        });
        if (!_file.CanSeek)
        {
            _file.Dispose();
            throw new IOException("expected a file that can be read twice, got a pipe or similar: write it to a file first");
        }

        Span<byte> start = stackalloc byte[FileKind.StartBytes];
        start = start[..RandomAccess.Read(_file.SafeFileHandle, start, 0)];
        if (FileKind.OfBytes(start) is { } kind)
        {
            _file.Dispose();
            throw new IOException($"the file is {kind}");
        }

        Stream? other = start switch
        {
            [(byte)'P', (byte)'K', 3, 4, ..] => ZipText.Of(_file, encoding),
            [0x1f, 0x8b, ..] => encoding is null or UTF8Encoding ? new GzipText(_file)
                : Encoding.CreateTranscodingStream(new GzipText(_file), encoding, Encoding.UTF8),
            _ when TextEncoding.Of(start, encoding) is { } written =>
                Encoding.CreateTranscodingStream(_file, written, Encoding.UTF8, leaveOpen: true),
            _ when ReturnText.IsNeeded(_file) => _file,
            _ => null,
        };
        _other = other is null ? null : new ReturnText(other);
    }

    /// <summary>True if positions in the content are not positions in the file.</summary>
    internal bool IsRecoded => _other is not null;

    internal long Length => RandomAccess.GetLength(_file.SafeFileHandle);

    internal DateTime CreatedAt => File.GetCreationTimeUtc(_file.SafeFileHandle);

    public int Read(Span<byte> bytes) => _other is null ? _file.Read(bytes) : _other.Read(bytes);

    /// <summary>Returns false if the content is shorter.</summary>
    internal bool TrySkip(long offset)
    {
        if (!IsRecoded)
        {
            _file.Position = offset;
            return offset <= Length;
        }

        Span<byte> passed = stackalloc byte[4096];
        while (offset > 0)
        {
            var got = Read(passed[..(int)Math.Min(passed.Length, offset)]);
            if (got == 0) { return false; }
            offset -= got;
        }

        return true;
    }

    public void Dispose()
    {
        _other?.Dispose();
        _file.Dispose();
    }
}
