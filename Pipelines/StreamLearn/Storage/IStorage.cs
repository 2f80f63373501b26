namespace StreamLearn;

/// <summary>Files by name under one root, with the operations that durable logs and checkpoints need. Names are 1 to 64 of <c>A-Z a-z 0-9
/// . _ -</c>, no leading dot.</summary>
internal interface IStorage
{
    /// <summary>Appends to a file, making it if it is absent.</summary>
    /// <param name="name">The file.</param>
    /// <param name="bytes">What to append.</param>
    void Append(string name, ReadOnlySpan<byte> bytes);

    /// <summary>Returns when everything appended to the file is on disk.</summary>
    /// <param name="name">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    void Sync(string name);

    /// <summary>Renames a file over another, atomically; its content is synced first.</summary>
    /// <param name="from">The file.</param>
    /// <param name="to">Its new name.</param>
    /// <exception cref="FileNotFoundException">There is no such file; the other is left alone.</exception>
    void Rename(string from, string to);

    /// <summary>Reads a whole file; null if it is absent.</summary>
    /// <param name="name">The file.</param>
    byte[]? Read(string name);
}
