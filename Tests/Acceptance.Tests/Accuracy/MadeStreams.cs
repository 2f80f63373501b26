namespace Acceptance.Tests;

/// <summary>
/// Ten streams that are hard in a way of their own. Three classes lie in six columns around places that are drawn with deviation 1, and
/// rows around them, too, unless said otherwise.
/// </summary>
internal static class MadeStreams
{
    private const int Rows = 8000;
    private const int Width = 6;

    internal static IReadOnlyList<string> Names { get; } =
    [
        "offset jumps", "growing gain", "wandering offset", "long bouts", "rare class", "label noise", "far values", "recurring concepts",
        "turning places", "late class",
    ];

    internal static LabeledStream Make(string name, long seed)
    {
        var (random, classes) = (new RandomStream(seed, $"stream {name}"), name == "late class" ? 4 : 3);
        var places = Drawn(random, name is "recurring concepts" or "turning places" ? 4 * classes : classes);
        var (rows, offsets) = (new LabeledRows(new float[Rows * Width], new int[Rows]), new double[Width]);
        var (label, concept, end) = (0, 0, 0);
        for (var i = 0; i < Rows; i++)
        {
            var begins = i == end;
            if (begins) { end += Bout(name, random); }
            label = name switch
            {
                "long bouts" => begins ? (label + 1 + random.NextInt32(2)) % 3 : label,
                "rare class" => random.NextDouble() < 0.02 ? 2 : random.NextInt32(2),
                "late class" => random.NextInt32(i < 5000 ? 3 : 4),
                _ => random.NextInt32(classes),
            };
            if (name == "recurring concepts" && begins) { concept = (concept + 1 + random.NextInt32(3)) % 4; }
            foreach (ref var offset in offsets.AsSpan())
            {
                if (name == "offset jumps" && begins) { offset = 10 * random.NextGaussian(); }
                if (name == "wandering offset") { offset += 0.1 * random.NextGaussian(); }
            }

            var angle = 2 * Math.PI * i / Rows;
            for (var c = 0; c < Width; c++)
            {
                var place = name == "turning places"        // from one set of places to another, to the first one's mirror image, and on
                    ? (Math.Cos(angle) * places[(label * Width) + c]) + (Math.Sin(angle) * places[((label + classes) * Width) + c])
                    : places[(((concept * classes) + label) * Width) + c];
                var value = offsets[c] + place + random.NextGaussian();
                if (name == "growing gain") { value *= Math.Pow(2, i / 1000.0); }
                if (name == "far values" && random.NextDouble() < 0.005) { value = 1e6; }
                rows.Features[(i * Width) + c] = (float)value;
            }

            rows.Labels[i] = name == "label noise" && random.NextDouble() < 0.2 ? random.NextInt32(classes) : label;
        }

        return new(name, rows, classes);
    }

    /// <summary>Rows until something of a stream changes.</summary>
    private static int Bout(string name, RandomStream random) => name switch
    {
        "offset jumps" => 500,
        "long bouts" => 300 + random.NextInt32(500),
        "recurring concepts" => 300 + random.NextInt32(900),
        _ => Rows,
    };

    private static double[] Drawn(RandomStream random, int places)
    {
        var drawn = new double[places * Width];
        foreach (ref var value in drawn.AsSpan()) { value = random.NextGaussian(); }
        return drawn;
    }
}
