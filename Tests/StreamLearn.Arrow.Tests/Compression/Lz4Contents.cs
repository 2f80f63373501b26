using System.Runtime.InteropServices;

namespace StreamLearn.Arrow.Tests;

/// <summary>Content of many kinds, and damage.</summary>
internal static class Lz4Contents
{
    /// <summary>Zeros, noise, text, floats, and repeats at small and large distances.</summary>
    internal static IEnumerable<byte[]> Of(int length, Random random)
    {
        yield return new byte[length];
        var noise = new byte[length];
        random.NextBytes(noise);
        yield return noise;
        yield return Text(length);
        yield return Floats(length, i => MathF.Sin(i / 100f));
        yield return Floats(length, i => MathF.Round(MathF.Sin(i / 30f) * 100));
        yield return Floats(length, i => i / 7);
        for (var period = 1; period <= 20; period++)
        {
            if (length <= 1000 || period is 3 or 7 or 17) { yield return Repeats(length, period, random); }
        }
        yield return Repeats(length, 65_534, random);
        yield return Repeats(length, 65_535, random);
        yield return Repeats(length, 65_536, random);
        yield return Mixed(length, random);
    }

    /// <summary>Changes, adds, or takes away a byte, or ends early.</summary>
    internal static void Damage(ref byte[] bytes, Random random)
    {
        if (bytes.Length == 0) { return; }
        var at = random.Next(bytes.Length);
        switch (random.Next(10))
        {
            case 0: bytes = [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]]; break;
            case 1: bytes = [.. bytes[..at], .. bytes[(at + 1)..]]; break;
            case 2: bytes = bytes[..at]; break;
            case 3: bytes[at] = byte.MaxValue; break;
            case 4: bytes[at] = 0; break;
            case 5: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            default: bytes[at] = (byte)random.Next(256); break;
        }
    }

    private static byte[] Text(int length)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < length; i++) { text.Append(i).Append($": sensor {i % 13} says {i * (long)i % 97}\n"); }
        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    private static byte[] Floats(int length, Func<int, float> value)
    {
        var values = new float[(length / sizeof(float)) + 1];
        for (var i = 0; i < values.Length; i++) { values[i] = value(i); }
        return MemoryMarshal.AsBytes(values.AsSpan())[..length].ToArray();
    }

    private static byte[] Repeats(int length, int period, Random random)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes.AsSpan(0, Math.Min(length, period)));
        for (var i = period; i < length; i++) { bytes[i] = bytes[i - period]; }
        return bytes;
    }

    /// <summary>Stretches of noise and of what came before, of all lengths.</summary>
    private static byte[] Mixed(int length, Random random)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var count = Math.Min(random.Next(1, 1 << random.Next(1, 10)), length - at);
            if (at == 0 || random.Next(2) == 0) { random.NextBytes(bytes.AsSpan(at, count)); }
            else
            {
                var offset = random.Next(1, Math.Min(at, 1 << random.Next(1, 17)) + 1);
                for (var i = at; i < at + count; i++) { bytes[i] = bytes[i - offset]; }
            }
            at += count;
        }
        return bytes;
    }
}
