namespace StreamLearn.Programs.Tests;

/// <summary>Files in memory on a disk that is full or read-only when a test says so.</summary>
internal sealed class FaultySegments : ISegmentFiles
{
    private readonly MemorySegments _files = new();

    /// <summary>Bytes that the next writes may take; the write beyond them is cut off there.</summary>
    internal int Room { get; set; } = int.MaxValue;

    internal bool IsReadOnly { get; set; }

    internal IReadOnlyDictionary<long, List<byte>> Files => _files.Files;

    public IReadOnlyList<long> List() => _files.List();

    public long LengthOf(long segment) => _files.LengthOf(segment);

    public void Write(long segment, int at, ReadOnlySpan<byte> bytes)
    {
        RequireWritable();
        var fits = Math.Min(Room, bytes.Length);
        _files.Write(segment, at, bytes[..fits]);
        Room -= fits;
        if (fits < bytes.Length) { throw new IOException("No space left on device"); }
    }

    public int Read(long segment, long at, Span<byte> bytes) => _files.Read(segment, at, bytes);

    public void Truncate(long segment, long length)
    {
        RequireWritable();
        _files.Truncate(segment, length);
    }

    public void Delete(long segment)
    {
        RequireWritable();
        _files.Delete(segment);
    }

    public void Sync() => RequireWritable();

    public void Dispose()
    {
    }

    private void RequireWritable()
    {
        if (IsReadOnly) { throw new UnauthorizedAccessException("Read-only file system"); }
    }
}
