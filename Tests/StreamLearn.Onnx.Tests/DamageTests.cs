using StreamLearn.Models;
using StreamLearn.Samples;
using StreamLearn.Testing;

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

    /// <summary>One to eight changes: bytes, runs of bytes, parts left out, doubled, or of another file. 10,000 files in the long
    /// form.</summary>
    [Fact]
    public void A_file_with_several_changes_is_read_or_refused_in_little_memory()
    {
        var har = HarNetwork.Create();
        byte[][] files = [
            .. Files.Select(static f => File.ReadAllBytes(Golden.Path($"{f.Data}.onnx"))), OtherRuntime.Saved(har, har.Initial),
            .. Windows.Select(static w => WithWindow(w.Data))];
        var (random, read, most) = (new Random(23), 0, 0L);
        for (var i = 0; i < (LongForm.IsAsked ? 10_000 : 400); i++)
        {
            var bytes = files[i % files.Length];
            for (var change = random.Next(1, 9); change > 0; change--) { bytes = Changed(bytes, files[random.Next(files.Length)], random); }
            var before = GC.GetAllocatedBytesForCurrentThread();
            if (Reads(bytes)) { read++; }
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.True(read > 0);
        Assert.InRange(most, 0, 256L << 20);
    }

    public static TheoryData<string> Windows => ["features", "motion", "value", "rocket", "conv", "lags"];

    /// <summary>What comes before the network has no layer: it is said that this is so, whatever the nodes.</summary>
    [Theory]
    [MemberData(nameof(Windows))]
    public void A_file_of_windows_is_refused_by_what_it_has_before_the_network(string name)
    {
        var refused = Assert.Throws<ModelFormatException>(() => OnnxFile.Load(WithWindow(name)));
        Assert.Contains("ONNX: expected only a network, got one with windows", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--network-only", refused.Message, StringComparison.Ordinal);
    }

    private static byte[] WithWindow(string name)
    {
        var made = PreparedWindows.Of(name, 2);
        return OtherRuntime.Saved(made.Network, made.Weights, made.Card, new() { Window = WindowSaveTests.WindowOf(made) });
    }

    private static byte[] Changed(byte[] bytes, byte[] other, Random random)
    {
        if (bytes.Length == 0) { return other; }
        var at = random.Next(bytes.Length);
        var length = Math.Min(random.Next(1, random.Next(2, 40)), bytes.Length - at);
        byte[] part = random.Next(6) switch
        {
            0 => [(byte)random.Next(256)],
            1 => [(byte)(bytes[at] ^ (1 << random.Next(8)))],
            2 => [.. Enumerable.Repeat((byte)0xFF, length)],
            3 => [],
            4 => [.. bytes[at..(at + length)], .. bytes[at..(at + length)]],
            _ => other[Math.Min(at, other.Length)..Math.Min(at + length, other.Length)],
        };
        return [.. bytes[..at], .. part, .. bytes[(at + (part.Length == 1 ? 1 : length))..]];
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
        catch (ModelFormatException) { return false; }
    }
}
