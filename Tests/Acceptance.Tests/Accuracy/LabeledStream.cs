using System.IO.Compression;

namespace Acceptance.Tests;

/// <summary>Labelled rows in the order of time: real streams where they are there, and generated ones that drift.</summary>
internal sealed record LabeledStream(string Name, LabeledRows Rows, int Classes)
{
    internal const int Change = 4000;

    /// <summary>Electricity prices of New South Wales; null where they are not there.</summary>
    internal static LabeledStream? Electricity() => Read("electricity", ["electricity.csv.gz"], 0, 6);

    /// <summary>Readings of an office; null where they are not there.</summary>
    internal static LabeledStream? Occupancy() =>
        Read("occupancy", ["occupancy_datatraining.csv.gz", "occupancy_datatest.csv.gz", "occupancy_datatest2.csv.gz"], 1, 6);

    /// <summary>Three classes in six columns, whose places change: once and at once, over a third of the rows, or to and fro.</summary>
    internal static LabeledStream Drifting(string kind, long seed)
    {
        const int Count = 2 * Change;
        var (random, rows) = (new RandomStream(seed, $"drift {kind}"), new LabeledRows(new float[Count * 6], new int[Count]));
        var places = new double[18];
        foreach (ref var place in places.AsSpan()) { place = 1.5 * random.NextGaussian(); }
        for (var i = 0; i < Count; i++)
        {
            var isNew = kind switch
            {
                "abrupt" => i >= Change,
                "gradual" => random.NextDouble() < ((double)i / Count * 3) - 1,
                _ => i / 1000 % 2 == 1,
            };
            var label = rows.Labels[i] = random.NextInt32(3);
            var place = isNew ? (label + 1) % 3 : label;
            for (var c = 0; c < 6; c++) { rows.Features[(i * 6) + c] = (float)(places[(place * 6) + c] + random.NextGaussian()); }
        }

        return new(kind, rows, 3);
    }

    /// <summary>Share of rows whose label is that of the row before.</summary>
    internal double NoChange => Enumerable.Range(1, Rows.Count - 1).Count(i => Rows.Labels[i] == Rows.Labels[i - 1]) / (Rows.Count - 1.0);

    /// <summary>For each row, whether <c>Learn</c> answered it right before it learned from it. <paramref name="seed"/>: of the weights
    /// that it begins with.</summary>
    internal bool[] Learn(LearnOptions? options = null, long seed = 0)
    {
        var (width, rows) = (Rows.Width, Rows);
        var schema = new Schema([.. Enumerable.Range(0, width).Select(c => Field.Channel($"c{c}", Unit.One)), Field.Label()]);
        using var probe = OperatorProbe.From<Batch>((p, input) =>
            input.Learn(new SoftmaxRegression(width, Classes, seed), options).Answers.Output("main"), schema);
        var right = new bool[rows.Count];
        for (var from = 0; from < rows.Count; from += 100)
        {
            var batch = probe.Pool.Rent(schema, Math.Min(100, rows.Count - from));
            for (var r = 0; r < batch.Rows; r++)
            {
                for (var c = 0; c < width; c++) { batch.Columns[c].Writable<float>()[r] = rows.Features[((from + r) * width) + c]; }
                batch.Columns[width].Writable<int>()[r] = rows.Labels[from + r];
                batch.Columns[width].SetValid(r, true);
            }

            probe.Send(batch);
            using var answers = probe.Take<Batch>();
            for (var r = 0; r < answers.Rows; r++) { right[from + r] = answers["class"].Values<int>()[r] == rows.Labels[from + r]; }
        }

        return right;
    }

    private static LabeledStream? Read(string name, string[] files, int first, int end)
    {
        if (SharedFolders.Find("streams") is not { } folder) { return null; }
        var (features, labels) = (new List<float>(), new List<int>());
        foreach (var file in files)
        {
            using var reader = new StreamReader(new GZipStream(File.OpenRead(Path.Combine(folder, file)), CompressionMode.Decompress));
            for (reader.ReadLine(); reader.ReadLine() is { } line;)
            {
                var fields = line.Split(',');
                for (var c = first; c < end; c++) { features.Add(float.Parse(fields[c], CultureInfo.InvariantCulture)); }
                labels.Add(int.Parse(fields[end], CultureInfo.InvariantCulture));
            }
        }

        return new(name, new([.. features], [.. labels]), 2);
    }
}
