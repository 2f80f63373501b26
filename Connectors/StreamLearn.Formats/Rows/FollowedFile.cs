namespace StreamLearn.Formats;

/// <summary>Finds out what has become of a file that is followed, when all of it was read.</summary>
/// <remarks>
/// A file that is shorter than what was read was truncated. Another file has its name if that one's length is another than the length of
/// the file that is open: the length behind the name is asked first, and the file that is open has not grown since. Of equal lengths the
/// times of creation decide. A name that nothing has, as between renaming and creating, is waited for.
/// </remarks>
internal static class FollowedFile
{
    internal static FileFault Look(string path, FileText text, long read)
    {
        var named = new FileInfo(path);
        if (!named.Exists) { return FileFault.None; }
        var (length, created) = (named.Length, named.CreationTimeUtc);
        var openCreated = text.CreatedAt;       // before the length: without times of creation it is that of the last change
        var open = text.Length;
        if (open < read) { return FileFault.Truncated; }
        if (open > read) { return FileFault.None; }
        return length != open || created != openCreated ? FileFault.Rotated : FileFault.None;
    }
}
