using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using StreamLearn;
using StreamLearn.Formats;
using StreamLearn.Models;
using StreamLearn.Samples;

namespace TauDemo;

/// <summary>Models of <see cref="TauDraw"/> with the rows that they learn from: recorded ones where they are there, else generated ones of
/// the same kind.</summary>
internal static class DrawnModels
{
    private const int Pool = 10_000;        // rows that are read or made of each set
    private const int Sensors = 16, Gases = 6;

    private static readonly ConcurrentDictionary<(string Data, string? Folder), Lazy<DrawnSet>> Sets = new();
    private static readonly ConcurrentDictionary<(string Model, string Data, string? Folder), Lazy<TauModel>> Made = new();

    /// <summary>A model and its rows. <paramref name="folder"/>: holds <c>mnist</c>, <c>har</c> and <c>streams</c>; null, or one of them is
    /// not there: its rows are generated.</summary>
    internal static TauModel Of(string model, string data, string? folder) =>
        Made.GetOrAdd((model, data, folder), static key => new(() => Create(key.Model, key.Data, key.Folder))).Value;

    private static TauModel Create(string model, string data, string? folder)
    {
        var set = Sets.GetOrAdd((data, folder), static key => new(() => Read(key.Data, key.Folder))).Value;
        TauRows Make(int count, long seed) => set.Rows(model, count, seed);
        var width = model == "linreg" && set.ValueIsColumn is not null ? set.Width - 1 : set.Width;
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

    private static DrawnSet Read(string data, string? folder)
    {
        string? At(string name) => folder is null || !Directory.Exists(Path.Combine(folder, name)) ? null : Path.Combine(folder, name);
        return data switch
        {
            "mnist" => At("mnist") is { } mnist ? Mnist(mnist) : Glyphs(),
            "har" => Motion(At("har") is { } har ? MotionPeople.Recorded(har) : MotionPeople.Generated(0)),
            "gas" => Gas(),
            _ => At("streams") is { } streams ? Office(streams) : Office(),
        };
    }

    private static DrawnSet Mnist(string folder)
    {
        var images = IdxFile.Open(Path.Combine(folder, "train-images-idx3-ubyte.gz"));
        var labels = IdxFile.Open(Path.Combine(folder, "train-labels-idx1-ubyte.gz"));
        float[] pixels = [.. images.Values.AsSpan(0, Pool * GlyphDigits.Pixels).ToArray().Select(static p => p / 255f)];
        return Digits(pixels, [.. labels.Values.Take(Pool).Select(static l => (int)l)]);
    }

    private static DrawnSet Glyphs()
    {
        var digits = GlyphDigits.Generate(Pool, 0);
        return Digits(digits.Features.AsSpan(), [.. digits.Labels]);
    }

    private static DrawnSet Digits(ReadOnlySpan<float> pixels, int[] labels) =>
        new(TauData.Halved(pixels), labels, 10) { Side = static label => 1 - (label & 1) };

    /// <summary>Windows of 128 rows: of each channel its mean, deviation, least and greatest value and mean change.</summary>
    private static DrawnSet Motion(MotionPeople people)
    {
        const int PerChannel = 5, Channels = HarNetwork.Channels;
        var windows = people.LearnedFrom;
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
            float[] told =
            [
                (float)mean, (float)Math.Sqrt(Math.Max(0, (squares / values.Length) - (mean * mean))), least, greatest,
                (float)(change / values.Length),
            ];
            told.CopyTo(features, w * PerChannel);
        }

        return new(Standard(features, Channels * PerChannel), windows.Labels.ToArray(), HarNetwork.Classes)
        {
            Side = static activity => activity < HarNetwork.Classes / 2 ? 1 : 0,
        };
    }

    /// <summary>Sixteen sensors of metal oxide in one of six gases, each read when it has settled and while it rises. The value is the
    /// logarithm of the concentration. Sensors drift.</summary>
    private static DrawnSet Gas()
    {
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
                var i = (gas * Sensors) + s;
                var settled = offsets[i] + ((0.6 + (0.2 * slopes[i])) * concentration) + (drifts[s] * age) + (0.3 * random.NextGaussian());
                features[((r * Sensors) + s) * 2] = (float)settled;
                features[(((r * Sensors) + s) * 2) + 1] = (float)((0.7 * settled) + (0.3 * slopes[i]) + (0.3 * random.NextGaussian()));
            }
        }

        return new(Standard(features, Sensors * 2), gases, Gases) { Values = values, Side = static gas => gas < Gases / 2 ? 1 : 0 };
    }

    /// <summary>Readings of an office each minute; the value is that of carbon dioxide, and kinds are by light and people.</summary>
    private static DrawnSet Office(string folder)
    {
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

        return Office([.. readings], [.. people]);
    }

    private static DrawnSet Office()
    {
        var random = new RandomStream(0, "office");
        var (readings, people) = (new float[Pool * DrawnSet.OfficeReadings], new int[Pool]);
        for (var r = 0; r < Pool; r++)
        {
            var (isIn, sun, damp) = (people[r] = random.NextInt32(4) == 0 ? 1 : 0, random.NextDouble(), random.NextGaussian());
            var warm = 20.5 + isIn + sun + (0.4 * random.NextGaussian());
            var humidity = 26 + (4 * damp) + isIn;
            float[] told =
            [
                (float)warm, (float)humidity, (float)((400 * isIn) + (150 * sun)),
                (float)(500 + (400 * isIn) + (60 * damp) + (80 * random.NextGaussian())),
                (float)((humidity * 1.4e-4) + (2e-4 * (warm - 21))),
            ];
            told.CopyTo(readings, r * told.Length);
        }

        return Office(readings, people);
    }

    private static DrawnSet Office(float[] readings, int[] people)
    {
        const int Width = DrawnSet.OfficeReadings, Light = 2, Parts = TauRows.KindCount / 2;
        var kinds = new int[people.Length];
        foreach (var alike in Enumerable.Range(0, people.Length).GroupBy(r => people[r]))
        {
            int[] byLight = [.. alike.OrderBy(r => readings[(r * Width) + Light])];
            for (var i = 0; i < byLight.Length; i++) { kinds[byLight[i]] = (alike.Key * Parts) + (Parts * i / byLight.Length); }
        }

        return new(Standard(readings, Width), people, 2)
        {
            Centers = 4,
            Kinds = kinds,
            ValueIsColumn = DrawnSet.OfficeGas,
            Side = static p => p,
        };
    }

    /// <summary>Columns of mean 0 and deviation 1, in place.</summary>
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

/// <summary>Rows of a set, all of them. <paramref name="Classes"/>: those of the labels.</summary>
internal sealed record DrawnSet(float[] Features, int[] Labels, int Classes)
{
    internal const int OfficeReadings = 5;

    internal const int OfficeGas = 3;

    /// <summary>On which side of the plane of a support vector machine a class is: 1 or 0.</summary>
    internal required Func<int, int> Side { get; init; }

    /// <summary>By which rows are dealt; default the labels.</summary>
    internal int[] Kinds { get => field ?? Labels; init; }

    /// <summary>The value of each row; null: there is none, or it is a column.</summary>
    internal float[]? Values { get; init; }

    /// <summary>The column that linear regression tells from the others; null: there is none.</summary>
    internal int? ValueIsColumn { get; init; }

    /// <summary>Centers that k-means looks for; default as many as classes.</summary>
    internal int Centers { get => field > 0 ? field : Classes; init; }

    internal int Width => Features.Length / Labels.Length;

    /// <summary>Some rows, in an order of the seed; those of an unseen set come from the other end.</summary>
    internal TauRows Rows(string model, int count, long seed)
    {
        var order = Shuffled(new(seed % TauFleet.UnseenSeed, "drawn rows"));
        var rows = seed < TauFleet.UnseenSeed ? order.AsSpan(0, count) : order.AsSpan(order.Length - count);
        var column = model == "linreg" ? ValueIsColumn : null;
        var (features, targets, labels, kinds) = (new List<float>(), new float[count], new int[count], new int[count]);
        for (var r = 0; r < count; r++)
        {
            var row = Features.AsSpan(rows[r] * Width, Width);
            for (var c = 0; c < Width; c++)
            {
                if (c != column) { features.Add(row[c]); }
            }

            kinds[r] = Kinds[rows[r]];
            labels[r] = model == "svm" ? Side(Labels[rows[r]]) : Labels[rows[r]];
            targets[r] = column is { } value ? row[value] : Values?[rows[r]] ?? 0;
        }

        return new([.. features], [.. kinds])
        {
            Labels = model is "linreg" or "kmeans" ? [] : [.. labels],
            Targets = model == "linreg" ? [.. targets] : [],
        };
    }

    private int[] Shuffled(RandomStream random)
    {
        int[] order = [.. Enumerable.Range(0, Labels.Length)];
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = random.NextInt32(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
