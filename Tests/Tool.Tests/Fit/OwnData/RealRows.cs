using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using Quickstart.Tests;

namespace Tool.Tests;

/// <summary>Real recordings as rows, from the folder of <see cref="Recordings"/> and those beside it.</summary>
internal static class RealRows
{
    private static readonly string[] Activities = ["", "walking", "upstairs", "downstairs", "sitting", "standing", "laying",
        "stand to sit", "sit to stand", "sit to lie", "lie to sit", "stand to lie", "lie to stand"];

    /// <summary>The labels of more than transitions.</summary>
    internal static string[] Six => Activities[1..7];

    /// <summary>People with a smartphone at the waist, 50 Hz, labels of the six activities and of postural transitions.</summary>
    internal static VariantRows Har(string folder)
    {
        var bytes = Unpacked(Path.Combine(folder, "raw50hz.i16.gz"));
        var labels = new byte[bytes.Length / 12];
        var experiments = Lines(folder, "raw_experiments.csv");
        var offsets = experiments.ToDictionary(static e => e[0], static e => Number(e[2]));
        foreach (var label in Lines(folder, "raw_labels.csv"))
        {
            var begin = offsets[label[0]];
            labels.AsSpan(begin + Number(label[3]) - 1, Number(label[4]) - Number(label[3]) + 1).Fill((byte)Number(label[2]));
        }

        return new("har", ["acc x [gn]", "acc y [gn]", "acc z [gn]", "gyro x [rad/s]", "gyro y [rad/s]", "gyro z [rad/s]"], 50,
        [
            .. experiments.Select(e => new VariantPart($"p{e[1].PadLeft(2, '0')}",
                [.. Enumerable.Range(Number(e[2]), Number(e[3])).Select(row => Sample(bytes, row))],
                [.. Enumerable.Range(Number(e[2]), Number(e[3])).Select(row => Activities[labels[row]])])),
        ]);
    }

    /// <summary>Signal strengths between three nodes on a body, 4 Hz.</summary>
    internal static VariantRows Arem(string folder)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(folder, "arem.csv.gz")), CompressionMode.Decompress));
        var head = reader.ReadLine()!.Split(',');
        var rows = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Split(','));
        return new("arem", head[3..], 4,
        [
            .. rows.GroupBy(static r => (Activity: r[0], File: r[1])).Select(static g => new VariantPart($"r{g.Key.File.PadLeft(2, '0')}",
                [.. g.Select(static r => r[3..].Select(static v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray())],
                [.. g.Select(static r => r[0])])),
        ]);
    }

    /// <summary>Spoken digits of five people, 8 kHz.</summary>
    internal static VariantRows Digits(string folder, int takes)
    {
        var bytes = Unpacked(Path.Combine(folder, "fsdd_8khz.i16.gz"));
        return new("fsdd", ["sound"], 8000,
        [
            .. Lines(folder, "fsdd_index.csv").Where(r => Number(r[3]) < takes).Select(r => new VariantPart(r[2],
                [.. Enumerable.Range(Number(r[5]), Number(r[6])).Select(s => (float[])[Int16(bytes, s) / 32768f])],
                [.. Enumerable.Repeat(r[1], Number(r[6]))])),
        ]);
    }

    private static float[] Sample(byte[] bytes, int row) =>
        [.. Enumerable.Range(0, 6).Select(c => Int16(bytes, (6 * row) + c) * (float)(c < 3 ? 1 / 720.0 : 0.0175 * Math.PI / 180))];

    private static short Int16(byte[] bytes, int at) => BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(2 * at));

    private static List<string[]> Lines(string folder, string file) =>
        [.. File.ReadLines(Path.Combine(folder, file)).Skip(1).Where(static l => l.Length > 0)
            .Select(static l => l.TrimEnd('\r').Split(','))];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static byte[] Unpacked(string path)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
