using System.Diagnostics;

namespace StreamLearn.Arrow.Tests;

/// <summary>The scripts of the other implementation, where Node and the package are installed: <c>npm ci</c> in the folder peer.</summary>
internal static class Peer
{
    private static readonly InstalledProgram Node = new("node");

    /// <summary>True where the long form is asked and the scripts can be run.</summary>
    internal static bool IsAsked => LongForm.IsAsked && Node.Path is not null && Directory.Exists(Path.Join(Folder, "node_modules"));

    private static string Folder
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Join(folder, "StreamLearn.sln"))) { folder = Path.GetDirectoryName(folder)!; }
            return Path.Join(folder, "Tests", "StreamLearn.Arrow.Tests", "peer");
        }
    }

    /// <summary>Runs a script to its end, which must be a good one, and gives what it said.</summary>
    internal static async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Node.Required, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var cancelled = TestContext.Current.CancellationToken;
        var (said, wrong) = (process.StandardOutput.ReadToEndAsync(cancelled), process.StandardError.ReadToEndAsync(cancelled));
        await process.WaitForExitAsync(cancelled);
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)}:\n{await wrong}{await said}");
        return await said;
    }
}
