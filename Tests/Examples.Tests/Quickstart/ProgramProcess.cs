using System.Diagnostics;
using System.Text;

namespace Examples.Tests;

/// <summary>Runs the built program as a user does: the Quickstart or, where it is not beside the tests, the tool.</summary>
internal sealed class ProgramProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    private static readonly string Program = new[] { "Quickstart.dll", "streamlearn-tool.dll" }
        .Select(static name => Path.Combine(AppContext.BaseDirectory, name)).First(File.Exists);

    internal ProgramProcess(int exitCode, string output, string error) => (ExitCode, Output, Error) = (exitCode, output, error);

    internal int ExitCode { get; }

    internal string Output { get; }

    internal string Error { get; }

    internal static Task<ProgramProcess> RunAsync(params string[] arguments) => RunAsync([], arguments);

    internal static Task<ProgramProcess> RunAsync(Dictionary<string, string> environment, params string[] arguments) =>
        RunAsync(environment, static _ => Task.CompletedTask, arguments);

    internal static Task<ProgramProcess> RunAsync(
        Dictionary<string, string> environment, Func<string, Task> onLine, params string[] arguments) =>
        RunAsync(environment, (_, line) => onLine(line), arguments);

    internal static Task<ProgramProcess> RunAsync(
        Dictionary<string, string> environment, Func<Process, string, Task> onLine, params string[] arguments) =>
        RunAsync("dotnet", [Program, .. arguments], environment, onLine);

    /// <summary><paramref name="redirection"/>: such as <c>&gt; /dev/full</c>.</summary>
    internal static Task<ProgramProcess> RedirectedAsync(
        string redirection, string arguments, Dictionary<string, string>? environment = null) =>
        RunAsync("sh", ["-c", $"exec dotnet '{Program}' {arguments} {redirection}"], environment ?? [],
            static (_, _) => Task.CompletedTask);

    private static async Task<ProgramProcess> RunAsync(
        string program, string[] words, Dictionary<string, string> environment, Func<Process, string, Task> onLine)
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo(program, words)
        {
            WorkingDirectory = folder.Path,         // where out/ goes unless told otherwise
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) { start.Environment[name] = value; }
        using var process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var output = ReadAsync(process.StandardOutput, line => onLine(process, line), patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return new(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) { process.Kill(entireProcessTree: true); }
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, Func<string, Task> onLine, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            text.Append(line).Append('\n');
            await onLine(line);
        }

        return text.ToString();
    }

    /// <summary>Runs with <c>--json</c> and gives what it wrote; the run must end with 0.</summary>
    internal static async Task<JsonElement> ResultAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("result.json");
        var run = await RunAsync(environment, [.. arguments, "--json", file]);
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}\n{run.Output}\n{run.Error}");
        return JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).RootElement;
    }
}

internal static class LeftFiles
{
    internal static Task<string> ReadAsync(this TemporaryFolder folder, string name) =>
        File.ReadAllTextAsync(folder.File(name), TestContext.Current.CancellationToken);

    internal static async Task<JsonElement> ResultAsync(this TemporaryFolder folder) =>
        JsonDocument.Parse(await folder.ReadAsync("result.json")).RootElement;
}
