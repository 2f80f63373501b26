namespace StreamLearn;

internal sealed class NoSpaceException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>ENOSPC and EDQUOT of Linux and of BSD; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.</summary>
    internal static bool Is(IOException e) => OperatingSystem.IsWindows()
        ? e.HResult is unchecked((int)0x80070070) or unchecked((int)0x80070027)
        : e.HResult is 28 or 122 or 69;
}
