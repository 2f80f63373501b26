using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace StreamLearn;

/// <summary>Files in one folder of the local file system. A rename is atomic; the folder itself is not synced, so after a power cut the
/// old name may still stand.</summary>
internal sealed class FileStorage : IStorage
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    private readonly string _root;

    /// <summary>Opens a folder, making it if it is absent.</summary>
    /// <param name="root">The folder.</param>
    public FileStorage(string root)
    {
        _root = Path.GetFullPath(root);
        Directory.CreateDirectory(_root);
    }

    /// <inheritdoc />
    public void Append(string name, ReadOnlySpan<byte> bytes)
    {
        using var file = Open(name, FileMode.OpenOrCreate);
        RandomAccess.Write(file, bytes, RandomAccess.GetLength(file));
    }

    /// <inheritdoc />
    public void Sync(string name)
    {
        using var file = Open(name, FileMode.Open);
        RandomAccess.FlushToDisk(file);
    }

    /// <inheritdoc />
    public void Rename(string from, string to)
    {
        Sync(from);
        File.Move(PathOf(from), PathOf(to), overwrite: true);
    }

    /// <inheritdoc />
    public byte[]? Read(string name) => File.Exists(PathOf(name)) ? File.ReadAllBytes(PathOf(name)) : null;

    private SafeFileHandle Open(string name, FileMode mode) => File.OpenHandle(PathOf(name), mode, FileAccess.Write, FileShare.Read);

    private string PathOf(string name)
    {
        if (name.Length is 0 or > 64 || name[0] == '.' || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            throw new ArgumentException(
                $"expected a name of 1 to 64 letters, digits, dots, underscores and hyphens, no leading dot, got '{name}'", nameof(name));
        }

        return Path.Join(_root, name);
    }
}
