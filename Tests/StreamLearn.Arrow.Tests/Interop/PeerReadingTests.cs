using System.Text.Json.Nodes;

namespace StreamLearn.Arrow.Tests;

/// <summary>
/// What we write is read by npm's apache-arrow 21.2.0: peer/verify.mjs compared every value of goldens/verified. Bytes that change ask for
/// it anew: run with STREAMLEARN_WRITE_GOLDENS=FOLDER, then <c>npm ci</c> and <c>node verify.mjs FOLDER</c> in peer, and keep the folder.
/// </summary>
public sealed class PeerReadingTests
{
    private static IEnumerable<WrittenSample> Committed =>
        WrittenSamples.Of(9).Where(static s => s.Form == ArrowForm.File || s.Name == "codec");

    private static string Verified => Path.Join(Golden.Folder, "verified");

    [Fact]
    public void What_is_written_has_the_bytes_that_another_implementation_has_read()
    {
        if (Environment.GetEnvironmentVariable("STREAMLEARN_WRITE_GOLDENS") is { Length: > 0 } folder)
        {
            foreach (var sample in Committed) { sample.WriteTo(folder); }
        }
        else
        {
            foreach (var sample in Committed)
            {
                var verified = File.ReadAllBytes(Path.Join(Verified, sample.FileName));
                Assert.True(verified.AsSpan().SequenceEqual(sample.Bytes), sample.FileName);
                Assert.Equal(File.ReadAllText(Path.Join(Verified, $"{sample.Name}.json")), sample.Json());
            }
        }
    }

    [Fact]
    public void What_another_implementation_has_read_we_read_in_every_way()
    {
        foreach (var sample in Committed)
        {
            var (path, expected) = (Path.Join(Verified, sample.FileName), JsonNode.Parse(sample.Json())!);
            using var stream = File.OpenRead(path);
            Golden.AssertSame(expected, Golden.ReadFromStart(stream));
            if (sample.Form == ArrowForm.File) { Golden.AssertSame(expected, Golden.ReadByFooter(path)); }
        }
    }

    /// <summary>In the long form, where the other implementation is installed; otherwise what it has read is compared.</summary>
    [Fact]
    public async Task Another_implementation_reads_what_is_written_now()
    {
        if (!Peer.IsAsked) { What_is_written_has_the_bytes_that_another_implementation_has_read(); }
        else
        {
            foreach (var rows in (int[])[1, 7, 130])
            {
                using var folder = new TemporaryFolder();
                foreach (var sample in WrittenSamples.Of(rows)) { sample.WriteTo(folder.Path); }
                Assert.Contains(" 0 differences", await Peer.RunAsync("verify.mjs", folder.Path), StringComparison.Ordinal);
            }
        }
    }

    /// <summary>In the long form, where the other implementation is installed; otherwise what it has written is read.</summary>
    [Fact]
    public async Task What_another_implementation_writes_now_is_read()
    {
        if (!Peer.IsAsked) { AssertRead(Golden.Folder); }
        else
        {
            foreach (var more in (string[])["1", "117"])
            {
                using var folder = new TemporaryFolder();
                await Peer.RunAsync("make.mjs", folder.Path, more);
                AssertRead(folder.Path);
            }
        }
    }

    private static void AssertRead(string folder)
    {
        foreach (var path in Directory.GetFiles(folder, "*.arrow*"))
        {
            var expected = JsonNode.Parse(File.ReadAllText($"{path[..^Path.GetFileName(path).Length]}{Golden.NameOf(path)}.json"))!;
            using var stream = File.OpenRead(path);
            Golden.AssertSame(expected, path.EndsWith(".arrow", StringComparison.Ordinal)
                ? Golden.ReadByFooter(path) : Golden.ReadFromStart(stream));
        }
    }
}
