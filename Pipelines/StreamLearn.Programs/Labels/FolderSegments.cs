using Microsoft.Win32.SafeHandles;

namespace StreamLearn.Programs;

/// <summary>Stores files <c>windows-000000000001</c> and up; the first creates the folder.</summary>
internal sealed class FolderSegments(string folder) : ISegmentFiles
{
    private const string Prefix = "windows-";

    private (long Segment, SafeFileHandle File)? _open;        // the last file read
    private (long Segment, SafeFileHandle File)? _end;       // the file being written

    public IReadOnlyList<long> List() => !Directory.Exists(folder) ? []
        : [.. Directory.EnumerateFiles(folder, $"{Prefix}*").Select(static f => Path.GetFileName(f)[Prefix.Length..])
            .Where(static n => n.Length == 12 && n.All(char.IsAsciiDigit))
            .Select(static n => long.Parse(n, CultureInfo.InvariantCulture)).Order()];

    public long LengthOf(long segment) => RandomAccess.GetLength(Opened(segment));

    public void Write(long segment, int at, ReadOnlySpan<byte> bytes)
    {
        if (_end is null || _end.Value.Segment != segment)
        {
            CloseEnd();
            Directory.CreateDirectory(folder);
            _end = (segment, File.OpenHandle(PathOf(segment), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        }

        RandomAccess.Write(_end.Value.File, bytes, at);
    }

    public int Read(long segment, long at, Span<byte> bytes)
    {
        var (file, read) = (Opened(segment), 0);
        for (var more = 1; read < bytes.Length && more > 0; read += more) { more = RandomAccess.Read(file, bytes[read..], at + read); }
        return read;
    }

    public void Truncate(long segment, long length)
    {
        Dispose();
        using var file = File.OpenHandle(PathOf(segment), FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, length);
    }

    public void Delete(long segment)
    {
        if (_end?.Segment == segment) { CloseEnd(); }
        if (_open?.Segment == segment) { CloseOpen(); }
        File.Delete(PathOf(segment));
    }

    public void Sync()
    {
        if (_end is { File: var file }) { RandomAccess.FlushToDisk(file); }
    }

    public void Dispose()
    {
        CloseEnd();
        CloseOpen();
    }

    private SafeFileHandle Opened(long segment)
    {
        if (_end is { } end && end.Segment == segment) { return end.File; }
        if (_open is { } open && open.Segment == segment) { return open.File; }
        CloseOpen();
        _open = (segment, File.OpenHandle(PathOf(segment), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return _open.Value.File;
    }

    private void CloseOpen()
    {
        _open?.File.Dispose();
        _open = null;
    }

    private void CloseEnd()
    {
        _end?.File.Dispose();
        _end = null;
    }

    private string PathOf(long segment) => Path.Join(folder, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{segment:d12}"));
}
