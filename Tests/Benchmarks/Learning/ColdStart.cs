using System.Diagnostics;
using System.Globalization;
using StreamLearn.Samples;

namespace Benchmarks;

/// <summary>From the start of a process to its first answer, and the memory that it has had by then.</summary>
internal static class ColdStart
{
    /// <summary>The argument that makes this program the process which is measured.</summary>
    internal const string Argument = "cold";

    /// <summary>Answers one row and says what it took.</summary>
    internal static int Run(TextWriter output)
    {
        var network = ReferenceModels.HarConv();
        var answer = new float[network.Plan.Outputs];
        network.Infer(network.Initial.Values.AsSpan(), new(new float[network.Plan.Input.Size], 1), answer, new());
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{answer[0]} {PeakKibibytes()} {Environment.CpuUsage.TotalTime.TotalSeconds}"));
        return 0;
    }

    internal static Sample Ours()
    {
        var program = Path.ChangeExtension(typeof(ColdStart).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null);
        var start = new ProcessStartInfo(program, Argument) { RedirectStandardOutput = true };
        start.Environment["DOTNET_TieredPGO"] = "0";        // as a device sets it that starts often: nothing is counted for later
        return Start(start);
    }

    internal static Contender Torch() => new("torch", () => Start(Peers.Python("torch", "torch_cold.py"))) { Look = Peers.Torch.Missing };

    /// <summary>Seconds from the start to the line with the answer.</summary>
    private static Sample Start(ProcessStartInfo start)
    {
        var from = Stopwatch.GetTimestamp();
        using var process = Process.Start(start) ?? throw new BenchmarkException($"{start.FileName} does not start");
        var line = process.StandardOutput.ReadLine()?.Split(' ');
        var seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
        process.WaitForExit();
        if (line is not [_, var kibibytes, var cpu]) { throw new BenchmarkException($"{start.FileName} gave no answer"); }
        return new(seconds, double.Parse(cpu, CultureInfo.InvariantCulture), double.NaN)
        {
            Details = new Dictionary<string, double> { ["peak_mib"] = double.Parse(kibibytes, CultureInfo.InvariantCulture) / 1024 },
        };
    }

    /// <summary>Source: Linux, <c>VmHWM</c>; elsewhere what the runtime knows.</summary>
    private static long PeakKibibytes()
    {
        const string File = "/proc/self/status";
        var line = System.IO.File.Exists(File)
            ? System.IO.File.ReadLines(File).FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
        return line is null
            ? Process.GetCurrentProcess().PeakWorkingSet64 / 1024
            : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
