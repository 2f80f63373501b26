using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace StreamLearn;

/// <summary>Files in one local folder. The last appended file stays open. A deleted folder is recreated empty. Not thread-safe.</summary>
internal sealed class FileStorage : IStorage, IDisposable
{
    private const int MaxNameLength = 64;
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    private readonly string _root;
    private readonly FolderSync _sync;
    private SafeFileHandle? _open;
    private string _openName = "";
    private (string Name, string Path) _last = ("", "");      // the last opened file, which is usually opened again
    private long _length;       // length of the open file

    public FileStorage(string root)
    {
        _root = Path.GetFullPath(root);
        Make();
        _sync = new(_root);
    }

    public void Append(string name, ReadOnlySpan<byte> bytes)
    {
        try
        {
            var file = Open(name, FileMode.OpenOrCreate);
            RandomAccess.Write(file, bytes, _length);
        }
        catch (IOException e) when (NoSpaceException.Is(e))
        {
            Close();        // a part may already be written
            throw new NoSpaceException(e.Message, e);
        }

        _length += bytes.Length;
    }

    public void Sync(string name)
    {
        try { RandomAccess.FlushToDisk(Open(name, FileMode.Open)); }
        catch (IOException e) when (NoSpaceException.Is(e))
        {
            throw new NoSpaceException(e.Message, e);       // some file systems report a full disk late
        }
    }

    public int ReadAt(string name, long at, Span<byte> bytes)
    {
        using var file = File.OpenHandle(PathOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var read = 0;
        for (var more = 1; read < bytes.Length && more > 0; read += more) { more = RandomAccess.Read(file, bytes[read..], at + read); }
        return read;
    }

    public long? Length(string name)
    {
        var file = new FileInfo(PathOf(name));
        return file.Exists ? file.Length : null;
    }

    public void Truncate(string name, long length)
    {
        var file = Open(name, FileMode.Open);
        if (length >= _length) { return; }
        RandomAccess.SetLength(file, length);
        RandomAccess.FlushToDisk(file);
        _length = length;
    }

    public void Rename(string from, string to)
    {
        Sync(from);
        Close();
        File.Move(_last.Path, PathOf(to), overwrite: true);
        _sync.Do();
    }

    public void Delete(string name)
    {
        if (_openName == name) { Close(); }
        try
        {
            File.Delete(PathOf(name));
            _sync.Do();
        }
        catch (DirectoryNotFoundException)
        {
            Make();      // the file was removed with its folder
        }
    }

    public IReadOnlyList<string> List()
    {
        Make();
        return [.. Directory.EnumerateFiles(_root).Select(static f => Path.GetFileName(f)!).Where(IsName).Order(StringComparer.Ordinal)];
    }

    public void Dispose() => Close();

    private void Make() => Directory.CreateDirectory(_root);

    private SafeFileHandle Open(string name, FileMode mode)
    {
        if (_open is not null && _openName == name) { return _open; }
        Close();
        if (_last.Name != name) { _last = (name, PathOf(name)); }
        var file = Opened(_last.Path, mode);
        (_open, _openName, _length) = (file, name, RandomAccess.GetLength(file));
        // the owner alone reads a new file: checkpoints contain rows and keys
        if (_length == 0 && !OperatingSystem.IsWindows()) { File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite); }
        return file;
    }

    private SafeFileHandle Opened(string path, FileMode mode)
    {
        try { return File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read); }
        catch (DirectoryNotFoundException)
        {
            Make();
            return File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read);
        }
    }

    private void Close()
    {
        _open?.Dispose();
        (_open, _openName) = (null, "");
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name[0] != '.' && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    private string PathOf(string name) => IsName(name)
        ? Path.Join(_root, name)
        : throw new ArgumentException(
            $"expected a name of 1 to {MaxNameLength} letters, digits, dots, underscores and hyphens, no leading dot, got '{name}'",
            nameof(name));
}
