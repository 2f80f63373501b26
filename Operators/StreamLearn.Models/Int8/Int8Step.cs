using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>A step of integer inference. Integers are stored as [rows, positions, channels], so that a window is contiguous; float values
/// as [rows, channels, positions].</summary>
internal abstract class Int8Step
{
    internal virtual int Scratch(int rows) => 0;

    /// <summary>Runs the step. Integers are bytes in the memory of float values.</summary>
    internal abstract void Run(int rows, ReadOnlySpan<float> from, Span<float> to, Span<float> scratch);

    /// <summary>Transposes [rows, columns] to [columns, rows].</summary>
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

/// <summary>Max pooling; integers keep the order of values.</summary>
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
