namespace StreamLearn.Programs;

internal interface ISegmentFiles : IDisposable
{
    IReadOnlyList<long> List();

    long LengthOf(long segment);

    void Write(long segment, int at, ReadOnlySpan<byte> bytes);

    int Read(long segment, long at, Span<byte> bytes);

    void Truncate(long segment, long length);

    void Delete(long segment);

    /// <summary>Returns when the last append is on disk.</summary>
    void Sync();
}

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
