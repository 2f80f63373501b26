using System.Diagnostics;
using System.Text;

namespace Architecture.Tests;

/// <summary>A program that a test starts. Its lines are kept; it is ended with the test.</summary>
internal sealed class Command : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _text = new();
    private readonly List<(string Text, TaskCompletionSource Came)> _waiting = [];
    private readonly Lock _lock = new();

    internal Command(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsOfTheTestRun).ToList()) { start.Environment.Remove(name); }

        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        _process = new() { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Add(e.Data);
        _process.ErrorDataReceived += (_, e) => Add(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal string Text
    {
        get { lock (_lock) { return _text.ToString(); } }
    }

    public void Dispose()
    {
        if (!_process.HasExited) { _process.Kill(entireProcessTree: true); }
        _process.Dispose();
    }

    /// <summary>Runs a program to its end, which must be a good one.</summary>
    internal static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        using var command = new Command(folder, program, arguments);
        var exitCode = await command.EndAsync();
        Assert.True(exitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {exitCode}:\n{command.Text}");
        return command.Text;
    }

    /// <summary>Waits for a line that contains a text; fails if the program ends without one.</summary>
    internal async Task WaitForAsync(string text)
    {
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_text.ToString().Contains(text, StringComparison.Ordinal)) { return; }
            _waiting.Add((text, came));
        }
        await Task.WhenAny(came.Task, _process.WaitForExitAsync(TestContext.Current.CancellationToken));
        Assert.True(came.Task.IsCompleted, $"expected a line with '{text}', got:\n{Text}");
    }

    internal async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Asks the program to end, as a service manager does.</summary>
    internal Task TerminateAsync() => RunAsync("/", "/bin/kill", "-TERM", _process.Id.ToString());

    /// <summary>True for settings of the build that runs the tests, which would confuse a build of its own.</summary>
    private static bool IsOfTheTestRun(string variable) =>
        variable.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || variable.StartsWith("VSTEST", StringComparison.Ordinal);

    private void Add(string? line)
    {
        if (line is null) { return; }
        lock (_lock)
        {
            _text.AppendLine(line);
            foreach (var (text, came) in _waiting)
            {
                if (line.Contains(text, StringComparison.Ordinal)) { came.TrySetResult(); }
            }
        }
    }
}
