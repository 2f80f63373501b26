using System.Collections.Concurrent;
using System.IO.Compression;
using StreamLearn.Formats;

namespace Papers;

internal sealed record DrawnSet(float[] Features, int[] Labels, int Classes)
{
    /// <summary>Maps a class to 1 or 0 for a support vector machine.</summary>
    internal required Func<int, int> Side { get; init; }
    internal int[] Kinds { get; init; } = Labels;

    /// <summary>Null: there is none, or it is a column.</summary>
    internal float[]? Values { get; init; }

    /// <summary>The column that linear regression predicts from the others; null: none.</summary>
    internal int? ValueColumn { get; init; }
    internal int Centers { get; init; } = Classes;
    internal int Width => Features.Length / Labels.Length;

    /// <summary>Returns some rows, in an order determined by the seed; those of an unseen set come from the other end.</summary>
    internal TauRows Rows(string model, int count, long seed)
    {
        int[] order = [.. Enumerable.Range(0, Labels.Length)];
        var random = new RandomStream(seed % TauFleet.UnseenSeed, "drawn rows");
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = random.NextInt32(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        var rows = seed < TauFleet.UnseenSeed ? order[..count] : order[^count..];
        var column = model == "linreg" ? ValueColumn : null;
        var features = rows.SelectMany(r => Features.AsSpan(r * Width, Width).ToArray().Where((_, c) => c != column));
        return new([.. features], [.. rows.Select(r => Kinds[r])])
        {
            Labels = model is "linreg" or "kmeans" ? [] : [.. rows.Select(r => model == "svm" ? Side(Labels[r]) : Labels[r])],
            Targets = model == "linreg" ? [.. rows.Select(r => column is { } c ? Features[(r * Width) + c] : Values?[r] ?? 0)] : [],
        };
    }
}

/// <summary>Models of <see cref="TauDraw"/> with their training rows, which are recorded, except for gases.</summary>
internal static class DrawnModels
{
    private const int Pool = 10_000;        // rows read or generated per set
    private static readonly ConcurrentDictionary<(string Data, string Folder), Lazy<DrawnSet>> Sets = new();
    private static readonly ConcurrentDictionary<(string Model, string Data, string Folder), Lazy<TauModel>> Made = new();

    internal static TauModel Of(string model, string data, string folder) =>
        Made.GetOrAdd((model, data, folder), static key => new(() => Create(key.Model, key.Data, key.Folder))).Value;

    private static TauModel Create(string model, string data, string folder)
    {
        var set = Sets.GetOrAdd((data, folder), static key => new(() => Read(key.Data, key.Folder))).Value;
        TauRows Make(int count, long seed) => set.Rows(model, count, seed);
        var width = model == "linreg" && set.ValueColumn is not null ? set.Width - 1 : set.Width;
        if (model == "cnn-small") { return TauModel.CnnSmall with { Make = Make }; }
        IModel learned = model switch
        {
            "svm" => ReferenceModels.SvmSmooth(width),
            "linreg" => ReferenceModels.LinReg(width),
            "kmeans" => ReferenceModels.KMeans(width, set.Centers),
            "softmax" => ReferenceModels.Softmax(width, set.Classes),
            _ => ReferenceModels.Mlp(width, [32], set.Classes),
        };
        return new(model, learned, Make) { Rows = 4_000, UnseenRows = 100 };
    }

    private static DrawnSet Read(string data, string folder) => data switch
    {
        "mnist" => Digits(Path.Combine(folder, "mnist")),
        "har" => Motion(MotionPeople.Of(Path.Combine(folder, "har")).LearnedFrom),
        "gas" => Gas(),
        _ => Office(Path.Combine(folder, "streams")),
    };

    private static DrawnSet Digits(string folder)
    {
        var images = IdxFile.Open(Path.Combine(folder, "train-images-idx3-ubyte.gz")).Values;
        var labels = IdxFile.Open(Path.Combine(folder, "train-labels-idx1-ubyte.gz")).Values;
        float[] pixels = [.. images.Take(Pool * GlyphDigits.Pixels).Select(static p => p / 255f)];
        return new(TauData.Halved(pixels), [.. labels.Take(Pool).Select(static l => (int)l)], 10) { Side = static l => 1 - (l & 1) };
    }

    /// <summary>Features of windows of 128 rows: for each channel mean, standard deviation, minimum, maximum and mean change.</summary>
    private static DrawnSet Motion(RecordedRows windows)
    {
        const int PerChannel = 5, Channels = HarNetwork.Channels;
        var features = new float[windows.Count * Channels * PerChannel];
        for (var w = 0; w < windows.Count * Channels; w++)
        {
            var values = windows.Features.Span.Slice(w * HarNetwork.Samples, HarNetwork.Samples);
            var (sum, squares, least, greatest, change) = (0.0, 0.0, values[0], values[0], 0.0);
            for (var i = 0; i < values.Length; i++)
            {
                (sum, squares) = (sum + values[i], squares + ((double)values[i] * values[i]));
                (least, greatest) = (Math.Min(least, values[i]), Math.Max(greatest, values[i]));
                if (i > 0) { change += Math.Abs(values[i] - values[i - 1]); }
            }

            var mean = sum / values.Length;
            var deviation = Math.Sqrt(Math.Max(0, (squares / values.Length) - (mean * mean)));
            ((float[])[(float)mean, (float)deviation, least, greatest, (float)(change / values.Length)]).CopyTo(features, w * PerChannel);
        }

        return new(Standard(features, Channels * PerChannel), windows.Labels.ToArray(), HarNetwork.Classes)
        {
            Side = static activity => activity < HarNetwork.Classes / 2 ? 1 : 0,
        };
    }

    /// <summary>Returns readings of sixteen metal-oxide sensors in one of six gases, each taken when the reading has settled and while it
    /// rises. The value is the logarithm of the concentration. Sensors drift.</summary>
    private static DrawnSet Gas()
    {
        const int Sensors = 16, Gases = 6;
        var (sensors, random) = (new RandomStream(0, "sensors"), new RandomStream(0, "gas"));
        double[] Drawn(int count) => [.. Enumerable.Range(0, count).Select(_ => sensors.NextGaussian())];
        var (offsets, slopes, drifts) = (Drawn(Gases * Sensors), Drawn(Gases * Sensors), Drawn(Sensors));
        var (features, gases, values) = (new float[Pool * Sensors * 2], new int[Pool], new float[Pool]);
        for (var r = 0; r < Pool; r++)
        {
            var (gas, concentration, age) = (gases[r] = random.NextInt32(Gases), random.NextGaussian(), random.NextDouble());
            values[r] = (float)concentration;
            for (var s = 0; s < Sensors; s++)
            {
                var (i, at) = ((gas * Sensors) + s, ((r * Sensors) + s) * 2);
                var settled = offsets[i] + ((0.6 + (0.2 * slopes[i])) * concentration) + (drifts[s] * age) + (0.3 * random.NextGaussian());
                features[at] = (float)settled;
                features[at + 1] = (float)((0.7 * settled) + (0.3 * slopes[i]) + (0.3 * random.NextGaussian()));
            }
        }

        return new(Standard(features, Sensors * 2), gases, Gases) { Values = values, Side = static gas => gas < Gases / 2 ? 1 : 0 };
    }

    /// <summary>Readings of an office, one per minute; the value is carbon dioxide, and kinds depend on light and people.</summary>
    private static DrawnSet Office(string folder)
    {
        const int Width = 5, Light = 2, Dioxide = 3, Parts = TauRows.KindCount / 2;
        var (readings, people) = (new List<float>(), new List<int>());
        foreach (var file in (string[])["datatraining", "datatest", "datatest2"])
        {
            using var reader = new StreamReader(new GZipStream(
                File.OpenRead(Path.Combine(folder, $"occupancy_{file}.csv.gz")), CompressionMode.Decompress));
            for (reader.ReadLine(); reader.ReadLine() is { } line;)
            {
                var fields = line.Split(',');
                readings.AddRange(fields[^6..^1].Select(static f => float.Parse(f, CultureInfo.InvariantCulture)));
                people.Add(int.Parse(fields[^1], CultureInfo.InvariantCulture));
            }
        }

        var kinds = new int[people.Count];
        foreach (var alike in Enumerable.Range(0, people.Count).GroupBy(r => people[r]))
        {
            int[] byLight = [.. alike.OrderBy(r => readings[(r * Width) + Light])];
            for (var i = 0; i < byLight.Length; i++) { kinds[byLight[i]] = (alike.Key * Parts) + (Parts * i / byLight.Length); }
        }

        return new(Standard([.. readings], Width), [.. people], 2)
        {
            Centers = 4,
            Kinds = kinds,
            ValueColumn = Dioxide,
            Side = static p => p,
        };
    }

    private static float[] Standard(float[] features, int width)
    {
        for (var c = 0; c < width; c++)
        {
            var (sum, squares, rows) = (0.0, 0.0, features.Length / width);
            for (var i = c; i < features.Length; i += width)
            {
                (sum, squares) = (sum + features[i], squares + ((double)features[i] * features[i]));
            }

            var mean = sum / rows;
            var deviation = Math.Sqrt(Math.Max(1e-12, (squares / rows) - (mean * mean)));
            for (var i = c; i < features.Length; i += width) { features[i] = (float)((features[i] - mean) / deviation); }
        }

        return features;
    }
}
