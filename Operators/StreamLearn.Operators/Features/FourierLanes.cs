using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Operators;

/// <summary>Vector operations for one width; lanes are independent, so that bits do not depend on the width.</summary>
internal interface IFourierLanes<TVector>
    where TVector : struct
{
    static abstract int Lanes { get; }

    static abstract TVector Load(ref double source);

    static abstract TVector Fill(double value);

    static abstract void Store(TVector vector, ref double target);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>Interleaves runs of a and b, each a part of a vector.</summary>
    static abstract (TVector First, TVector Second) Interleave(TVector a, TVector b, int run);

    static abstract (TVector Even, TVector Odd) Deinterleave(TVector a, TVector b);

    static abstract TVector Reverse(TVector vector);
}

internal readonly struct FourierLanes512 : IFourierLanes<Vector512<double>>
{
    public static int Lanes => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load(ref double source) => Vector512.LoadUnsafe(ref source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Fill(double value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<double> vector, ref double target) => vector.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Add(Vector512<double> a, Vector512<double> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Subtract(Vector512<double> a, Vector512<double> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Multiply(Vector512<double> a, Vector512<double> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<double> First, Vector512<double> Second) Interleave(Vector512<double> a, Vector512<double> b, int run)
    {
        if (run == 4)
        {
            return (Vector512.Create(a.GetLower(), b.GetLower()), Vector512.Create(a.GetUpper(), b.GetUpper()));
        }

        return run == 1
            ? (Pick(1, Vector512.Shuffle(a, Vector512.Create(0L, 0, 1, 1, 2, 2, 3, 3)),
                    Vector512.Shuffle(b, Vector512.Create(0L, 0, 1, 1, 2, 2, 3, 3))),
                Pick(1, Vector512.Shuffle(a, Vector512.Create(4L, 4, 5, 5, 6, 6, 7, 7)),
                    Vector512.Shuffle(b, Vector512.Create(4L, 4, 5, 5, 6, 6, 7, 7))))
            : (Pick(2, Vector512.Shuffle(a, Vector512.Create(0L, 1, 0, 1, 2, 3, 2, 3)),
                    Vector512.Shuffle(b, Vector512.Create(0L, 1, 0, 1, 2, 3, 2, 3))),
                Pick(2, Vector512.Shuffle(a, Vector512.Create(4L, 5, 4, 5, 6, 7, 6, 7)),
                    Vector512.Shuffle(b, Vector512.Create(4L, 5, 4, 5, 6, 7, 6, 7))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<double> Even, Vector512<double> Odd) Deinterleave(Vector512<double> a, Vector512<double> b)
    {
        var (evenA, evenB) = (Vector512.Shuffle(a, Vector512.Create(0L, 2, 4, 6, 0, 2, 4, 6)),
            Vector512.Shuffle(b, Vector512.Create(0L, 2, 4, 6, 0, 2, 4, 6)));
        var (oddA, oddB) = (Vector512.Shuffle(a, Vector512.Create(1L, 3, 5, 7, 1, 3, 5, 7)),
            Vector512.Shuffle(b, Vector512.Create(1L, 3, 5, 7, 1, 3, 5, 7)));
        return (Vector512.Create(evenA.GetLower(), evenB.GetUpper()), Vector512.Create(oddA.GetLower(), oddB.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Reverse(Vector512<double> vector) =>
        Vector512.Shuffle(vector, Vector512.Create(7L, 6, 5, 4, 3, 2, 1, 0));

    /// <summary>Selects a where the lane index does not have the bit, otherwise b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Pick(long bit, Vector512<double> a, Vector512<double> b) => Vector512.ConditionalSelect(
        (bit == 1 ? Vector512.Create(-1L, 0, -1, 0, -1, 0, -1, 0) : Vector512.Create(-1L, -1, 0, 0, -1, -1, 0, 0)).AsDouble(), a, b);
}

internal readonly struct FourierLanes256 : IFourierLanes<Vector256<double>>
{
    public static int Lanes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Load(ref double source) => Vector256.LoadUnsafe(ref source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Fill(double value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<double> vector, ref double target) => vector.StoreUnsafe(ref target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Add(Vector256<double> a, Vector256<double> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Subtract(Vector256<double> a, Vector256<double> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Multiply(Vector256<double> a, Vector256<double> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<double> First, Vector256<double> Second) Interleave(Vector256<double> a, Vector256<double> b, int run)
    {
        if (run == 2)
        {
            return (Vector256.Create(a.GetLower(), b.GetLower()), Vector256.Create(a.GetUpper(), b.GetUpper()));
        }

        var fromA = Vector256.Create(-1L, 0, -1, 0).AsDouble();
        return (
            Vector256.ConditionalSelect(fromA, Vector256.Shuffle(a, Vector256.Create(0L, 0, 1, 1)),
                Vector256.Shuffle(b, Vector256.Create(0L, 0, 1, 1))),
            Vector256.ConditionalSelect(fromA, Vector256.Shuffle(a, Vector256.Create(2L, 2, 3, 3)),
                Vector256.Shuffle(b, Vector256.Create(2L, 2, 3, 3))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<double> Even, Vector256<double> Odd) Deinterleave(Vector256<double> a, Vector256<double> b)
    {
        var (evenA, evenB) = (Vector256.Shuffle(a, Vector256.Create(0L, 2, 0, 2)), Vector256.Shuffle(b, Vector256.Create(0L, 2, 0, 2)));
        var (oddA, oddB) = (Vector256.Shuffle(a, Vector256.Create(1L, 3, 1, 3)), Vector256.Shuffle(b, Vector256.Create(1L, 3, 1, 3)));
        return (Vector256.Create(evenA.GetLower(), evenB.GetUpper()), Vector256.Create(oddA.GetLower(), oddB.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Reverse(Vector256<double> vector) =>
        Vector256.Shuffle(vector, Vector256.Create(3L, 2, 1, 0));
}

/// <summary>Lanes for short transforms, and for processors without wider vectors.</summary>
internal readonly struct FourierLanes64 : IFourierLanes<double>
{
    public static int Lanes => 1;

    public static double Load(ref double source) => source;

    public static double Fill(double value) => value;

    public static void Store(double vector, ref double target) => target = vector;

    public static double Add(double a, double b) => a + b;

    public static double Subtract(double a, double b) => a - b;

    public static double Multiply(double a, double b) => a * b;

    public static (double First, double Second) Interleave(double a, double b, int run) => (a, b);

    public static (double Even, double Odd) Deinterleave(double a, double b) => (a, b);

    public static double Reverse(double vector) => vector;
}
