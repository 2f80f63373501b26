namespace StreamLearn.Testing;

/// <summary>Files in memory, as a disk would have them: what was not synced may be lost, an operation may fail or end in the middle, and
/// there may be no space left.</summary>
internal sealed class FaultyStorage : IStorage
{
    private readonly Dictionary<string, Content> _files = new(StringComparer.Ordinal);

    /// <summary>Operations so far.</summary>
    internal int Operations { get; private set; }

    /// <summary>The operation that fails, from 1; null: none does.</summary>
    internal int? FailsAt { get; set; }

    /// <summary>True: the operation that fails has done half of its work. A rename is done wholly or not at all.</summary>
    internal bool Cuts { get; set; }

    /// <summary>Bytes that all files may have; beyond, appending fails. Default no bound.</summary>
    internal long Space { get; set; } = long.MaxValue;

    /// <summary>Cuts the power: what was not synced is lost.</summary>
    internal void LosePower()
    {
        foreach (var (name, file) in _files.ToList())
        {
            if (!file.IsNamed) { _files.Remove(name); }
            else if (file.Synced < file.Bytes.Count) { file.Bytes.RemoveRange(file.Synced, file.Bytes.Count - file.Synced); }
        }
    }

    /// <inheritdoc />
    public void Append(string name, ReadOnlySpan<byte> bytes)
    {
        if (!_files.TryGetValue(name, out var file)) { _files[name] = file = new(); }
        var fails = Fails();
        var space = Space - _files.Values.Sum(static f => (long)f.Bytes.Count);
        var count = fails ? (Cuts ? bytes.Length / 2 : 0) : (int)Math.Clamp(space, 0, bytes.Length);
        file.Bytes.AddRange(bytes[..count]);
        if (fails) { throw new IOException("planted"); }
        if (count < bytes.Length) { throw new NoSpaceException("no space left"); }
    }

    /// <inheritdoc />
    public void Sync(string name)
    {
        var file = Find(name);
        if (Fails()) { throw new IOException("planted"); }
        (file.Synced, file.IsNamed) = (file.Bytes.Count, true);
    }

    /// <inheritdoc />
    public int ReadAt(string name, long at, Span<byte> bytes)
    {
        var file = Find(name);
        if (Fails()) { throw new IOException("planted"); }
        var count = (int)Math.Clamp(file.Bytes.Count - at, 0, bytes.Length);
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(file.Bytes).Slice((int)at, count).CopyTo(bytes);
        return count;
    }

    /// <inheritdoc />
    public long? Length(string name) => _files.TryGetValue(name, out var file) ? file.Bytes.Count : null;

    /// <inheritdoc />
    public void Truncate(string name, long length)
    {
        var file = Find(name);
        if (Fails()) { throw new IOException("planted"); }
        if (length < file.Bytes.Count) { file.Bytes.RemoveRange((int)length, file.Bytes.Count - (int)length); }
        file.Synced = file.Bytes.Count;
    }

    /// <inheritdoc />
    public void Rename(string from, string to)
    {
        var file = Find(from);
        if (Fails() && !Cuts) { throw new IOException("planted"); }
        (file.Synced, file.IsNamed) = (file.Bytes.Count, true);
        _files.Remove(from);
        _files[to] = file;
        if (Operations == FailsAt) { throw new IOException("planted"); }      // the name was changed, and the folder not synced
    }

    /// <inheritdoc />
    public void Delete(string name)
    {
        var fails = Fails();
        if (!fails || Cuts) { _files.Remove(name); }
        if (fails) { throw new IOException("planted"); }
    }

    /// <inheritdoc />
    public IReadOnlyList<string> List()
    {
        if (Fails()) { throw new IOException("planted"); }
        return [.. _files.Keys.Order(StringComparer.Ordinal)];
    }

    private bool Fails() => ++Operations == FailsAt;

    private Content Find(string name) =>
        _files.TryGetValue(name, out var file) ? file : throw new FileNotFoundException($"there is no file '{name}'");

    private sealed class Content
    {
        internal List<byte> Bytes { get; } = [];

        /// <summary>Bytes that a power cut leaves.</summary>
        internal int Synced { get; set; }

        /// <summary>True if its name survives a power cut.</summary>
        internal bool IsNamed { get; set; }
    }
}
