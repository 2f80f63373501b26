using System.Collections.Concurrent;
using System.Diagnostics;
using Aggregator;

namespace Sensor.Tests;

/// <summary>Starts the programs as a user does, or runs their commands in the process of the tests.</summary>
internal static partial class Programs
{
    internal const string Sensor = "streamlearn-sensor";
    internal const string Aggregator = "streamlearn-aggregator";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Samples = new(StringComparer.Ordinal);

    /// <summary>What <c>config init</c> of a program prints; it is asked once.</summary>
    internal static Task<string> SampleAsync(string program) => Samples.GetOrAdd(program, static p => new(async () =>
    {
        var (exitCode, output, error) = await RunAsync(p, "config", "init");
        Assert.Equal((0, ""), (exitCode, error));
        return output;
    })).Value;

    internal static StartedProgram Start(string program, params string[] arguments) => new(Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    /// <summary>Runs a command: in a process of its own where pipelines run.</summary>
    internal static Task<(int ExitCode, string Output, string Error)> RunAsync(string program, params string[] arguments) =>
        arguments[0] is "run" or "once" || program is not (Sensor or Aggregator) ? EndAsync(Start(program, arguments))
            : HereAsync(program, arguments);

    internal static async Task<(int ExitCode, string Output, string Error)> HereAsync(string program, params string[] arguments)
    {
        var run = await CapturedConsole.RunAsync(
            (output, _) => program == Sensor ? SensorCommands.RunAsync(arguments, output) : AggregatorCommands.RunAsync(arguments, output),
            static writer => new PrintableWriter(writer));
        return run with { Error = run.Error.Replace("Sensor.Tests: ", $"{program}: ", StringComparison.Ordinal) };     // of the process
    }

    internal static async Task<(int ExitCode, string Output, string Error)> EndAsync(StartedProgram program)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await program.Process.WaitForExitAsync(patience.Token);
        return (program.Process.ExitCode, await program.Output, SlowConnection().Replace(await program.Error, "$1"));
    }

    /// <summary>A program says so if its first connection takes three seconds, as it may on a loaded machine.</summary>
    [GeneratedRegex(@"streamlearn-\w+: \S+ is not reached: no answer; .*\n((?:.*\n)*?)streamlearn-\w+: \S+ is connected\n")]
    private static partial Regex SlowConnection();

    internal static async Task<(int ExitCode, string Output, string Error)> StopAsync(StartedProgram program)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{program.Process.Id}"]);
        return await EndAsync(program);
    }
}

internal sealed class StartedProgram : IDisposable
{
    private readonly StringBuilder _output = new(), _error = new();

    internal StartedProgram(Process process)
    {
        Process = process;
        Error = ReadAsync(process.StandardError, _error);
        Output = ReadAsync(process.StandardOutput, _output);
    }

    internal Process Process { get; }

    internal Task<string> Output { get; }

    internal Task<string> Error { get; }

    internal Task UntilSaysAsync(string text) => UntilAsync(_output, text);

    internal Task UntilComplainsAsync(string text) => UntilAsync(_error, text);

    public void Dispose()
    {
        if (!Process.HasExited) { Process.Kill(entireProcessTree: true); }
        Process.Dispose();
    }

    internal string Written() => Written(_output);

    private async Task UntilAsync(StringBuilder written, string text)
    {
        while (!Written(written).Contains(text, StringComparison.Ordinal))
        {
            if (Output.IsCompleted) { Assert.Contains(text, $"{await Output}{await Error}", StringComparison.Ordinal); }
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static string Written(StringBuilder text)
    {
        lock (text) { return text.ToString(); }
    }

    private static async Task<string> ReadAsync(StreamReader from, StringBuilder to)
    {
        var some = new char[1024];
        while (await from.ReadAsync(some, TestContext.Current.CancellationToken) is > 0 and var read)
        {
            lock (to) { to.Append(some, 0, read); }
        }

        return Written(to);
    }
}
