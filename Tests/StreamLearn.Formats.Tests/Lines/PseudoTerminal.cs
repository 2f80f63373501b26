using System.Runtime.InteropServices;

namespace StreamLearn.Formats.Tests;

/// <summary>A terminal whose other end the test writes, in place of a serial port.</summary>
internal sealed partial class PseudoTerminal : IDisposable
{
    private const int ReadsAndWrites = 0x102;       // O_RDWR | O_NOCTTY
    private const int MaxName = 128;
    private readonly int _file;

    internal PseudoTerminal()
    {
        _file = OpenMaster(ReadsAndWrites);
        var name = new byte[MaxName];
        Assert.True(_file >= 0 && Grant(_file) == 0 && Unlock(_file) == 0 && NameOf(_file, name, MaxName) == 0);
        Path = Encoding.ASCII.GetString(name.AsSpan(0, name.AsSpan().IndexOf((byte)0)));
    }

    internal string Path { get; }

    /// <summary>Writes all of it, and waits where nobody reads.</summary>
    internal void Write(string text) => Write(Encoding.ASCII.GetBytes(text));

    internal void Write(ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            var written = WriteFile(_file, rest, (nuint)rest.Length);
            Assert.True(written > 0);
            rest = rest[(int)written..];
        }
    }

    public void Dispose() => _ = CloseFile(_file);

    [LibraryImport("libc", EntryPoint = "posix_openpt")]
    private static partial int OpenMaster(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt")]
    private static partial int Grant(int file);

    [LibraryImport("libc", EntryPoint = "unlockpt")]
    private static partial int Unlock(int file);

    [LibraryImport("libc", EntryPoint = "ptsname_r")]
    private static partial int NameOf(int file, Span<byte> name, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint WriteFile(int file, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int file);
}
