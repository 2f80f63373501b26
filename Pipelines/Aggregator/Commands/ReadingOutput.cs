using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Aggregator;

/// <summary>Standard output that fails when nobody reads it any more, as in <c>updates tail --follow | head -1</c>. The framework's
/// swallows that, and a program that shows what comes would go on for ever.</summary>
internal static class ReadingOutput
{
    private const int BrokenPipe = 32;

    /// <summary>Opens it.</summary>
    internal static TextWriter Open() => new StreamWriter(OpenStream(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false))
    {
        AutoFlush = true,
        NewLine = "\n",
    };

    /// <summary>True: the reader has had enough, which is not a fault.</summary>
    internal static bool IsClosed(Exception problem) => problem is IOException { HResult: BrokenPipe };

    private static Stream OpenStream()
    {
        if (OperatingSystem.IsWindows()) { return Console.OpenStandardOutput(); }
        try
        {
            var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;          // a file may be shared with standard error
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Console.OpenStandardOutput();
        }
    }
}
