using System.Diagnostics;
using System.Text;

namespace StreamLearn.Testing;

/// <summary>A program that a test starts, watches by its lines, and ends, gently or with <c>kill -9</c>.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>The longest that a test waits for another program.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly StringBuilder _log = new();
    private readonly List<(string Text, TaskCompletionSource Came)> _awaited = [];
    private bool _isDisposed;

    /// <summary>Starts a program.</summary>
    public ServerProcess(string program, params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Add(e.Data);
        _process.ErrorDataReceived += (_, e) => Add(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>True once it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote so far.</summary>
    public string Log
    {
        get
        {
            lock (_lock) { return _log.ToString(); }
        }
    }

    /// <summary>Most memory that it had resident, bytes; 0 once it has ended.</summary>
    public long PeakMemory
    {
        get
        {
            _process.Refresh();
            return _process.HasExited ? 0 : _process.PeakWorkingSet64;
        }
    }

    /// <summary>Waits for a line that contains a text.</summary>
    /// <exception cref="InvalidOperationException">It ended without one; the message has what it wrote.</exception>
    /// <exception cref="TimeoutException">It did not write one within <see cref="Patience"/>; the message has what it wrote.</exception>
    public async Task WaitForAsync(string text, CancellationToken cancellationToken = default)
    {
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_log.ToString().Contains(text, StringComparison.Ordinal)) { return; }
            _awaited.Add((text, came));
        }

        var ended = _process.WaitForExitAsync(cancellationToken);       // it reads the last lines, too
        try
        {
            await Task.WhenAny(came.Task, ended).WaitAsync(Patience, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"expected '{text}' within {Patience.TotalSeconds} s, got:\n{Log}");
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (!came.Task.IsCompleted)
        {
            throw new InvalidOperationException($"expected '{text}', but it ended with {_process.ExitCode}:\n{Log}");
        }
    }

    /// <summary>Writes a line to its input.</summary>
    public void Tell(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>Waits for its end.</summary>
    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Ends it at once, as <c>kill -9</c> does: it cannot save anything.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    /// <summary>Asks it to end, as a service manager does, and waits for that.</summary>
    public Task<int> StopAsync()
    {
        Signal("TERM");
        return EndAsync();
    }

    /// <summary>Stops it without ending it: its connections stay open, and nothing answers.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>Lets it go on after <see cref="Freeze"/>.</summary>
    public void Thaw() => Signal("CONT");

    /// <summary>Kills it if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) { return; }
        _isDisposed = true;
        if (!_process.HasExited) { await KillAsync(); }
        _process.Dispose();
    }

    private void Signal(string name)
    {
        if (_process.HasExited) { return; }
        using var kill = Process.Start("/bin/kill", [$"-{name}", _process.Id.ToString()]);
        kill.WaitForExit();
    }

    private void Add(string? line)
    {
        if (line is null) { return; }
        lock (_lock)
        {
            _log.AppendLine(line);
            foreach (var (text, came) in _awaited)
            {
                if (line.Contains(text, StringComparison.Ordinal)) { came.TrySetResult(); }
            }
        }
    }
}
