using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Acceptance.Tests;

/// <summary>
/// Windows of 128 samples of nine channels, an activity each, every channel brought to mean 0 and deviation 1 of the training part.
/// </summary>
internal static class Movements
{
    internal const int Channels = 9;
    internal const int Samples = 128;
    internal const int Classes = 6;

    private const int Half = Samples / 2;

    /// <summary>The recorded windows of the official split by people where they are there, else generated ones.</summary>
    internal static (LabeledRows Training, LabeledRows Unseen, bool Real) Load()
    {
        var folder = SharedFolders.Find("har");
        var (training, unseen) = folder is null
            ? (Generated(3000, 1), Generated(1500, 2))
            : (Recorded(folder, "train"), Recorded(folder, "test"));
        for (var c = 0; c < Channels; c++) { Scale(training.Features, unseen.Features, c); }
        return (training, unseen, folder is not null);
    }

    /// <summary>A window is the second half of the one before it and its own, where both come from one recording.</summary>
    private static LabeledRows Recorded(string folder, string part)
    {
        var halves = Halves(Path.Combine(folder, $"halfwin_{part}.f32.gz"));
        var (features, labels) = (new List<float>(), new List<int>());
        using var reader = new StreamReader(
            new GZipStream(File.OpenRead(Path.Combine(folder, "windows.csv.gz")), CompressionMode.Decompress));
        reader.ReadLine();
        var number = 0;
        while (reader.ReadLine() is { } line)
        {
            if (line.Split(',') is not [var split, _, _, var activity, var full, ..] || split != part) { continue; }
            if (full is "1" or "True" or "true")
            {
                for (var c = 0; c < Channels; c++)
                {
                    features.AddRange(halves.AsSpan((((number - 1) * Channels) + c) * Half, Half));
                    features.AddRange(halves.AsSpan(((number * Channels) + c) * Half, Half));
                }

                labels.Add(int.Parse(activity, CultureInfo.InvariantCulture) - 1);
            }

            number++;
        }

        return new([.. features], [.. labels]);
    }

    private static float[] Halves(string path)
    {
        using var stream = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return MemoryMarshal.Cast<byte, float>(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)).ToArray();
    }

    /// <summary>Swinging around a level of their own: rate, strength and levels are those of the activity, with noise.</summary>
    private static LabeledRows Generated(int count, long seed)
    {
        var (features, labels, random) = (new float[count * Channels * Samples], new int[count], new RandomStream(seed, "movements"));
        for (var (i, at) = (0, 0); i < count; i++)
        {
            var activity = labels[i] = random.NextInt32(Classes);
            var (rate, strength) = (0.15 + (0.05 * activity) + (0.02 * random.NextGaussian()), activity < 3 ? 1 : 0.2);
            for (var c = 0; c < Channels; c++)
            {
                var (level, phase) = (0.3 * Math.Sin((activity * 2) + c), random.NextDouble(0, 2 * Math.PI));
                for (var t = 0; t < Samples; t++, at++)
                {
                    features[at] = (float)(level + (strength * Math.Sin((rate * t) + phase)) + (0.3 * random.NextGaussian()));
                }
            }
        }

        return new(features, labels);
    }

    private static void Scale(float[] training, float[] unseen, int channel)
    {
        double sum = 0, squares = 0;
        var count = 0L;
        Each(training, channel, (ref float value) => { sum += value; squares += (double)value * value; count++; });
        var mean = sum / count;
        var inverse = 1 / Math.Sqrt((squares / count) - (mean * mean) + 1e-8);
        Each(training, channel, (ref float value) => value = (float)((value - mean) * inverse));
        Each(unseen, channel, (ref float value) => value = (float)((value - mean) * inverse));
    }

    private static void Each(float[] features, int channel, Visit visit)
    {
        for (var row = channel * Samples; row < features.Length; row += Channels * Samples)
        {
            for (var t = 0; t < Samples; t++) { visit(ref features[row + t]); }
        }
    }

    private delegate void Visit(ref float value);
}
