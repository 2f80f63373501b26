using StreamLearn.Models;

namespace StreamLearn.Onnx.Tests;

/// <summary>Files that are damaged or made by an attacker: read, or refused with the one exception, and nothing else.</summary>
public sealed class DamageTests
{
    public static TheoryData<string> Files => ["dense", "conv1d", "conv2d", "view", "mean", "matmul", "same", "lrn", "half"];

    /// <summary>A cut between two fields may leave a whole file; whatever is read has finite values.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_cut_at_any_byte_is_refused(string name)
    {
        var whole = File.ReadAllBytes(Golden.Path($"{name}.onnx"));
        var read = Enumerable.Range(0, whole.Length).Count(length => Reads(whole[..length]));

        Assert.Equal(0, read);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_with_any_byte_changed_is_read_or_refused(string name)
    {
        var bytes = File.ReadAllBytes(Golden.Path($"{name}.onnx"));
        var (read, refused) = (0, 0);
        for (var at = 0; at < bytes.Length; at++)
        {
            var old = bytes[at];
            foreach (var other in (ReadOnlySpan<byte>)[0, 0xFF, (byte)(old ^ 1), (byte)(old ^ 0x80)])
            {
                bytes[at] = other;
                if (Reads(bytes)) { read++; }
                else { refused++; }
            }

            bytes[at] = old;
        }

        Assert.True(read > 0 && refused > 0);
    }

    [Fact]
    public void Bytes_at_random_are_refused()
    {
        var random = new Random(17);
        var bytes = new byte[200];
        for (var i = 0; i < 2_000; i++)
        {
            random.NextBytes(bytes);
            Assert.False(Reads(bytes[..random.Next(bytes.Length)]));
        }
    }

    private static bool Reads(byte[] bytes)
    {
        try
        {
            var (network, weights, _) = OnnxFile.Load(bytes);
            Assert.Equal(network.Plan.Values, weights.Values.Length);
            Assert.All(weights.Values, static v => Assert.True(float.IsFinite(v)));
            return true;
        }
        catch (ModelFormatException)
        {
            return false;
        }
    }
}
