namespace Benchmarks;

/// <summary>The peers of the suite.</summary>
internal static class FeaturePeers
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Features", "peers");

    internal static IReadOnlyList<Peer> All { get; } =
    [
        new("numpy", () => Peers.Python("numpy", Path.Combine(Folder, "features_peer.py"))),
        new("c", () => Compiled("loops")),
        new("c.fast-math", () => Compiled("fast", "-ffast-math")),
    ];

    private static ProcessStartInfo Compiled(string name, params string[] more)
    {
        var program = Path.Combine(Folder, name);
        var start = new ProcessStartInfo("gcc") { RedirectStandardError = true };
        string[] arguments = ["-O3", "-march=native", "-w", .. more, "-o", program, Path.Combine(Folder, "features.c"), "-lm"];
        foreach (var argument in arguments) { start.ArgumentList.Add(argument); }
        using var gcc = Process.Start(start) ?? throw new BenchmarkException("gcc does not start");
        var errors = gcc.StandardError.ReadToEnd();
        gcc.WaitForExit();
        if (gcc.ExitCode != 0) { throw new BenchmarkException($"gcc: {errors.Split('\n')[0]}"); }
        return new(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
    }
}
