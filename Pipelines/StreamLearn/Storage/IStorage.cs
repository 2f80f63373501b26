namespace StreamLearn;

/// <summary>Files for durable logs and checkpoints. A name has 1 to 64 characters of <c>A-Z a-z 0-9 . _ -</c> and no leading dot.</summary>
/// <remarks>Appends are durable once they are synced; rename, truncate and delete are durable at once. Any operation may throw
/// <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</remarks>
internal interface IStorage
{
    /// <summary>Appends to a file, which is created if absent.</summary>
    /// <exception cref="NoSpaceException">The disk is full; part may be written.</exception>
    void Append(string name, ReadOnlySpan<byte> bytes);

    /// <summary>Makes all appends to a file durable.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    void Sync(string name);

    int ReadAt(string name, long at, Span<byte> bytes);

    long? Length(string name);

    /// <summary>Durably truncates a file to <paramref name="length"/> bytes.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    void Truncate(string name, long length);

    /// <summary>Syncs a file, then renames it over another atomically and durably.</summary>
    /// <exception cref="FileNotFoundException">There is no such file; the other file is unchanged.</exception>
    /// <exception cref="NoSpaceException">The disk is full; nothing was renamed.</exception>
    void Rename(string from, string to);

    void Delete(string name);

    IReadOnlyList<string> List();
}
