using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace StreamLearn.Formats;

/// <summary>A running program. Its standard output is read, and its standard error is reported by line.</summary>
internal sealed partial class CommandStream : LineStream
{
    private const int Terminate = 15;
    private const int Kill = 9;
    private const int MaxReported = 1000;       // maximum length of a reported line of standard error

    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(1);
    private static readonly string? Setsid = Array.Find(["/usr/bin/setsid", "/bin/setsid"], File.Exists);

    private readonly Process _process;
    private readonly string _name;
    private readonly Action<string> _say;
    private readonly Stream _output;

    internal CommandStream(ImmutableArray<string> command, Action<string> say)
    {
        (_name, _say) = (Path.GetFileName(command[0]), say);
        ImmutableArray<string> all = Setsid is null ? command : [Setsid, .. command];
        var start = new ProcessStartInfo(all[0], all.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.TryAdd("PYTHONUNBUFFERED", "1");
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or FileNotFoundException)
        {
            throw new IOException(e.Message, e);
        }

        _output = _process.StandardOutput.BaseStream;
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
        _ = TellErrorsAsync(_process.StandardError.BaseStream);
    }

    internal override int Read(Span<byte> bytes) => _output.Read(bytes);

    internal override string Ending()
    {
        if (!_process.WaitForExit(TimeToEnd)) { return "has closed its output and is stopped"; }
        return FormattableString.Invariant($"has ended with exit code {_process.ExitCode}");
    }

    internal override bool HasSucceeded => _process is { HasExited: true, ExitCode: 0 };

    internal override void Close() => Signal(Terminate);

    public override void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        Signal(Terminate);
        _process.WaitForExit(TimeToEnd);
        Signal(Kill);
        _process.WaitForExit(TimeToEnd);
        _process.Dispose();
    }

    private void KillAtExit(object? sender, EventArgs e) => Signal(Kill);

    /// <summary>Signals the whole process group, including child processes that are left over.</summary>
    private void Signal(int signal)
    {
        if (Setsid is not null && SendSignal(-_process.Id, signal) == 0) { return; }
        try
        {
            if (!_process.HasExited) { _process.Kill(entireProcessTree: true); }
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // the program has already exited
        }
    }

    private async Task TellErrorsAsync(Stream errors)
    {
        var (bytes, count) = (new byte[MaxReported], 0);
        try
        {
            while (await errors.ReadAsync(bytes.AsMemory(count)).ConfigureAwait(false) is > 0 and var got)
            {
                count += got;
                int end;
                while ((end = bytes.AsSpan(0, count).IndexOf((byte)'\n')) >= 0 || count == bytes.Length)
                {
                    var length = end < 0 ? count : end;
                    Tell(bytes.AsSpan(0, length));
                    count -= Math.Min(count, length + 1);
                    bytes.AsSpan(length + (end < 0 ? 0 : 1), count).CopyTo(bytes);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // the program has already exited
        }

        if (count > 0) { Tell(bytes.AsSpan(0, count)); }
    }

    private void Tell(ReadOnlySpan<byte> line)
    {
        _say($"{_name}: {PrintableText.Of(Encoding.UTF8.GetString(line.TrimEnd((byte)'\r')))}");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);
}
