using System.Runtime.InteropServices;
using StreamLearn.Formats;

namespace Acceptance.Tests;

internal sealed record LabeledRows(float[] Features, int[] Labels)
{
    internal int Count => Labels.Length;

    internal int Width => Features.Length / Count;

    /// <summary>The columns <c>p0</c> and on, and the class.</summary>
    internal Schema Schema => field ??= Width == GlyphDigits.Pixels ? GlyphDigits.Schema
        : new([.. Enumerable.Range(0, Width).Select(i => Field.Channel(FormattableString.Invariant($"p{i}"), Unit.One)), Field.Label()]);

    internal static LabeledRows Of(GlyphDigits digits) => new(
        ImmutableCollectionsMarshal.AsArray(digits.Features)!, ImmutableCollectionsMarshal.AsArray(digits.Labels)!);

    /// <summary>Digits: the real ones where they are there, else a tenth as many generated ones to learn from.</summary>
    internal static (LabeledRows Training, LabeledRows Unseen, bool Real) Digits(int training)
    {
        if (SharedFolders.Find("mnist") is { } folder)
        {
            return (Mnist(folder, "train", training), Mnist(folder, "t10k", 10_000), true);
        }

        return (Glyphs(training / 10, 1), Glyphs(3000, 2), false);
    }

    internal static LabeledRows Mnist(string folder, string part, int count)
    {
        var images = IdxFile.Open(Path.Combine(folder, $"{part}-images-idx3-ubyte.gz"));
        var labels = IdxFile.Open(Path.Combine(folder, $"{part}-labels-idx1-ubyte.gz"));
        var features = new float[count * images.ItemBytes];
        var values = images.Values.AsSpan();
        for (var i = 0; i < features.Length; i++) { features[i] = values[i] / 255f; }
        return new(features, [.. labels.Values.Take(count).Select(l => (int)l)]);
    }

    /// <summary>The first rows in a random order.</summary>
    internal int[] Shuffled(RandomStream random)
    {
        var order = Enumerable.Range(0, Count).ToArray();
        for (var i = order.Length - 1; i > 0; i--)
        {
            var other = random.NextInt32(i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }

    internal LabeledRows Take(int[] rows)
    {
        var some = new LabeledRows(new float[rows.Length * Width], new int[rows.Length]);
        Gather(rows, some.Features, some.Labels);
        return some;
    }

    internal static LabeledRows Of(IEnumerable<LabeledRows> several)
    {
        LabeledRows[] parts = [.. several];
        return new([.. parts.SelectMany(static p => p.Features)], [.. parts.SelectMany(static p => p.Labels)]);
    }

    internal void Gather(ReadOnlySpan<int> rows, Span<float> features, Span<int> labels)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            Features.AsSpan(rows[i] * Width, Width).CopyTo(features[(i * Width)..]);
            labels[i] = Labels[rows[i]];
        }
    }

    /// <summary>Share of rows that a model gives its highest probability to the right class of.</summary>
    internal double Accuracy(IModel model, ReadOnlySpan<float> weights)
    {
        var (classes, memory, correct) = (model.Plan.Outputs, new Workspace(), 0);
        var outputs = new float[Count * classes];
        model.Infer(weights, new(Features, Count), outputs, memory);
        for (var r = 0; r < Count; r++)
        {
            var row = outputs.AsSpan(r * classes, classes);
            var best = 0;
            for (var c = 1; c < classes; c++) { best = row[c] > row[best] ? c : best; }
            if (best == Labels[r]) { correct++; }
        }

        return (double)correct / Count;
    }

    private static LabeledRows Glyphs(int count, long seed) => Of(GlyphDigits.Generate(count, seed));
}
