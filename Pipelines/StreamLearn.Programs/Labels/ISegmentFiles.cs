namespace StreamLearn.Programs;

/// <summary>Numbered files that are appended to, and deleted as wholes.</summary>
internal interface ISegmentFiles : IDisposable
{
    /// <summary>The numbers of those that are there, rising.</summary>
    IReadOnlyList<long> List();

    /// <summary>Bytes of a file.</summary>
    long LengthOf(long segment);

    /// <summary>Writes to a place of a file, which is made if it is absent.</summary>
    /// <exception cref="IOException">The disk is full, or fails; some of it may be there.</exception>
    void Write(long segment, int at, ReadOnlySpan<byte> bytes);

    /// <summary>Reads from a place of a file.</summary>
    int Read(long segment, long at, Span<byte> bytes);

    /// <summary>Cuts a file's end off.</summary>
    void Truncate(long segment, long length);

    /// <summary>Deletes a file.</summary>
    void Delete(long segment);

    /// <summary>Returns when what was appended last is on disk.</summary>
    void Sync();
}

/// <summary>Files in memory, for devices without a disk.</summary>
internal sealed class MemorySegments : ISegmentFiles
{
    private readonly SortedDictionary<long, List<byte>> _files = [];

    /// <summary>The files, for tests that damage them.</summary>
    internal IReadOnlyDictionary<long, List<byte>> Files => _files;

    public IReadOnlyList<long> List() => [.. _files.Keys];

    public long LengthOf(long segment) => _files[segment].Count;

    public void Write(long segment, int at, ReadOnlySpan<byte> bytes)
    {
        if (!_files.TryGetValue(segment, out var file)) { _files.Add(segment, file = []); }
        file.RemoveRange(at, Math.Min(bytes.Length, file.Count - at));
        file.InsertRange(at, bytes);
    }

    public int Read(long segment, long at, Span<byte> bytes)
    {
        var file = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_files[segment])[(int)Math.Min(at, _files[segment].Count)..];
        var read = Math.Min(file.Length, bytes.Length);
        file[..read].CopyTo(bytes);
        return read;
    }

    public void Truncate(long segment, long length) => _files[segment].RemoveRange((int)length, _files[segment].Count - (int)length);

    public void Delete(long segment) => _files.Remove(segment);

    public void Sync()
    {
    }

    public void Dispose()
    {
    }
}
