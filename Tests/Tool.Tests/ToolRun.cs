using Spectre.Console;

namespace Tool.Tests;

/// <summary>
/// The tool in the process of the tests, for commands that need none of their own (<see cref="ProgramProcess"/>), most of whose time goes
/// into its start. Of links and real threads, whose hosts leave the flow of calls, what they print is not captured: <c>answer</c>, which
/// has threads, is a process here, too.
/// </summary>
internal static class ToolRun
{
    // too narrow for a live view, also where tests run in a terminal
    static ToolRun() => AnsiConsole.Profile.Width = 40;

    internal static async Task<ProgramProcess> RunAsync(params string[] arguments)
    {
        if (arguments[0] == "answer") { return await ProgramProcess.RunAsync(arguments); }
        using var folder = new TemporaryFolder();
        string[] to = arguments[0] is "fit" or "replay" && !arguments.Contains("--out") ? ["--out", folder.File("out")] : [];
        var (exitCode, output, error) = await CapturedConsole.RunAsync(
            (output, error) => Task.FromResult(CommandLine.Run([.. arguments, .. to], TextReader.Null, output, error)));
        return new ProgramProcess(exitCode, output, error);
    }

    internal static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        var exitCode = CommandLine.Run(arguments, TextReader.Null, output, error);
        return (exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs with <c>--json</c> and gives what it wrote; the run must end with 0.</summary>
    internal static async Task<JsonElement> ResultAsync(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var run = await RunAsync([.. arguments, "--json", folder.File("result.json")]);
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}\n{run.Output}\n{run.Error}");
        return await folder.ResultAsync();
    }
}
