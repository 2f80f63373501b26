using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TauDemo;

/// <summary>Where lines are printed, such that the program hears when their reader has left: the console itself keeps that to
/// itself.</summary>
internal static class LineOutput
{
    private const int Standard = 1;
    private const int BrokenPipe = 32;      // EPIPE

    /// <summary>Standard output; where it is a pipe, a write fails once its reader has left.</summary>
    internal static TextWriter Open()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected) { return Console.Out; }
        try
        {
            var stream = new FileStream(new SafeFileHandle(Standard, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? Console.Out : new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true };
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return Console.Out;     // it is closed
        }
    }

    /// <summary>True if the reader has left: nobody wants more, and nothing is wrong.</summary>
    internal static bool IsReaderGone(IOException failure) => failure.HResult == BrokenPipe;
}
