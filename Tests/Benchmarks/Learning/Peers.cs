namespace Benchmarks;

/// <summary>The peers of the suite, each a script or a source beside the benchmarks.</summary>
internal static class Peers
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Learning", "peers");
    private static string Source => Path.Combine(Folder, "plain.c");

    /// <summary>PyTorch by TorchSharp, in this process.</summary>
    internal static TorchPeer Torch { get; } = new();

    /// <summary>numpy, over the OpenBLAS that it is linked with.</summary>
    internal static Peer Numpy { get; } = new("numpy", () => Python("numpy", "numpy_peer.py"));

    /// <summary>Plain loops in C, compiled for this processor.</summary>
    internal static Peer Plain { get; } = new("c", () => Compiled(Path.Combine(Folder, "loops"), Source, "-DLOOPS"));

    /// <summary>C written for these sizes and no others, by hand in vectors and blocks: for orientation.</summary>
    internal static Peer Tuned { get; } = new("c.tuned", () => Compiled(Path.Combine(Folder, "tuned"), Source, "-UTUNED"));

    /// <summary>How to start Python for a script, in the environment that is best for one thread.</summary>
    internal static ProcessStartInfo Python(string module, string script)
    {
        const string Debians = "/usr/bin/python3";
        var start = new ProcessStartInfo(File.Exists(Debians) ? Debians : "python3")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OPENBLAS_NUM_THREADS"] = start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["MALLOC_MMAP_THRESHOLD_"] = start.Environment["MALLOC_TRIM_THRESHOLD_"] = (1L << 32).ToString();
        start.Environment.Remove("OPENBLAS_CORETYPE");      // a pinned old core type halves its speed
        start.Environment.Remove("OPENBLAS_L2_SIZE");
        using var look = Process.Start(With(start, "-c", $"import importlib.util as u; print(u.find_spec('{module}') is not None)"))
            ?? throw new BenchmarkException("python3 does not start");
        var found = look.StandardOutput.ReadToEnd().Trim() == "True";
        return found ? With(start, Path.Combine(Folder, script)) : throw new BenchmarkException($"python3 has no module '{module}'");
    }

    private static ProcessStartInfo With(ProcessStartInfo start, params string[] arguments)
    {
        start.ArgumentList.Clear();
        foreach (var argument in arguments) { start.ArgumentList.Add(argument); }
        return start;
    }

    /// <summary>How to start a program in C, compiled for this processor.</summary>
    internal static ProcessStartInfo Compiled(string program, string source, string define, params string[] libraries)
    {
        string[] arguments = ["-O3", "-march=native", "-ffast-math", "-w", define, "-o", program, source, "-lm", .. libraries];
        var start = new ProcessStartInfo("gcc") { RedirectStandardError = true };
        using var gcc = Process.Start(With(start, arguments)) ?? throw new BenchmarkException("gcc does not start");
        var errors = gcc.StandardError.ReadToEnd();
        gcc.WaitForExit();
        if (gcc.ExitCode != 0) { throw new BenchmarkException($"gcc: {errors.Split('\n')[0]}"); }
        return new(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
    }
}
