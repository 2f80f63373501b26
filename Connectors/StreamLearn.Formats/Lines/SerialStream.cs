using System.ComponentModel;
using System.Runtime.InteropServices;

namespace StreamLearn.Formats;

/// <summary>A Linux serial port that returns bytes as they arrive.</summary>
/// <remarks>Not as a controlling terminal, because unplugging would then end the process. Source: termios(3), poll(2).</remarks>
internal sealed partial class SerialStream : LineStream
{
    private const int Open = 0x80902;           // O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC
    private const int Now = 0;                  // TCSANOW
    private const int TermiosBytes = 256;       // the system's struct has 60 bytes
    private const int Control = 8;              // offset of c_cflag
    private const uint ReadsAlways = 0x880;     // CREAD | CLOCAL
    private const int LookMilliseconds = 200;
    private const short HasBytes = 1;           // POLLIN
    private const int Interrupted = 4;          // EINTR
    private const int NothingThere = 11;        // EAGAIN

    private readonly string _path;
    private readonly int _file;
    private volatile bool _isClosed;

    internal SerialStream(string path, uint speed)
    {
        if (!OperatingSystem.IsLinux()) { throw new IOException("expected Linux: serial ports of other systems are not supported"); }
        _path = path;
        _file = OpenFile(Encoding.UTF8.GetBytes(path + '\0'), Open);
        if (_file < 0) { throw Failure(); }
        try
        {
            Span<byte> settings = stackalloc byte[TermiosBytes];
            if (GetSettings(_file, settings) != 0) { throw Failure(); }
            MakeRaw(settings);
            MemoryMarshal.AsRef<uint>(settings[Control..]) |= ReadsAlways;
            if (SetSpeed(settings, speed) != 0 || SetSettings(_file, Now, settings) != 0) { throw Failure(); }
        }
        catch
        {
            _ = CloseFile(_file);
            throw;
        }
    }

    internal override int Read(Span<byte> bytes)
    {
        while (!_isClosed)
        {
            var look = new Poll { File = _file, Asked = HasBytes };
            if (Wait(ref look, 1, LookMilliseconds) <= 0) { continue; }
            if ((look.Found & HasBytes) == 0) { return 0; }
            var got = ReadFile(_file, bytes, (nuint)bytes.Length);
            if (got >= 0) { return (int)got; }
            if (Marshal.GetLastPInvokeError() is not (Interrupted or NothingThere)) { throw Failure(); }
        }

        return 0;
    }

    internal override string Ending() => "has gone away";

    internal override void Close() => _isClosed = true;

    public override void Dispose() => _ = CloseFile(_file);

    private IOException Failure() => new($"{_path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [StructLayout(LayoutKind.Sequential)]
    private struct Poll
    {
        public int File;
        public short Asked;
        public short Found;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFile(ReadOnlySpan<byte> path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseFile(int file);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ReadFile(int file, Span<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Wait(ref Poll polls, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetSettings(int file, Span<byte> settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetSettings(int file, int when, Span<byte> settings);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void MakeRaw(Span<byte> settings);

    [LibraryImport("libc", EntryPoint = "cfsetspeed", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetSpeed(Span<byte> settings, uint speed);
}
