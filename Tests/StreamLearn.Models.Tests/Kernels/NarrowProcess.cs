using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models.Tests;

/// <summary>A test in a process of its own, whose vectors are narrower; it answers with lines.</summary>
internal static class NarrowProcess
{
    private const string AnswerFile = "STREAMLEARN_WIDTH_ANSWER";

    internal static int Widest => Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    internal static async Task<(int Widest, string[] Lines)> RunAsync(
        string assembly, string test, string variable, string value, TimeSpan patience)
    {
        var answer = Path.GetTempFileName();
        try
        {
            string[] arguments = [Path.Combine(AppContext.BaseDirectory, assembly), "-method", test];
            var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
            (start.Environment[variable], start.Environment[AnswerFile]) = (value, answer);
            using var process = Process.Start(start)!;
            using var canceled = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            canceled.CancelAfter(patience);
            try
            {
                var output = await process.StandardOutput.ReadToEndAsync(canceled.Token);
                await process.WaitForExitAsync(canceled.Token);
                Assert.True(process.ExitCode == 0, output);
            }
            finally
            {
                if (!process.HasExited) { process.Kill(entireProcessTree: true); }
            }

            var lines = await File.ReadAllLinesAsync(answer, TestContext.Current.CancellationToken);
            return (int.Parse(lines[0], CultureInfo.InvariantCulture), lines[1..]);
        }
        finally
        {
            File.Delete(answer);
        }
    }

    /// <summary>Answers, in a process that was started so.</summary>
    internal static void Answer(string[] lines)
    {
        if (Environment.GetEnvironmentVariable(AnswerFile) is not { Length: > 0 } file) { return; }
        File.WriteAllLines(file, [Widest.ToString(CultureInfo.InvariantCulture), .. lines]);
    }
}
