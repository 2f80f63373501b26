using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

internal static class Correlation
{
    internal static int BackValues(in Windows windows) => checked((windows.Lines + windows.Tall - 1) * BackLength(windows));

    internal static void Forward(ReadOnlySpan<float> plane, int length, in Windows windows, ReadOnlySpan<float> weights, float bias,
        Span<float> outputs)
    {
        var (tall, wide, stride, width) = (windows.Tall, windows.Wide, windows.Stride, windows.OutputWidth);
        ref var weight = ref MemoryMarshal.GetReference(weights[..(tall * wide)]);
        for (var y = 0; y < windows.OutputHeight; y++)
        {
            ref var origin = ref MemoryMarshal.GetReference(plane[(y * windows.Down * length)..]);
            var line = outputs.Slice(y * width, width);
            if (stride == 1)
            {
                Line(ref origin, length, 1, windows, ref weight, bias, line);
                continue;
            }

            for (var from = 0; from < width; from += Windows.Lanes)
            {
                var x = Windows.Place(from, width);
                ref var corner = ref Unsafe.Add(ref origin, x * stride);
                var sum = Vector256.Create(bias);
                for (var ky = 0; ky < tall; ky++)
                {
                    for (var kx = 0; kx < wide; kx++)
                    {
                        var value = Windows.Load(ref Unsafe.Add(ref corner, (ky * length) + kx), stride);
                        sum = Vector256.FusedMultiplyAdd(value, Vector256.Create(Unsafe.Add(ref weight, (ky * wide) + kx)), sum);
                    }
                }

                Windows.Store(sum, line, x);
            }
        }
    }

    /// <summary>Uses eight chains each; without weights, adds only the bias. Gradient lines are zero-padded to whole vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void AddGradients(ReadOnlySpan<float> laid, in Windows windows, ReadOnlySpan<float> gradients, Span<float> weights,
        ref float bias)
    {
        var rounded = Windows.Round(windows.OutputWidth);
        ref var given = ref MemoryMarshal.GetReference(gradients[..(windows.OutputHeight * rounded)]);
        var all = Vector256<float>.Zero;
        for (var i = 0; i < windows.OutputHeight * rounded; i += Windows.Lanes) { all += Vector256.LoadUnsafe(ref given, (nuint)i); }
        bias += Fold(all);
        for (var k = 0; k < weights.Length; k++)
        {
            ref var origin = ref MemoryMarshal.GetReference(laid[((k / windows.Wide * windows.Length) + (k % windows.Wide))..]);
            var sum = Vector256<float>.Zero;
            for (var y = 0; y < windows.OutputHeight; y++)
            {
                for (var x = 0; x < rounded; x += Windows.Lanes)
                {
                    var at = (y * windows.Down * windows.Length) + (x * windows.Stride);
                    var value = Windows.Load(ref Unsafe.Add(ref origin, at), windows.Stride);
                    sum = Vector256.FusedMultiplyAdd(value, Vector256.LoadUnsafe(ref given, (nuint)((y * rounded) + x)), sum);
                }
            }

            weights[k] += Fold(sum);
        }
    }

    internal static void GiveBack(ReadOnlySpan<float> gradients, in Windows windows, ReadOnlySpan<float> weights,
        Span<float> inputGradients, Span<float> scratch)
    {
        var (tall, wide, width, length) = (windows.Tall, windows.Wide, windows.Width, BackLength(windows));
        var apart = scratch[..BackValues(windows)];
        Spread(gradients, windows, apart);
        ref var weight = ref MemoryMarshal.GetReference(weights[..(tall * wide)]);
        for (var y = 0; y < windows.Height; y++)
        {
            ref var origin = ref MemoryMarshal.GetReference(apart[(((y + windows.Top + tall - 1) * length) + windows.Left + wide - 1)..]);
            var line = inputGradients.Slice(y * width, width);
            Line(ref origin, -length, -1, windows, ref weight, 0, line);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Line(ref float origin, int down, int across, in Windows windows, ref float weight, float start, Span<float> line)
    {
        var (tall, wide, x) = (windows.Tall, windows.Wide, 0);
        for (; x + (4 * Windows.Lanes) <= line.Length; x += 4 * Windows.Lanes)
        {
            var (a, b, c, d) = (Vector256.Create(start), Vector256.Create(start), Vector256.Create(start), Vector256.Create(start));
            for (var ky = 0; ky < tall; ky++)
            {
                ref var value = ref Unsafe.Add(ref origin, x + (ky * down));
                for (var kx = 0; kx < wide; kx++, value = ref Unsafe.Add(ref value, across))
                {
                    var factor = Vector256.Create(Unsafe.Add(ref weight, (ky * wide) + kx));
                    a = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref value), factor, a);
                    b = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref value, 8), factor, b);
                    c = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref value, 16), factor, c);
                    d = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref value, 24), factor, d);
                }
            }

            a.CopyTo(line[x..]);
            b.CopyTo(line[(x + 8)..]);
            c.CopyTo(line[(x + 16)..]);
            d.CopyTo(line[(x + 24)..]);
        }

        for (; x < line.Length; x += Windows.Lanes)
        {
            var at = Windows.Place(x, line.Length);
            var sum = Vector256.Create(start);
            for (var ky = 0; ky < tall; ky++)
            {
                ref var value = ref Unsafe.Add(ref origin, at + (ky * down));
                for (var kx = 0; kx < wide; kx++, value = ref Unsafe.Add(ref value, across))
                {
                    var factor = Vector256.Create(Unsafe.Add(ref weight, (ky * wide) + kx));
                    sum = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref value), factor, sum);
                }
            }

            Windows.Store(sum, line, at);
        }
    }

    private static void Spread(ReadOnlySpan<float> gradients, in Windows windows, Span<float> apart)
    {
        var (width, length, stride) = (windows.OutputWidth, BackLength(windows), windows.Stride);
        apart.Clear();
        for (var y = 0; y < windows.OutputHeight; y++)
        {
            var line = gradients.Slice(y * width, width);
            var target = apart[((((y * windows.Down) + windows.Tall - 1) * length) + windows.Wide - 1)..];
            if (stride == 1)
            {
                line.CopyTo(target);
                continue;
            }

            for (var x = 0; x < width; x++) { target[x * stride] = line[x]; }
        }
    }

    private static int BackLength(in Windows windows) => checked(
        Math.Max(windows.Left + Windows.Round(windows.Width), ((windows.OutputWidth - 1) * windows.Stride) + 1) + windows.Wide - 1);

    private static float Fold(Vector256<float> eight)
    {
        var four = eight.GetLower() + eight.GetUpper();
        var two = four.GetLower() + four.GetUpper();
        return two[0] + two[1];
    }
}
