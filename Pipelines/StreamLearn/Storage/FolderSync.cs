using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamLearn;

/// <summary>Syncs a folder, so that file names are durable; .NET has no method for it.</summary>
internal sealed partial class FolderSync(string path)
{
    private readonly byte[] _bytes = Encoding.UTF8.GetBytes(path + '\0');

    /// <summary>On Windows, file names are in the journal, and folders cannot be synced.</summary>
    /// <exception cref="IOException">The folder could not be opened or synced.</exception>
    internal void Do()
    {
        if (OperatingSystem.IsWindows()) { return; }
        var folder = Open(_bytes, flags: 0);      // O_RDONLY is 0 on all systems
        if (folder < 0) { throw Failure(); }
        try
        {
            if (Sync(folder) != 0) { throw Failure(); }
        }
        finally { _ = Close(folder); }
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
