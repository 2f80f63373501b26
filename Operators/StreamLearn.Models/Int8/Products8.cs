using System.Runtime.InteropServices;

namespace StreamLearn.Models;

internal readonly record struct SumTarget(Affine8? Numbers, bool IsRectified);

internal sealed class SumEnd
{
    private const int MaxBias = 1 << 30;

    private readonly int[] _biases;
    private readonly double[] _units;
    private readonly FixedPoint? _fixed;
    private readonly SumTarget _target;

    /// <summary><paramref name="totals"/>: sum of each output's weights. <paramref name="corrections"/>: added to each bias.</summary>
    internal SumEnd(Affine8 input, ReadOnlySpan<float> scales, ReadOnlySpan<float> biases, ReadOnlySpan<int> totals,
        ReadOnlySpan<int> corrections, SumTarget target)
    {
        (_target, _units, _biases) = (target, new double[scales.Length], new int[(scales.Length + 7) / 8 * 8]);
        for (var o = 0; o < scales.Length; o++)
        {
            _units[o] = (double)input.Scale * scales[o];
            var bias = (int)Math.Clamp(Math.Round(biases[o] / _units[o], MidpointRounding.AwayFromZero), -MaxBias, MaxBias);
            _biases[o] = bias - (input.Zero * totals[o]) + (corrections.IsEmpty ? 0 : corrections[o]);
        }

        if (target.Numbers is { } output) { _fixed = new([.. _units.Select(unit => unit / output.Scale)]); }
    }

    /// <summary>Raises the scales of weights so small that their bias would overflow; compared with it, they are negligible.</summary>
    internal static void Widen(Span<float> scales, ReadOnlySpan<float> biases, float inputScale)
    {
        for (var o = 0; o < scales.Length; o++)
        {
            scales[o] = (float)Math.Max(scales[o], Math.Abs((double)biases[o]) / inputScale / MaxBias);
        }
    }

    /// <summary>Writes integers [rows, positions, outputs] or float values [rows, outputs, positions].</summary>
    internal void Write(Span<int> sums, int row, int place, int places, Span<float> to)
    {
        var outputs = _units.Length;
        if (_target.Numbers is { } affine)
        {
            _fixed!.Numbers(sums, _biases, affine.Zero, _target.IsRectified ? affine.Zero : byte.MinValue,
                MemoryMarshal.AsBytes(to).Slice(((row * places) + place) * outputs, outputs));
            return;
        }

        for (var o = 0; o < outputs; o++)
        {
            var value = (float)((sums[o] + _biases[o]) * _units[o]);
            to[(((row * outputs) + o) * places) + place] = _target.IsRectified ? Math.Max(value, 0) : value;
        }
    }
}

internal sealed class Products8(Sliding at, ByteProduct product, byte zero, SumEnd end) : Int8Step
{
    private readonly int _line = at.PaddedWidth * at.Input.Channels;

    private int LaidValues => ((at.PaddedHeight * _line * product.InputBytes) + ByteProduct.Slack + 3) / 4;

    private bool IsDense => at.Input.Samples == 1 && at.KernelHeight * at.KernelWidth == 1;

    internal override int Scratch(int rows) => IsDense
        ? (((rows * at.Input.Size * product.InputBytes) + ByteProduct.Slack + 3) / 4) + (rows * product.Pitch) + 64
        : LaidValues + ((at.Input.Size + 3) / 4) + (at.Width * product.Pitch) + 64;

    internal override void Run(int rows, ReadOnlySpan<float> from, Span<float> to, Span<float> scratch)
    {
        if (IsDense) { Dense(rows, from, to, scratch); }
        else { Convolve(rows, from, to, scratch); }
    }

    private void Dense(int rows, ReadOnlySpan<float> from, Span<float> to, Span<float> scratch)
    {
        var size = at.Input.Size;
        var sums = MemoryMarshal.Cast<float, int>(scratch)[..(rows * product.Pitch)];
        var laid = Bytes(scratch[sums.Length..])[..((rows * size * product.InputBytes) + ByteProduct.Slack)];
        product.LayOut(Bytes(from)[..(rows * size)], laid);
        laid[^ByteProduct.Slack..].Clear();
        product.Sums(laid, size, 0, sums);
        for (var r = 0; r < rows; r++) { end.Write(sums.Slice(r * product.Pitch, product.Pitch), r, 0, 1, to); }
    }

    private void Convolve(int rows, ReadOnlySpan<float> from, Span<float> to, Span<float> scratch)
    {
        var (places, width) = (at.Height * at.Width, at.Input.Width * at.Input.Channels);
        var sums = MemoryMarshal.Cast<float, int>(scratch)[..(at.Width * product.Pitch)];
        var laid = Bytes(scratch.Slice(sums.Length, LaidValues));
        var zeros = Bytes(scratch[(sums.Length + LaidValues)..])[..Math.Max(_line, 1)];
        zeros.Fill(zero);
        for (var line = 0; line < at.PaddedHeight; line++) { product.LayOut(zeros, laid[(line * _line * product.InputBytes)..]); }
        laid[(at.PaddedHeight * _line * product.InputBytes)..].Clear();
        for (var r = 0; r < rows; r++)
        {
            var inputs = Bytes(from).Slice(r * at.Input.Size, at.Input.Size);
            for (var line = 0; line < at.Input.Height; line++)
            {
                var place = (((at.Top + line) * _line) + (at.Left * at.Input.Channels)) * product.InputBytes;
                product.LayOut(inputs.Slice(line * width, width), laid[place..]);
            }

            for (var y = 0; y < at.Height; y++)
            {
                product.Sums(laid[(y * at.StrideDown * _line * product.InputBytes)..], at.StrideAcross * at.Input.Channels, _line, sums);
                for (var x = 0; x < at.Width; x++)
                {
                    end.Write(sums.Slice(x * product.Pitch, product.Pitch), r, (y * at.Width) + x, places, to);
                }
            }
        }
    }
}

/// <summary>Weights are stored as [taps, channels].</summary>
internal sealed class DepthwiseProducts8(Shape input, Windows windows, sbyte[] weights, byte zero, SumEnd end) : Int8Step
{
    internal override int Scratch(int rows) => (input.Channels + 7) / 8 * 8;

    internal override void Run(int rows, ReadOnlySpan<float> from, Span<float> to, Span<float> scratch)
    {
        var (channels, places) = (input.Channels, windows.OutputHeight * windows.OutputWidth);
        var sums = MemoryMarshal.Cast<float, int>(scratch)[..((channels + 7) / 8 * 8)];
        for (var i = 0; i < rows * places; i++)
        {
            var place = i % places;
            var row = Bytes(from).Slice(i / places * input.Size, input.Size);
            var (y, x) = ((place / windows.OutputWidth * windows.Down) - windows.Top,
                (place % windows.OutputWidth * windows.Stride) - windows.Left);
            sums.Clear();
            for (var tap = 0; tap < windows.Tall * windows.Wide; tap++)
            {
                var (line, column) = (y + (tap / windows.Wide), x + (tap % windows.Wide));
                if (line < 0 || line >= windows.Height || column < 0 || column >= windows.Width) { continue; }
                var numbers = row.Slice(((line * windows.Width) + column) * channels, channels);
                var factors = weights.AsSpan(tap * channels, channels);
                for (var c = 0; c < channels; c++) { sums[c] += (numbers[c] - zero) * factors[c]; }
            }

            end.Write(sums, i / places, place, places, to);
        }
    }
}
