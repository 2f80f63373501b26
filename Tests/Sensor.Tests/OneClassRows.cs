using System.Buffers.Binary;
using System.IO.Compression;

namespace Sensor.Tests;

/// <summary>Rows of devices that have one class each, a file for each below <c>learn</c>, of all in <c>unseen.csv</c>.</summary>
internal static class OneClassRows
{
    private static readonly string[] Activities = ["", "walking", "upstairs", "downstairs", "sitting", "standing", "laying"];
    private static readonly int[] UnseenPeople = [2, 4, 9, 10, 12, 13, 18, 20, 24];

    /// <summary>Six activities of people at 50 Hz, two devices for each: with those of odd and of even numbers.</summary>
    internal static void Har(string data, string to)
    {
        using var unpacked = new MemoryStream();
        using (var packed = new GZipStream(File.OpenRead(Path.Join(data, "raw50hz.i16.gz")), CompressionMode.Decompress))
        {
            packed.CopyTo(unpacked);
        }

        var samples = unpacked.GetBuffer();
        var offsets = Lines(data, "raw_experiments.csv").ToDictionary(static e => e[0], static e => Number(e[2]));
        Write(to, "acc x [gn],acc y [gn],acc z [gn],gyro x [rad/s],gyro y [rad/s],gyro z [rad/s]", 20,
            Lines(data, "raw_labels.csv").Where(static l => Number(l[2]) < Activities.Length).Select(l => new Recording(
                UnseenPeople.Contains(Number(l[1])) ? null : $"{Activities[Number(l[2])]}{Number(l[1]) % 2}", Activities[Number(l[2])],
                [.. Enumerable.Range(offsets[l[0]] + Number(l[3]), Number(l[4]) - Number(l[3])).Select(row => Enumerable.Range(0, 6)
                    .Select(c => BinaryPrimitives.ReadInt16LittleEndian(samples.AsSpan((12 * row) + (2 * c))) / (c < 3 ? 8192.0 : 2048.0))
                    .ToArray())])));
    }

    /// <summary>Six activities at 4 Hz by the signals between three radio nodes, two devices for each: with recordings of odd and of even
    /// numbers.</summary>
    internal static void Arem(string data, string to)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Join(data, "arem.csv.gz")), CompressionMode.Decompress));
        reader.ReadLine();
        Write(to, "a12,v12,a13,v13,a23,v23", 250, reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static l => l.Split(',')).GroupBy(static r => (Activity: r[0], File: Number(r[1]))).Select(static g =>
            {
                var activity = g.Key.Activity.TrimEnd('1', '2');
                return new Recording(g.Key.File >= (activity == "bending" ? 6 : 12) ? null : $"{activity}{g.Key.File % 2}", activity,
                    [.. g.Select(static r => r[3..].Select(static v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray())]);
            }));
    }

    /// <summary>The vibration of twelve machines at 200 Hz, each good, worn or loose, and of four unseen ones in all states.</summary>
    internal static void Machines(string to)
    {
        var random = new Random(7);
        List<Recording> all = [];
        for (var machine = 0; machine < 16; machine++)
        {
            var (hertz, amplitude, noise) = (Between(random, 22, 26), Between(random, 0.9, 1.1), Between(random, 0.2, 0.25));
            for (var part = 0; part < (machine < 12 ? 8 : 12); part++)
            {
                string[] states = ["good", "worn", "loose"];
                var state = states[(machine < 12 ? machine : part) % 3];
                all.Add(new(machine < 12 ? $"m{machine}" : null, state, Vibration(random, state, hertz, amplitude, noise)));
            }
        }

        Write(to, "x [m/s2],y [m/s2],z [m/s2]", 5, all);
    }

    /// <summary>Two channels at 50 Hz whose level is that of one of six classes, which overlap, for two devices each; those of the second
    /// class have half as many rows as the others.</summary>
    internal static void Levels(string to)
    {
        var random = new Random(7);
        Write(to, "x,y", 20, Enumerable.Range(0, 14).SelectMany(device => Enumerable.Range(0, device >= 12 ? 60 : device % 6 == 1 ? 10 : 20)
            .Select(part =>
            {
                var level = (device < 12 ? device : part) % 6;
                var (x, y) = ((level % 3) + (0.25 * Normal(random)), (level / 3) + (0.25 * Normal(random)));
                return new Recording(device < 12 ? $"d{device}" : null, $"level{level}",
                    [.. Enumerable.Range(0, 256).Select(_ => new[] { x + Normal(random), y + Normal(random) })]);
            })));
    }

    private static double[][] Vibration(Random random, string state, double hertz, double amplitude, double noise)
    {
        var (turn, phase) = (2 * Math.PI * hertz * (1 + (0.01 * Normal(random))), Between(random, 0, 6.28));
        return [.. Enumerable.Range(0, 2400).Select(row =>
        {
            var t = row / 200.0;
            var a = amplitude * Math.Sin((turn * t) + phase);
            var isUp = Math.Sin((turn * t) + phase) > 0.8;
            if (state == "worn") { a += (0.7 * Math.Sin(3.1 * turn * t)) + (isUp ? 0.3 * Normal(random) : 0); }
            if (state == "loose") { a *= 1 + (0.8 * Math.Sin(2 * Math.PI * 2.3 * t)); }
            return new[] { a + (noise * Normal(random)), (0.6 * a) + (noise * Normal(random)), 9.81 + (0.2 * Normal(random)) };
        })];
    }

    private static void Write(string to, string channels, int step, IEnumerable<Recording> recordings)
    {
        Directory.CreateDirectory(Path.Join(to, "learn"));
        foreach (var device in recordings.GroupBy(static r => r.Device))
        {
            var file = device.Key is null ? Path.Join(to, "unseen.csv") : Path.Join(to, "learn", $"{device.Key}.csv");
            using var writer = new StreamWriter(file);
            writer.WriteLine($"time_ms,{channels},state");
            var time = 1_700_000_000_000;
            foreach (var (_, state, rows) in device)
            {
                foreach (var row in rows)
                {
                    var values = string.Join(',', row.Select(static v => v.ToString("0.#####", CultureInfo.InvariantCulture)));
                    writer.WriteLine(FormattableString.Invariant($"{time},{values},{state}"));
                    time += step;
                }

                time += 20 * step;
            }
        }
    }

    private static double Between(Random random, double least, double most) => least + ((most - least) * random.NextDouble());

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static List<string[]> Lines(string folder, string file) =>
        [.. File.ReadLines(Path.Join(folder, file)).Skip(1).Where(static l => l.Length > 0).Select(static l => l.TrimEnd('\r').Split(','))];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Rows of one state. <paramref name="Device"/>: whose they are; null: nobody learns from them.</summary>
    private sealed record Recording(string? Device, string State, double[][] Rows);
}
