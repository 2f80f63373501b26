using System.Security.Cryptography;
using System.Text;

namespace StreamLearn.Models.Tests;

/// <summary>Small networks with all that a card can say, and files that were changed by someone who knows how to put the hashes
/// right.</summary>
internal static class ModelFileCase
{
    internal const int Zeros = 64;

    internal static Network Network { get; } = new(
        new(2, 6),
        3,
        [new Scale(), new Conv1d(2, 3), new Relu()],
        [new(1, new Sequential(new GlobalMean(), new Dense(3)), 0.5f), new(2, new Dense(3))],
        7,
        [Field.Channel("acc_x", Unit.StandardGravity), Field.Channel("gyro_x", Unit.RadianPerSecond)]);

    internal static ModelCard Card { get; } = new()
    {
        Channels = Network.Plan.Features,
        Labels = ["walking", "sitting \"still\"", "lying\n下"],
        ExitRule = new(ExitMeasure.Probability, [float.PositiveInfinity]) { Temperature = 1.5f },
        ExitPlan = ExitPlan.Of(Network, new(ExitMeasure.Entropy, [0.3f])),
        Provenance = ImmutableSortedDictionary<string, string>.Empty.Add("trained-on", "har").Add("rounds", "12").Add("Notes", ""),
    };

    /// <summary>Values of quarters, the same on every machine.</summary>
    internal static Weights Weights { get; } = new()
    {
        Version = 41,
        SchemaHash = Network.Plan.SchemaHash,
        Values = [.. Enumerable.Range(0, Network.Plan.Values).Select(i => (i - 20) / 4f)],
        Scale = new(17, [0.1, -2.5e-7], [1e9, 3]),
    };

    internal static byte[] File { get; } = ModelFile.Save(Network, Weights, Card);
    internal static int HeaderBytes(byte[] file) => (int)BitConverter.ToUInt64(file);
    internal static string Header(byte[] file) => Encoding.UTF8.GetString(file, 8, HeaderBytes(file));

    /// <summary>The file with a text of its header replaced, and with hashes that say that nothing is wrong.</summary>
    internal static byte[] Forged(string from, string to) => Forged(File, from, to);

    /// <inheritdoc cref="Forged(string, string)" />
    internal static byte[] Forged(byte[] file, string from, string to)
    {
        var header = Header(file);
        Assert.Contains(from, header, StringComparison.Ordinal);
        return Forged(header.Replace(from, to, StringComparison.Ordinal), file.AsSpan(8 + HeaderBytes(file)));
    }

    /// <summary>A file of a header and values, with hashes that fit.</summary>
    internal static byte[] Forged(string header, ReadOnlySpan<byte> values)
    {
        header = WithHash(header, "\"sha256\":\"", Convert.ToHexStringLower(SHA256.HashData(values)));
        header = WithHash(header, "\"header-sha256\":\"", new('0', Zeros));
        header = WithHash(header, "\"header-sha256\":\"", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(header))));
        var bytes = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((ulong)bytes.Length), .. bytes, .. values];
    }

    internal static void Same(Weights expected, Weights got)
    {
        Assert.Equal((expected.Version, expected.SchemaHash), (got.Version, got.SchemaHash));
        Assert.Equal(expected.Values.Select(BitConverter.SingleToInt32Bits), got.Values.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(expected.Scale?.Count, got.Scale?.Count);
        Assert.Equal(expected.Scale?.Mean, got.Scale?.Mean);
        Assert.Equal(expected.Scale?.M2, got.Scale?.M2);
    }

    private static string WithHash(string header, string key, string hash)
    {
        var at = header.IndexOf(key, StringComparison.Ordinal);
        return at < 0 ? header : $"{header[..(at + key.Length)]}{hash}{header[(at + key.Length + Zeros)..]}";
    }
}
