using Microsoft.Win32.SafeHandles;

namespace StreamLearn.Programs;

/// <summary>Standard output that fails once its reader is gone, as in <c>tap … | head -1</c>. The framework swallows that error, so the
/// program would never end.</summary>
internal static class StandardOutput
{
    private const int BrokenPipe = 32;

    internal static Stream Open()
    {
        if (OperatingSystem.IsWindows()) { return Console.OpenStandardOutput(); }
        try
        {
            var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;          // a file may also receive standard error
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Console.OpenStandardOutput();
        }
    }

    /// <summary>Returns true if the reader has left, which is not an error.</summary>
    internal static bool IsClosed(Exception problem) => problem is IOException { HResult: BrokenPipe };
}
