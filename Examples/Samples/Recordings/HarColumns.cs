using System.Buffers.Text;
using System.Text;

namespace StreamLearn.Samples;

/// <summary>Reads three columns of decimals as integer sensor steps: published decimals are multiples of these to within 0.002. About 0.15
/// µs per row, no strings.</summary>
internal static class HarColumns
{
    internal const int Axes = HarRecordings.ChannelCount / 2;

    internal static short[] Read(string directory, string file, double step, string unit)
    {
        var rest = Bytes(directory, file);
        var samples = new short[Axes * (rest.Count((byte)'\n') + 1)];
        var count = 0;
        for (var line = 1; !rest.IsEmpty; line++)
        {
            var end = rest.IndexOf((byte)'\n');
            var row = Trimmed(end < 0 ? rest : rest[..end]);
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (row.IsEmpty) { continue; }
            if (!TryRead(row, step, samples.AsSpan(count, Axes)))
            {
                throw HarFolder.Malformed(file, line,
                    $"three decimals from {short.MinValue * step:0.##} to {short.MaxValue * step:0.##} {unit}",
                    Encoding.UTF8.GetString(row[..Math.Min(row.Length, 80)]).ReplaceLineEndings(" "));
            }

            count += Axes;
        }

        return count > 0 ? samples[..count] : throw new HarFormatException(
            $"{Path.Combine(directory, file)} is empty, expected a row of three decimals for each sample: {HarFolder.Restore}");
    }

    private static ReadOnlySpan<byte> Bytes(string directory, string file)
    {
        using var stream = HarFolder.OpenFile(directory, file);
        if (stream.Length > int.MaxValue / 2)
        {
            throw new HarFormatException($"{Path.Combine(directory, file)} is larger than 1 GiB, and no recording is: "
                + $"{HarFolder.Restore}");
        }

        var bytes = new byte[(int)stream.Length];
        stream.ReadExactly(bytes);
        return bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes;
    }

    private static bool TryRead(ReadOnlySpan<byte> row, double step, Span<short> axes)
    {
        for (var axis = 0; axis < axes.Length; axis++)
        {
            if (!Utf8Parser.TryParse(row, out double value, out var used)) { return false; }
            var steps = Math.Round(value / step);
            if (!(steps is >= short.MinValue and <= short.MaxValue)) { return false; }
            axes[axis] = (short)steps;
            if (used < row.Length && row[used] is not ((byte)' ' or (byte)'\t')) { return false; }
            row = Trimmed(row[used..]);
        }

        return row.IsEmpty;
    }

    private static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> text) => text.Trim(" \t\r"u8);
}
