using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;

namespace StreamLearn.Torch;

/// <summary>Inspects the code in a TorchScript archive for side effects.</summary>
internal static partial class ScriptFile
{
    private const int MaxCode = 16 << 20;

    /// <summary>Throws if the code keeps state across calls or draws its own random numbers.</summary>
    /// <exception cref="ArgumentException">The code does so, or the file is not a TorchScript archive or is damaged.</exception>
    internal static long Check(byte[] bytes, string name)
    {
        var (found, values) = (false, 0L);
        try
        {
            using var archive = new ZipArchive(new MemoryStream(bytes, writable: false));
            foreach (var entry in archive.Entries)
            {
                if (entry.Length > bytes.Length + MaxCode) { throw new InvalidDataException(); }     // code is compressed, values are not
                var content = new byte[entry.Length];
                using (var stream = entry.Open()) { stream.ReadExactly(content); }
                if (Crc32.HashToUInt32(content) != entry.Crc32)
                {
                    throw new ArgumentException($"{name}: expected an intact file, got a damaged entry {entry.FullName}");
                }

                if (!entry.FullName.EndsWith(".py", StringComparison.Ordinal))
                {
                    values += entry.Length;
                    continue;
                }

                found = true;
                CheckCode(Encoding.UTF8.GetString(content), name);
            }
        }
        catch (Exception problem) when (problem is InvalidDataException or EndOfStreamException or IOException) { found = false; }

        return found ? values : throw new ArgumentException($"{name}: expected a file of torch.jit.save, got one without code in it");
    }

    private static void CheckCode(string code, string name)
    {
        if (Kept().Match(code) is { Success: true } kept)
        {
            throw new ArgumentException($"{name}: expected a script without state between calls, got one that sets an attribute: "
                + kept.Value.Trim());
        }

        if (Draws().Match(code) is { Success: true } draw)
        {
            throw new ArgumentException($"{name}: expected a script without random numbers except dropout, got one with {draw.Value}…");
        }
    }

    /// <summary>Matches assignments to attributes; type declarations use a colon.</summary>
    [GeneratedRegex(@"^\s+\w+\.\w+ = .*$", RegexOptions.Multiline)]
    private static partial Regex Kept();

    [GeneratedRegex(@"torch\.(rand|randn|randint|randperm|rand_like|randn_like|randint_like|bernoulli|multinomial|normal|poisson|uniform"
        + @"|exponential|geometric|log_normal|cauchy|random|rrelu|seed|manual_seed)_?\(")]
    private static partial Regex Draws();
}
