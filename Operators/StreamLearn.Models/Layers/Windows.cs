using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>
/// Where the windows of a pool or a depthwise convolution lie on one channel: a plane of lines. A signal's window is one line high.
/// </summary>
/// <remarks>
/// Kernels go over a plane in vectors of eight neighboring outputs, the last one over outputs that were there already. A plane with
/// padding, or of fewer than eight outputs a line, is laid out in scratch memory first, so that every vector lies within it.
/// </remarks>
internal readonly struct Windows
{
    internal const int Lanes = 8;

    /// <summary>Windows on one channel of an input.</summary>
    internal Windows(Shape input, bool signal, int size, int stride, int padding)
    {
        if (signal && input.Height != 1) { throw new ArgumentException($"expected a signal, got {input}"); }
        this = new(new Sliding(input, signal ? 1 : size, size, signal ? 1 : stride, stride, padding));
    }

    /// <summary>Windows where they stand.</summary>
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

    /// <summary>Lines of a window.</summary>
    internal int Tall { get; }

    /// <summary>Values of a window's line.</summary>
    internal int Wide { get; }

    /// <summary>Lines from one window to the next below.</summary>
    internal int Down { get; }

    /// <summary>Values from one window to the next beside.</summary>
    internal int Stride { get; }

    /// <summary>Lines of padding before the first.</summary>
    internal int Top { get; }

    /// <summary>Values of padding before the first of a line.</summary>
    internal int Left { get; }

    /// <summary>Lines of a plane that is laid out.</summary>
    internal int Lines { get; }

    /// <summary>Values of a line of a plane that is laid out.</summary>
    internal int Length { get; }

    /// <summary>Whether every vector of whole windows lies within the plane as it is.</summary>
    internal bool IsDirect { get; }

    /// <summary>Values of a plane that is laid out.</summary>
    internal int LaidOut => checked(Lines * Length);

    /// <summary>Shape of one row after the windows.</summary>
    internal Shape Output(int channels) => new(channels, OutputHeight, OutputWidth);

    /// <summary>Copies a plane to where it has padding around it, and space for whole vectors.</summary>
    internal ReadOnlySpan<float> LayOut(ReadOnlySpan<float> plane, Span<float> scratch, float padding)
    {
        var laid = scratch[..LaidOut];
        laid.Fill(padding);
        for (var y = 0; y < Height; y++) { plane.Slice(y * Width, Width).CopyTo(laid[(((Top + y) * Length) + Left)..]); }
        return laid;
    }

    /// <summary>Eight values, a stride apart: values[0], values[stride], …; no value between or after them is read in vain.</summary>
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

    /// <summary>Values in whole vectors.</summary>
    internal static int Round(int values) => (values + Lanes - 1) / Lanes * Lanes;

    /// <summary>Writes a vector to a line from x on, or as much of it as a short line has space for.</summary>
    internal static void Store<T>(Vector256<T> vector, Span<T> line, int x)
    {
        if (line.Length >= Lanes)
        {
            vector.CopyTo(line[x..]);
            return;
        }

        for (var i = 0; i < line.Length; i++) { line[i] = vector[i]; }
    }

    /// <summary>Where the vector of outputs from here on starts: earlier at the end of a line.</summary>
    internal static int Place(int from, int outputs) => Math.Min(from, Math.Max(0, outputs - Lanes));
}
