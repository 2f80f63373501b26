using System.Diagnostics;

namespace Sensor.Tests;

/// <summary>Starts the programs as a user does.</summary>
internal static class Programs
{
    internal const string Sensor = "streamlearn-sensor";
    internal const string Aggregator = "streamlearn-aggregator";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    internal static StartedProgram Start(string program, params string[] arguments) => new(Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    internal static Task<(int ExitCode, string Output, string Error)> RunAsync(string program, params string[] arguments) =>
        EndAsync(Start(program, arguments));

    internal static async Task<(int ExitCode, string Output, string Error)> EndAsync(StartedProgram program)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await program.Process.WaitForExitAsync(patience.Token);
        return (program.Process.ExitCode, await program.Output, await program.Error);
    }

    internal static async Task<(int ExitCode, string Output, string Error)> StopAsync(StartedProgram program)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{program.Process.Id}"]);
        return await EndAsync(program);
    }
}

/// <summary>A program that was started.</summary>
internal sealed class StartedProgram(Process process) : IDisposable
{
    internal Process Process { get; } = process;

    internal Task<string> Output { get; } = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

    internal Task<string> Error { get; } = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

    public void Dispose()
    {
        if (!Process.HasExited) { Process.Kill(entireProcessTree: true); }
        Process.Dispose();
    }
}
