namespace Benchmarks;

/// <summary>Peers that run on Node.js, fetched when they are asked for first.</summary>
internal static class NodePeer
{
    /// <summary>How to start a script that needs packages, all of one version.</summary>
    internal static ProcessStartInfo Of(string package, string version, string script, params ReadOnlySpan<string> more)
    {
        var packages = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
            "streamlearn-peers");
        foreach (var name in (ReadOnlySpan<string>)[package, .. more])
        {
            if (!Directory.Exists(Path.Combine(packages, "node_modules", name))) { Install(packages, $"{name}@{version}"); }
        }
        var start = new ProcessStartInfo("node", ["--expose-gc", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NODE_PATH"] = Path.Combine(packages, "node_modules");
        return start;
    }

    private static void Install(string packages, string wanted)
    {
        Directory.CreateDirectory(packages);
        var start = new ProcessStartInfo("npm", ["install", "--silent", "--no-audit", "--no-fund", "--prefix", packages, wanted])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var npm = Process.Start(start) ?? throw new BenchmarkException("npm does not start");
        var errors = npm.StandardError.ReadToEndAsync();
        npm.StandardOutput.ReadToEnd();
        npm.WaitForExit();
        if (npm.ExitCode != 0) { throw new BenchmarkException($"npm has no {wanted} for us: {errors.Result.Split('\n')[0]}"); }
    }
}
