namespace StreamLearn.Formats;

/// <summary>The text of a file, plain or compressed by gzip, which is seen at its first bytes.</summary>
internal sealed class FileText : IByteText, IDisposable
{
    private readonly FileStream _file;
    private readonly GzipText? _compressed;

    /// <exception cref="IOException">It is no regular file, or cannot be read.</exception>
    internal FileText(string path)
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
            throw new IOException("expected a file, got something that cannot be read twice, such as a pipe: write it to a file first");
        }

        Span<byte> start = stackalloc byte[2];
        var got = RandomAccess.Read(_file.SafeFileHandle, start, 0);
        if (got == 2 && start is [0x1f, 0x8b]) { _compressed = new(_file); }
    }

    internal bool IsCompressed => _compressed is not null;

    /// <summary>Bytes of the file, as it is now.</summary>
    internal long Length => RandomAccess.GetLength(_file.SafeFileHandle);

    internal DateTime CreatedAt => File.GetCreationTimeUtc(_file.SafeFileHandle);

    /// <summary>Reads some bytes; 0 at the end.</summary>
    /// <exception cref="InvalidDataException">The compressed data is damaged, or cut off.</exception>
    public int Read(Span<byte> bytes) => _compressed is null ? _file.Read(bytes) : _compressed.Read(bytes);

    /// <summary>Goes to a place in the text; false if it is shorter.</summary>
    internal bool TrySkip(long offset)
    {
        if (!IsCompressed)
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
        _compressed?.Dispose();
        _file.Dispose();
    }
}
