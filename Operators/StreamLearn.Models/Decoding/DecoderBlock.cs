namespace StreamLearn.Models;

/// <summary>Runs one block on consecutive tokens, in place.</summary>
/// <remarks>Order: each sum is one chain, over a row, a head, or positions from 0. Each row is computed as if it were alone.</remarks>
internal readonly ref struct DecoderBlock(
    TransformerToy model, DecoderSteps steps, ReadOnlySpan<float> weights, Span<float> keys, Span<float> values, Workspace memory)
{
    private static readonly LayerNorm Norm = new();

    private readonly ReadOnlySpan<float> _weights = weights;
    private readonly Span<float> _keys = keys;
    private readonly Span<float> _values = values;

    private int Width => model.Width;

    internal static int Parameters(int width) => checked((12 * width * width) + (13 * width));

    internal static float[] Random(int width, RandomStream random)
    {
        var all = new float[Parameters(width)];
        var rest = all.AsSpan();
        Gains(ref rest, width);
        Dense(ref rest, width, 3 * width, random);
        Dense(ref rest, width, width, random);
        Gains(ref rest, width);
        Dense(ref rest, width, 4 * width, random);
        Dense(ref rest, 4 * width, width, random);
        return all;
    }

    /// <summary>Returns gain, bias, then score weights.</summary>
    internal static float[] Projection(int count, int width, RandomStream random)
    {
        var all = new float[count];
        all.AsSpan(0, width).Fill(1);
        Fill(all.AsSpan(2 * width), 1 / Math.Sqrt(width), random);
        return all;
    }

    internal static float[] Uniform(int count, double bound, RandomStream random)
    {
        var all = new float[count];
        Fill(all, bound, random);
        return all;
    }

    internal static void Normalize(ReadOnlySpan<float> inputs, int rows, int width, ReadOnlySpan<float> weights, Span<float> outputs) =>
        Norm.Forward(new() { Input = new(width), Rows = rows, Weights = weights[..(2 * width)], Inputs = inputs, Outputs = outputs });

    internal void Forward(Span<float> rows, int position)
    {
        var mark = memory.Mark();
        var count = rows.Length / Width;
        var normal = memory.Rent(rows.Length);
        var wide = memory.Rent(4 * rows.Length);
        var rest = _weights;
        var norm = Take(ref rest, 2 * Width);
        var places = Places(count, Width);
        Normalize(rows, count, Width, norm, normal);
        var projected = wide[..(3 * rows.Length)];
        Dense(ref rest, normal, places, steps.Attention, 3 * Width, projected);
        for (var r = 0; r < count; r++) { Keep(projected.Slice(3 * r * Width, 3 * Width), position + r); }
        for (var r = 0; r < count; r++) { Attend(projected.Slice(3 * r * Width, Width), position + r, normal.Slice(r * Width, Width)); }
        var sums = wide[..rows.Length];
        Dense(ref rest, normal, places, steps.Narrow, Width, sums);
        Add(sums, rows);
        norm = Take(ref rest, 2 * Width);
        Normalize(rows, count, Width, norm, normal);
        Dense(ref rest, normal, places, steps.Wide, 4 * Width, wide);
        foreach (ref var value in wide) { value = value > 0 ? value : 0; }
        Dense(ref rest, wide, Places(count, 4 * Width), steps.Back, Width, normal);
        Add(normal, rows);
        memory.Release(mark);
    }

    private void Keep(ReadOnlySpan<float> projected, int position)
    {
        for (var i = 0; i < Width; i++) { _keys[(i * model.Context) + position] = projected[Width + i]; }
        projected.Slice(2 * Width, Width).CopyTo(_values.Slice(position * Width, Width));
    }

    private void Attend(ReadOnlySpan<float> query, int position, Span<float> mixture)
    {
        var mark = memory.Mark();
        var (size, places) = (Width / model.Heads, position + 1);
        var shares = memory.Rent(places);
        var scale = (float)(1 / Math.Sqrt(size));
        for (var head = 0; head < model.Heads; head++)
        {
            var at = head * size;
            Product.FromZeros(query.Slice(at, size), [0], steps.Keys, _keys[(at * model.Context)..], shares, places, places);
            foreach (ref var share in shares) { share *= scale; }
            Softmax.Probabilities(shares);
            Product.FromZeros(shares, [0], steps.Values.AsSpan(0, places), _values[at..], mixture.Slice(at, size), size, size);
        }

        memory.Release(mark);
    }

    private static void Dense(ref ReadOnlySpan<float> rest, ReadOnlySpan<float> inputs, ReadOnlySpan<int> places, Step[] steps,
        int outputs, Span<float> results)
    {
        var weights = Take(ref rest, steps.Length * outputs);
        Product.FromColumns(Take(ref rest, outputs), inputs, places, steps, weights, results, outputs, outputs);
    }

    private Span<int> Places(int count, int step)
    {
        var places = System.Runtime.InteropServices.MemoryMarshal.Cast<float, int>(memory.Rent(count));
        for (var i = 0; i < places.Length; i++) { places[i] = i * step; }
        return places;
    }

    private static void Add(ReadOnlySpan<float> values, Span<float> sums)
    {
        for (var i = 0; i < sums.Length; i++) { sums[i] += values[i]; }
    }

    private static ReadOnlySpan<float> Take(ref ReadOnlySpan<float> rest, int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    private static void Gains(ref Span<float> rest, int width)
    {
        rest[..width].Fill(1);
        rest = rest[(2 * width)..];
    }

    private static void Dense(ref Span<float> rest, int inputs, int outputs, RandomStream random)
    {
        Fill(rest[..((inputs + 1) * outputs)], 1 / Math.Sqrt(inputs), random);
        rest = rest[((inputs + 1) * outputs)..];
    }

    private static void Fill(Span<float> values, double bound, RandomStream random)
    {
        foreach (ref var value in values) { value = (float)random.NextDouble(-bound, bound); }
    }
}
