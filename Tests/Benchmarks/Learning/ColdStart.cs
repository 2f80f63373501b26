using TorchSharp;

namespace Benchmarks;

/// <summary>From the start of a process to its first answer, and the memory that it has had by then.</summary>
internal static class ColdStart
{
    /// <summary>The argument that makes this program the process which is measured.</summary>
    internal const string Argument = "cold";

    /// <summary>The same for PyTorch, by TorchSharp.</summary>
    internal const string TorchArgument = "cold-torch";

    /// <summary>Answers one row and says what it took.</summary>
    internal static int Run(TextWriter output)
    {
        var network = ReferenceModels.HarConv();
        var answer = new float[network.Plan.Outputs];
        network.Infer(network.Initial.Values.AsSpan(), new(new float[network.Plan.Input.Size], 1), answer, new());
        return Say(answer[0], output);
    }

    /// <summary>Answers one row by PyTorch and says what it took.</summary>
    internal static int RunTorch(TextWriter output)
    {
        if (TorchPeer.Missing() is { } reason) { throw new BenchmarkException(reason); }
        var net = TorchNet.Of(BenchmarkModels.C);
        net.eval();
        using var inference = torch.inference_mode();
        return Say(torch.nn.functional.softmax(net.call(TorchNet.Rows(BenchmarkModels.C, 0, 1)), 1)[0, 0].ToSingle(), output);
    }

    private static int Say(float answer, TextWriter output)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{answer} {PeakKibibytes()} {Environment.CpuUsage.TotalTime.TotalSeconds}"));
        return 0;
    }

    internal static Sample Ours() => Start(Program(Argument));
    internal static Contender Torch() => new("torch", () => Start(Program(TorchArgument))) { Look = TorchPeer.Missing };

    private static ProcessStartInfo Program(string argument)
    {
        var program = Path.ChangeExtension(typeof(ColdStart).Assembly.Location, OperatingSystem.IsWindows() ? ".exe" : null);
        var start = new ProcessStartInfo(program, argument) { RedirectStandardOutput = true };
        start.Environment["DOTNET_TieredPGO"] = "0";        // as a device sets it that starts often: nothing is counted for later
        return start;
    }

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
