using System.Text;
using System.Text.Json;
using Quickstart.Tests;
using Spectre.Console;
using StreamLearn.Testing;

namespace Tool.Tests;

/// <summary>
/// The tool in the process of the tests, for commands that need none of their own (<see cref="ProgramProcess"/>), most of whose time goes
/// into its start. Of <c>answer</c>, links and real threads, whose hosts leave the flow of calls, what they print is not taken up.
/// </summary>
internal static class ToolRun
{
    private static readonly ByFlow Outputs = new(Console.Out);
    private static readonly ByFlow Errors = new(Console.Error);

    static ToolRun()
    {
        Console.SetOut(Outputs);
        Console.SetError(Errors);
        AnsiConsole.Profile.Width = 40;         // too narrow for a live view, also where tests run in a terminal
    }

    /// <summary>Runs a command. What it writes goes elsewhere than into the folder of the tests.</summary>
    internal static Task<ProgramProcess> RunAsync(params string[] arguments) => Task.Run(() =>
    {
        using var folder = new TemporaryFolder();
        string[] to = arguments[0] is "fit" or "replay" && !arguments.Contains("--out") ? ["--out", folder.File("out")] : [];
        var (output, error) = (Outputs.Begin(), Errors.Begin());
        var exitCode = CommandLine.Run([.. arguments, .. to], TextReader.Null, Console.Out, Console.Error);
        return new ProgramProcess(exitCode, output.ToString(), error.ToString());
    });

    /// <summary>Runs with <c>--json</c> and gives what it wrote; the run must end with 0.</summary>
    internal static async Task<JsonElement> ResultAsync(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var run = await RunAsync([.. arguments, "--json", folder.File("result.json")]);
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}\n{run.Output}\n{run.Error}");
        return await folder.ResultAsync();
    }

    /// <summary>Text of a flow of calls that has begun one of its own; of others, where it went before.</summary>
    private sealed class ByFlow(TextWriter otherwise) : TextWriter
    {
        private readonly AsyncLocal<TextWriter?> _own = new();

        public override Encoding Encoding => otherwise.Encoding;

        private TextWriter Writer => _own.Value ?? otherwise;

        public override void Write(char value) => Writer.Write(value);

        public override void Write(string? value) => Writer.Write(value);

        public override void Write(char[] buffer, int index, int count) => Writer.Write(buffer, index, count);

        public override void Flush() => Writer.Flush();

        internal StringWriter Begin()
        {
            var text = new StringWriter();
            _own.Value = Synchronized(text);
            return text;
        }
    }
}
