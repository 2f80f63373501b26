namespace StreamLearn.Formats;

/// <summary>Checks a followed file after its end was reached.</summary>
/// <remarks> Shorter than what was read: truncated. Replaced: the path's length, asked first, differs from the open file's; equal lengths:
/// creation times decide. An absent path is waited for. </remarks>
internal static class FollowedFile
{
    internal static FileFault Look(string path, FileText text, long read)
    {
        var named = new FileInfo(path);
        if (!named.Exists) { return FileFault.None; }
        var (length, created) = (named.Length, named.CreationTimeUtc);
        var openCreated = text.CreatedAt;       // read before the length: file systems without creation times give the last change
        var open = text.Length;
        if (open < read) { return FileFault.Truncated; }
        if (open > read) { return FileFault.None; }
        return length != open || created != openCreated ? FileFault.Rotated : FileFault.None;
    }
}
