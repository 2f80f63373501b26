namespace StreamLearn;

/// <summary>Named files with the operations of durable logs and checkpoints. Names are 1 to 64 of <c>A-Z a-z 0-9 . _ -</c>, no leading
/// dot.</summary>
/// <remarks>Appends are durable once synced; rename, truncate and delete at once. Any operation may throw <see cref="IOException"/> or
/// <see cref="UnauthorizedAccessException"/>.</remarks>
internal interface IStorage
{
    /// <summary>Appends to a file, created if absent.</summary>
    /// <exception cref="NoSpaceException">The disk is full; part may be written.</exception>
    void Append(string name, ReadOnlySpan<byte> bytes);

    /// <summary>Makes all appends durable.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    void Sync(string name);

    int ReadAt(string name, long at, Span<byte> bytes);

    long? Length(string name);

    /// <summary>Durably truncates a file to <paramref name="length"/> bytes.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    void Truncate(string name, long length);

    /// <summary>Syncs a file, then renames it over another atomically and durably.</summary>
    /// <exception cref="FileNotFoundException">There is no such file; the other is unchanged.</exception>
    /// <exception cref="NoSpaceException">The disk is full; nothing was renamed.</exception>
    void Rename(string from, string to);

    void Delete(string name);

    IReadOnlyList<string> List();
}
