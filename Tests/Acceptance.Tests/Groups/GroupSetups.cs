using System.Buffers.Binary;
using System.IO.Compression;
using StreamLearn.Formats;

namespace Acceptance.Tests;

/// <summary>
/// The set-ups that judge by groups nobody learned from. Half of them are final: what is tuned is tuned on the others.
/// </summary>
internal static class GroupSetups
{
    private const int Writers = 75;         // 50 of them learn

    private static readonly Lazy<IReadOnlyList<Group>> People = new(static () => Har()), Speakers = new(static () => Fsdd());

    internal static IReadOnlyList<GroupSetup> All { get; } =
    [
        new("har, as recorded", IsFinal: false, 6, static () => People.Value),
        new("har, sorted by class", IsFinal: true, 6, static () => [.. People.Value.Select(static g => g.SortedByClass())]),
        new("mnist by writer", IsFinal: false, 10, static () => Mnist(Writers)),
        new("fsdd by speaker", IsFinal: true, 10, static () => Speakers.Value),
        new("arem by recording", IsFinal: false, 6, Arem),
        new("free-living", IsFinal: true, FreeLiving.Classes, static () => FreeLiving.Of(people: 50, windows: 120, seed: 1)),
    ];

    /// <summary>The accelerometers of 30 people at 20 Hz, windows of 51 samples beside each other. <paramref name="turn"/>: radians by
    /// which the sensor is turned about its third axis.</summary>
    internal static IReadOnlyList<Group> Har(double turn = 0)
    {
        const double Step = 2.5;        // of 50 Hz
        if (SharedFolders.Find("har") is not { } folder) { return []; }
        var samples = Unpacked(folder, "raw50hz.i16.gz");
        var offsets = Lines(folder, "raw_experiments.csv").ToDictionary(static e => e[0], static e => Number(e[2]));
        var people = new SortedDictionary<int, (List<float> Rows, List<int> Labels)>();
        foreach (var bout in Lines(folder, "raw_labels.csv").Where(static l => Number(l[2]) <= 6))
        {
            if (!people.TryGetValue(Number(bout[1]), out var person)) { people[Number(bout[1])] = person = ([], []); }
            var (first, end) = (offsets[bout[0]] + Number(bout[3]) - 1, offsets[bout[0]] + Number(bout[4]) - 1);
            var window = new float[3 * MotionFeatures.Samples];
            for (double at = first; at + (MotionFeatures.Samples * Step) < end; at += MotionFeatures.Samples * Step)
            {
                for (var i = 0; i < window.Length; i++)
                {
                    var (whole, part) = ((int)(at + (i % MotionFeatures.Samples * Step)), (at + (i % MotionFeatures.Samples * Step)) % 1);
                    var (a, b) = (Raw(whole, i / MotionFeatures.Samples), Raw(whole + 1, i / MotionFeatures.Samples));
                    window[i] = (float)((a + (part * (b - a))) / 720);
                }

                for (var i = 0; turn != 0 && i < MotionFeatures.Samples; i++)
                {
                    var (x, y) = (window[i], window[MotionFeatures.Samples + i]);
                    window[i] = (float)((x * Math.Cos(turn)) - (y * Math.Sin(turn)));
                    window[MotionFeatures.Samples + i] = (float)((x * Math.Sin(turn)) + (y * Math.Cos(turn)));
                }

                person.Rows.AddRange(MotionFeatures.Of(window));
                person.Labels.Add(Number(bout[2]) - 1);
            }
        }

        return [.. people.Select(static p => new Group($"person {p.Key}", new([.. p.Value.Rows], [.. p.Value.Labels])))];

        short Raw(int row, int channel) => BinaryPrimitives.ReadInt16LittleEndian(samples.AsSpan((12 * row) + (2 * channel)));
    }

    /// <summary>Digits by writer, gray values of 0 to 1. <paramref name="writers"/>: of those with at least 80 digits, so many.</summary>
    internal static IReadOnlyList<Group> Mnist(int writers)
    {
        if (SharedFolders.Find("mnist") is not { } folder) { return []; }
        var images = IdxFile.Open(Path.Combine(folder, "train-images-idx3-ubyte.gz"));
        var labels = IdxFile.Open(Path.Combine(folder, "train-labels-idx1-ubyte.gz")).Values;
        var writerOf = Unpacked(folder, "train-writers.i16.gz");
        return
        [
            .. Enumerable.Range(0, labels.Length)
                .GroupBy(i => BinaryPrimitives.ReadInt16LittleEndian(writerOf.AsSpan(2 * i)))
                .Where(static w => w.Count() >= 80).OrderBy(static w => w.Key * 7919 % 10007).Take(writers)
                .Select(w => new Group($"writer {w.Key}", new(
                    [.. w.SelectMany(i => images.Values.AsSpan().Slice(i * images.ItemBytes, images.ItemBytes).ToArray())
                        .Select(static v => v / 255f)],
                    [.. w.Select(i => (int)labels[i])]))),
        ];
    }

    /// <summary>Spoken digits by speaker: 20 log-mel bands in eight parts of a recording, take after take.</summary>
    private static IReadOnlyList<Group> Fsdd()
    {
        if (SharedFolders.Find("fsdd") is not { } folder) { return []; }
        var sound = Unpacked(folder, "fsdd_8khz.i16.gz");
        return
        [
            .. Lines(folder, "fsdd_index.csv").GroupBy(static r => r[2]).Select(s => new Group(s.Key, new(
                [.. s.OrderBy(static r => Number(r[3])).SelectMany(r => MelFeatures.Of(sound.AsSpan(2 * Number(r[5]), 2 * Number(r[6]))))],
                [.. s.OrderBy(static r => Number(r[3])).Select(static r => Number(r[1]))]))),
        ];
    }

    /// <summary>Signal strengths between three nodes on a body: mean, deviation, least and most of six columns over 30 s.</summary>
    private static IReadOnlyList<Group> Arem()
    {
        const int Window = 120;
        if (SharedFolders.Find("arem") is not { } folder) { return []; }
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(folder, "arem.csv.gz")), CompressionMode.Decompress));
        reader.ReadLine();
        var recordings = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Split(','))
            .GroupBy(static r => (Activity: r[0].TrimEnd('1', '2'), Part: r[0], File: Number(r[1]))).ToList();
        List<string> activities = [.. recordings.Select(static r => r.Key.Activity).Distinct().Order(StringComparer.Ordinal)];
        return
        [
            .. recordings.GroupBy(static r => r.Key.File).OrderBy(static f => f.Key).Select(f =>
            {
                var (rows, labels) = (new List<float>(), new List<int>());
                foreach (var recording in f)
                {
                    float[][] values = [.. recording.Select(static r =>
                        r[3..].Select(static v => float.Parse(v, CultureInfo.InvariantCulture)).ToArray())];
                    for (var at = 0; at + Window <= values.Length; at += Window)
                    {
                        for (var c = 0; c < values[0].Length; c++)
                        {
                            rows.AddRange(MotionFeatures.Moments([.. values[at..(at + Window)].Select(v => v[c])]));
                        }

                        labels.Add(activities.IndexOf(recording.Key.Activity));
                    }
                }

                return new Group($"file {f.Key}", new([.. rows], [.. labels]));
            }),
        ];
    }

    private static List<string[]> Lines(string folder, string file) =>
        [.. File.ReadLines(Path.Combine(folder, file)).Skip(1).Where(static l => l.Length > 0)
            .Select(static l => l.TrimEnd('\r').Split(','))];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static byte[] Unpacked(string folder, string file)
    {
        using var stream = new GZipStream(File.OpenRead(Path.Combine(folder, file)), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
