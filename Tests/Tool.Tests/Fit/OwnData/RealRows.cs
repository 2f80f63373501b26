using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Tool.Tests;

/// <summary>Real recordings as rows, from the folder of <see cref="Recordings"/> and those beside it.</summary>
internal static class RealRows
{
    private static readonly string[] Activities = ["", "walking", "upstairs", "downstairs", "sitting", "standing", "laying",
        "stand to sit", "sit to stand", "sit to lie", "lie to sit", "stand to lie", "lie to stand"];

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

    /// <summary>Handwritten digits by writer: an image is a recording of 28 rows, each of which has 28 gray values.</summary>
    internal static VariantRows Mnist(string folder, int writers, int images)
    {
        const int Side = 28, Head = 16, LabelHead = 8;
        var (pixels, labels) = (Unpacked(Path.Combine(folder, "train-images-idx3-ubyte.gz")),
            Unpacked(Path.Combine(folder, "train-labels-idx1-ubyte.gz")));
        var writerOf = Unpacked(Path.Combine(folder, "train-writers.i16.gz"));
        return new("mnist", [.. Enumerable.Range(0, Side).Select(static c => $"gray {c}")], Side,
        [
            .. Enumerable.Range(0, labels.Length - LabelHead).GroupBy(i => Int16(writerOf, i)).Where(w => w.Count() >= images)
                .OrderBy(static w => w.Key).Take(writers).SelectMany(w => w.Take(images).Select(i => new VariantPart($"w{w.Key}",
                    [.. Enumerable.Range(Side * i, Side).Select(row => Floats(pixels.AsSpan(Head + (Side * row), Side)))],
                    [.. Enumerable.Repeat($"{labels[LabelHead + i]}", Side)]))),
        ]);
    }

    /// <summary>A water loop whose valve closes, 1 Hz; each experiment is a device.</summary>
    internal static VariantRows Skab(string folder)
    {
        var experiments = Enumerable.Range(0, 16).Select(e => (Name: $"e{e}",
            Rows: Fields(Path.Combine(folder, $"valve1/{e}.csv.gz"), ';')));
        return new("skab", ["acc 1", "acc 2", "current", "pressure", "temperature", "thermocouple", "voltage", "flow"], 1,
            [.. experiments.Select(static e => Part(e.Name, e.Rows, 1..9, static r => r[9] == "0.0" ? "normal" : "anomaly"))]);
    }

    /// <summary>An office, a row a minute; each day is a device.</summary>
    internal static VariantRows Occupancy(string folder)
    {
        string[] files = ["occupancy_datatest", "occupancy_datatraining", "occupancy_datatest2"];
        return new("occupancy", ["temperature", "humidity", "light", "co2", "humidity ratio"], 1 / 60.0,
        [
            .. files.SelectMany(f => Fields(Path.Combine(folder, $"{f}.csv.gz"), ',').GroupBy(static r => r[0][1..11])
                .Select(day => Part($"{f[^1]} {day.Key}", [.. day], 1..6, static r => r[6] == "1" ? "occupied" : "empty"))),
        ]);
    }

    /// <summary>An electricity market, a row each half an hour; each two weeks are a device.</summary>
    internal static VariantRows Electricity(string folder, int devices)
    {
        const int Rows = 14 * 48, First = 20_000;     // before, half of the columns are constant
        var rows = Fields(Path.Combine(folder, "electricity.csv.gz"), ',');
        return new("electricity", ["period", "nsw price", "nsw demand", "vic price", "vic demand", "transfer"], 1 / 1800.0,
        [
            .. Enumerable.Range(0, devices).Select(d => Part($"weeks {d}", rows.GetRange(First + (d * Rows), Rows), 0..6,
                static r => r[6] == "1" ? "up" : "down")),
        ]);
    }

    private static VariantPart Part(string device, List<string[]> rows, Range columns, Func<string[], string> label) => new(device,
        [.. rows.Select(r => r[columns].Select(static v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray())],
        [.. rows.Select(label)]);

    internal static IEnumerable<string> GzLines(string path) =>
        Encoding.UTF8.GetString(Unpacked(path)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.TrimEnd('\r'));

    private static List<string[]> Fields(string path, char delimiter) => [.. GzLines(path).Skip(1).Select(l => l.Split(delimiter))];

    private static float[] Floats(ReadOnlySpan<byte> bytes)
    {
        var values = new float[bytes.Length];
        for (var i = 0; i < values.Length; i++) { values[i] = bytes[i]; }
        return values;
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
