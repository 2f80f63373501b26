using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>
/// A part of inference with integers. Numbers lie [rows, places, channels], so that what a window sees is in one piece; values lie as
/// layers have them, [rows, channels, places].
/// </summary>
internal abstract class Int8Step
{
    /// <summary>Scratch values of a call of some rows.</summary>
    internal virtual int Scratch(int rows) => 0;

    /// <summary>Computes rows. Numbers are bytes in the memory of values.</summary>
    internal abstract void Run(int rows, ReadOnlySpan<float> from, Span<float> to, Span<float> scratch);

    /// <summary>[rows, columns] → [columns, rows].</summary>
    private protected static void Turn<T>(ReadOnlySpan<T> from, int rows, int columns, Span<T> to)
    {
        for (var row = 0; row < rows; row++)
        {
            var line = from.Slice(row * columns, columns);
            for (var (column, at) = (0, row); column < line.Length; column++, at += rows) { to[at] = line[column]; }
        }
    }

    private protected static ReadOnlySpan<byte> Bytes(ReadOnlySpan<float> memory) => MemoryMarshal.AsBytes(memory);

    private protected static Span<byte> Bytes(Span<float> memory) => MemoryMarshal.AsBytes(memory);
}

/// <summary>Values to numbers.</summary>
internal sealed class ToNumbers(Affine8 affine, Shape shape) : Int8Step
{
    internal override int Scratch(int rows) => (shape.Size + 3) / 4;

    internal override void Run(int rows, ReadOnlySpan<float> from, Span<float> to, Span<float> scratch)
    {
        var turned = Bytes(scratch)[..shape.Size];
        for (var r = 0; r < rows; r++)
        {
            var row = Bytes(to).Slice(r * shape.Size, shape.Size);
            var isFlat = shape.Channels == 1 || shape.Samples == 1;
            affine.Quantize(from.Slice(r * shape.Size, shape.Size), isFlat ? row : turned);
            if (!isFlat) { Turn(turned, shape.Channels, shape.Samples, row); }
        }
    }
}

/// <summary>Numbers to values.</summary>
internal sealed class ToValues(Affine8 affine, Shape shape) : Int8Step
{
    internal override int Scratch(int rows) => shape.Size;

    internal override void Run(int rows, ReadOnlySpan<float> from, Span<float> to, Span<float> scratch)
    {
        var turned = scratch[..shape.Size];
        for (var r = 0; r < rows; r++)
        {
            var row = to.Slice(r * shape.Size, shape.Size);
            var isFlat = shape.Channels == 1 || shape.Samples == 1;
            affine.Restore(Bytes(from).Slice(r * shape.Size, shape.Size), isFlat ? row : turned);
            if (!isFlat) { Turn(turned, shape.Samples, shape.Channels, row); }
        }
    }
}

/// <summary>A layer that has no integers: on values.</summary>
internal sealed class OnValues(Layer layer, Shape input, float[] weights) : Int8Step
{
    private readonly LayerPlan _plan = layer.Plan(input);

    internal override int Scratch(int rows) => _plan.Scratch(rows);

    internal override void Run(int rows, ReadOnlySpan<float> from, Span<float> to, Span<float> scratch) => layer.Forward(new()
    {
        Input = input,
        Rows = rows,
        Weights = weights,
        Inputs = from[..(rows * input.Size)],
        Outputs = to[..(rows * _plan.Output.Size)],
        Scratch = scratch,
    });
}

/// <summary>The greatest number of every window: numbers are in the order of the values.</summary>
internal sealed class GreatestNumbers(Shape input, Windows windows) : Int8Step
{
    internal override void Run(int rows, ReadOnlySpan<float> from, Span<float> to, Span<float> scratch)
    {
        var (channels, places) = (input.Channels, windows.OutputHeight * windows.OutputWidth);
        for (var i = 0; i < rows * places; i++)
        {
            var place = i % places;
            var row = Bytes(from).Slice(i / places * input.Size, input.Size);
            var (y, x) = ((place / windows.OutputWidth * windows.Down) - windows.Top,
                (place % windows.OutputWidth * windows.Stride) - windows.Left);
            var greatest = Bytes(to).Slice(i * channels, channels);
            greatest.Clear();
            for (var line = Math.Max(0, y); line < Math.Min(y + windows.Tall, windows.Height); line++)
            {
                for (var at = Math.Max(0, x); at < Math.Min(x + windows.Wide, windows.Width); at++)
                {
                    TensorPrimitives.Max(row.Slice(((line * windows.Width) + at) * channels, channels), greatest, greatest);
                }
            }
        }
    }
}
