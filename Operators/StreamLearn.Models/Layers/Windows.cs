using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>The windows of a pool or depthwise convolution on the plane of a channel; those of a signal are one line high.</summary>
/// <remarks>Kernels compute eight neighboring outputs at a time; the last vector overlaps. Planes with padding, or with fewer than eight
/// outputs per line, are first copied to scratch, so that vectors stay inside.</remarks>
internal readonly struct Windows
{
    internal const int Lanes = 8;

    internal Windows(Shape input, bool signal, int size, int stride, int padding)
    {
        if (signal && input.Height != 1) { throw new ArgumentException($"expected a signal, got {input}"); }
        this = new(new Sliding(input, signal ? 1 : size, size, signal ? 1 : stride, stride, padding));
    }

    internal Windows(in Sliding at)
    {
        var input = at.Input;
        (Height, Width, OutputHeight, OutputWidth, Top, Left) = (input.Height, input.Width, at.Height, at.Width, at.Top, at.Left);
        (Tall, Wide, Down, Stride) = (at.KernelHeight, at.KernelWidth, at.StrideDown, at.StrideAcross);
        var (lines, length) = (((OutputHeight - 1) * Down) + Tall, ((OutputWidth - 1) * Stride) + Wide);
        IsDirect = Top == 0 && Left == 0 && lines <= Height && length <= Width && OutputWidth >= Lanes;
        Lines = Math.Max(lines, Top + Height);
        Length = Math.Max(checked(((Round(OutputWidth) - 1) * Stride) + Wide), Left + Width);
    }

    internal int Height { get; }

    internal int Width { get; }

    internal int OutputHeight { get; }

    internal int OutputWidth { get; }

    internal int Tall { get; }

    internal int Wide { get; }

    internal int Down { get; }

    internal int Stride { get; }

    internal int Top { get; }

    internal int Left { get; }

    internal int Lines { get; }

    /// <summary>Values in a laid-out line.</summary>
    internal int Length { get; }

    internal bool IsDirect { get; }

    internal int LaidOut => checked(Lines * Length);

    internal Shape Output(int channels) => new(channels, OutputHeight, OutputWidth);

    internal ReadOnlySpan<float> LayOut(ReadOnlySpan<float> plane, Span<float> scratch, float padding)
    {
        var laid = scratch[..LaidOut];
        laid.Fill(padding);
        for (var y = 0; y < Height; y++) { plane.Slice(y * Width, Width).CopyTo(laid[(((Top + y) * Length) + Left)..]); }
        return laid;
    }

    /// <summary>Loads eight strided values; reads nothing beyond the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Load(ref float values, int stride)
    {
        if (stride == 1) { return Vector256.LoadUnsafe(ref values); }
        if (stride == 2)
        {
            var (lower, upper) = (Vector256.LoadUnsafe(ref values).AsUInt64(), Vector256.LoadUnsafe(ref values, 7).AsUInt64());
            return Vector256.Narrow(lower, upper >>> 32).AsSingle();
        }

        return Vector256.Create(values, Unsafe.Add(ref values, stride), Unsafe.Add(ref values, 2 * stride),
            Unsafe.Add(ref values, 3 * stride), Unsafe.Add(ref values, 4 * stride), Unsafe.Add(ref values, 5 * stride),
            Unsafe.Add(ref values, 6 * stride), Unsafe.Add(ref values, 7 * stride));
    }

    internal static int Round(int values) => (values + Lanes - 1) / Lanes * Lanes;

    /// <summary>Stores a vector, truncated at the end of a short line.</summary>
    internal static void Store<T>(Vector256<T> vector, Span<T> line, int x)
    {
        if (line.Length >= Lanes)
        {
            vector.CopyTo(line[x..]);
            return;
        }

        for (var i = 0; i < line.Length; i++) { line[i] = vector[i]; }
    }

    /// <summary>Returns the start of a vector of outputs, moved back at the end of a line.</summary>
    internal static int Place(int from, int outputs) => Math.Min(from, Math.Max(0, outputs - Lanes));
}
