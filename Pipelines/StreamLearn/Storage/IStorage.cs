namespace StreamLearn;

/// <summary>Files by name under one root, with the operations that durable logs and checkpoints need. Names are 1 to 64 of <c>A-Z a-z 0-9
/// . _ -</c>, no leading dot.</summary>
/// <remarks>What was appended may be lost in a power cut until it is synced; what was synced, renamed, truncated or deleted stays so. Every
/// operation may throw <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</remarks>
internal interface IStorage
{
    /// <summary>Appends to a file, making it if it is absent.</summary>
    /// <exception cref="NoSpaceException">The disk is full; some of it may be there.</exception>
    void Append(string name, ReadOnlySpan<byte> bytes);

    /// <summary>Returns when everything appended to the file is on disk.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    void Sync(string name);

    /// <summary>Reads from a place of a file. <paramref name="at"/>: the place, in bytes from its begin.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    int ReadAt(string name, long at, Span<byte> bytes);

    /// <summary>The length of a file in bytes; null if it is absent.</summary>
    long? Length(string name);

    /// <summary>Cuts a file's end off; on return the cut is on disk. <paramref name="length"/>: bytes that stay.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    void Truncate(string name, long length);

    /// <summary>Renames a file over another, atomically; its content is synced first, and the new name is on disk on return.</summary>
    /// <exception cref="FileNotFoundException">There is no such file; the other is left alone.</exception>
    /// <exception cref="NoSpaceException">The disk is full; nothing was renamed.</exception>
    void Rename(string from, string to);

    /// <summary>Deletes a file, if it is there.</summary>
    void Delete(string name);

    /// <summary>The names of all files, in ordinal order.</summary>
    IReadOnlyList<string> List();
}
