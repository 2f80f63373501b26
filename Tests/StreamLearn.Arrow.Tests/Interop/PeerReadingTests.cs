using System.Diagnostics;
using StreamLearn.Testing;

namespace StreamLearn.Arrow.Tests;

/// <summary>
/// What we write is read by npm's apache-arrow 21.2.0: peer/verify.mjs compared every value of goldens/verified. Bytes that change ask for
/// it anew: run with STREAMLEARN_WRITE_GOLDENS=FOLDER, then <c>npm ci</c> and <c>node verify.mjs FOLDER</c> in peer, and keep the folder.
/// </summary>
public sealed class PeerReadingTests
{
    private static readonly InstalledProgram Node = new("node");

    private static string Verified => Path.Join(Golden.Folder, "verified");

    [Fact]
    public void What_is_written_has_the_bytes_that_another_implementation_has_read()
    {
        if (Environment.GetEnvironmentVariable("STREAMLEARN_WRITE_GOLDENS") is { Length: > 0 } folder)
        {
            foreach (var sample in WrittenSamples.Committed()) { sample.WriteTo(folder); }
            return;
        }

        foreach (var sample in WrittenSamples.Committed())
        {
            Assert.True(File.ReadAllBytes(Path.Join(Verified, sample.FileName)).AsSpan().SequenceEqual(sample.Bytes()), sample.FileName);
            Assert.Equal(File.ReadAllText(Path.Join(Verified, $"{sample.Name}.json")), sample.Json());
        }
    }

    [Fact]
    public void What_another_implementation_has_read_we_read_in_every_way()
    {
        foreach (var sample in WrittenSamples.Committed())
        {
            var (path, expected) = (Path.Join(Verified, sample.FileName), System.Text.Json.Nodes.JsonNode.Parse(sample.Json())!);
            using var stream = File.OpenRead(path);
            Golden.AssertSame(expected, Golden.ReadFromStart(stream));
            if (sample.Form == ArrowForm.File) { Golden.AssertSame(expected, Golden.ReadByFooter(path)); }
        }
    }

    /// <summary>In the long form, where Node and the package are installed; otherwise what it said of the same bytes is compared.</summary>
    [Fact]
    public async Task Another_implementation_reads_what_is_written_now()
    {
        if (!LongForm.IsAsked || Node.Path is not { } node || !Directory.Exists(Path.Join(Peer, "node_modules")))
        {
            What_is_written_has_the_bytes_that_another_implementation_has_read();
            return;
        }

        foreach (var rows in (int[])[1, 7, 64, 500])
        {
            var folder = Directory.CreateTempSubdirectory("streamlearn-arrow-");
            try
            {
                foreach (var sample in WrittenSamples.Of(rows)) { sample.WriteTo(folder.FullName); }
                var start = new ProcessStartInfo(node, ["verify.mjs", folder.FullName])
                {
                    WorkingDirectory = Peer,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                };
                using var process = Process.Start(start)!;
                var (said, wrong) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
                    process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);

                Assert.True(process.ExitCode == 0, $"{rows} rows:\n{await wrong}{await said}");
                Assert.Contains("0 differences", await said, StringComparison.Ordinal);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private static string Peer
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Join(folder, "StreamLearn.sln"))) { folder = Path.GetDirectoryName(folder)!; }
            return Path.Join(folder, "Tests", "StreamLearn.Arrow.Tests", "peer");
        }
    }
}
