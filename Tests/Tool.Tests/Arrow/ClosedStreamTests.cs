using System.Diagnostics;
using StreamLearn.Arrow;

namespace Tool.Tests;

public sealed class ClosedStreamTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tool-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("decode - <&-", 1, "streamlearn: standard input is closed\n")]
    [InlineData("decode - <&- | cat", 0, "streamlearn: standard input is closed\n")]
    [InlineData("decode - </dev/null", 1, "streamlearn: standard input: message 1 at byte 0: expected a schema, got nothing\n")]
    [InlineData("decode run.arrow >&-", 1, "streamlearn: standard output is closed\n")]
    [InlineData("decode run.arrow <&- >&-", 1, "streamlearn: standard output is closed\n")]
    [InlineData("decode run.arrow <&- >/dev/null", 0, "")]
    [InlineData("decode - <run.arrow >/dev/null", 0, "")]
    public async Task A_closed_stream_is_one_line_and_no_wait(string command, int exitCode, string error) =>
        Assert.Equal((exitCode, "", error), await ShellAsync($"$tool {command}"));

    [Fact]
    public async Task A_pipe_is_read_and_one_that_is_closed_early_is_no_fault()
    {
        const string First = "{\"time\":\"2024-01-01T00:00:00.000000000Z\",\"x\":0,\"note\":\"\"}\n";

        Assert.Equal((0, First, ""), await ShellAsync("cat run.arrow 2>cat | $tool decode - --output jsonl | head -1"));
        Assert.Equal((0, First, "0\n"), await ShellAsync("{ $tool decode run.arrow --output jsonl; echo $? >&2; } | head -1"));
    }

    private async Task<(int ExitCode, string Output, string Error)> ShellAsync(string script)
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder, "run.arrow"),
            ArrowFiles.Bytes(ArrowForm.File, [.. Enumerable.Range(0, 20).Select(i => ArrowFiles.Pump(1000 * i, 1000))]),
            TestContext.Current.CancellationToken);
        var tool = Path.Combine(AppContext.BaseDirectory, "streamlearn-tool.dll");
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", $"tool='dotnet {tool}'; {script}"])
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60), TimeProvider.System);
        try
        {
            var (output, error) = (shell.StandardOutput.ReadToEndAsync(patience.Token), shell.StandardError.ReadToEndAsync(patience.Token));
            await shell.WaitForExitAsync(patience.Token);
            return (shell.ExitCode, await output, await error);
        }
        finally
        {
            if (!shell.HasExited) { shell.Kill(entireProcessTree: true); }
        }
    }
}
