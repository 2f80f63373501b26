using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamLearn;

/// <summary>Brings a folder to disk, by which the names of its files are there: what .NET has no call for.</summary>
internal sealed partial class FolderSync(string path)
{
    private readonly byte[] _bytes = Encoding.UTF8.GetBytes(path + '\0');

    /// <summary>Returns when the names in the folder are on disk. Windows keeps them in its journal, and syncs no folders.</summary>
    /// <exception cref="IOException">The folder could not be opened or synced.</exception>
    internal void Do()
    {
        if (OperatingSystem.IsWindows()) { return; }
        var folder = Open(_bytes, flags: 0);      // O_RDONLY is 0 everywhere
        if (folder < 0) { throw Failure(); }
        try
        {
            if (Sync(folder) != 0) { throw Failure(); }
        }
        finally
        {
            _ = Close(folder);
        }
    }

    private IOException Failure()
    {
        var cause = new Win32Exception(Marshal.GetLastPInvokeError());
        return new($"the folder '{path}' could not be synced: {cause.Message}", cause);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(ReadOnlySpan<byte> path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sync(int file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int file);
}
