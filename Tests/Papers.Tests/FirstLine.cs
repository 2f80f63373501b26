using System.Diagnostics;
using StreamLearn.Testing;

namespace TauDemo.Tests;

/// <summary>The program with a reader that leaves after a line, as <c>head -1</c> does.</summary>
internal static class FirstLine
{
    /// <summary>Runs it, and waits for its end with 0.</summary>
    /// <param name="arguments">Its command line.</param>
    /// <returns>The line, and what it wrote to standard error.</returns>
    internal static async Task<(string Line, string Errors)> OfAsync(params string[] arguments)
    {
        var canceled = TestContext.Current.CancellationToken;
        var program = Path.Combine(AppContext.BaseDirectory, "TauDemo.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(canceled);
            var line = await process.StandardOutput.ReadLineAsync(canceled).AsTask().WaitAsync(ServerProcess.Patience, canceled);
            process.StandardOutput.Close();
            await process.WaitForExitAsync(canceled).WaitAsync(ServerProcess.Patience, canceled);
            Assert.Equal(0, process.ExitCode);
            return (line!, await errors);
        }
        finally
        {
            if (!process.HasExited) { process.Kill(); }
        }
    }
}
