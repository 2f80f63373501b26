using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamLearn.Models;

/// <summary>For one row and 2, 4, 6 or 8 outputs: the weights of four inputs fill one to four vectors, with no lane idle.</summary>
/// <remarks>Lane l has input l / outputs and output l mod outputs. It gives the same bits as <see cref="FewOutputs"/> and
/// <see cref="OuterProduct"/>: the lanes of one input are one of the four chains.</remarks>
internal static class FourInputs
{
    private const int AtOnce = 4;
    private const int Lanes = 8;
    private const int MaxOutputs = 8;
    private const int MaxLanes = AtOnce * MaxOutputs;

    private static readonly int[][] Places =
    [
        [],
        .. Enumerable.Range(1, MaxLanes / Lanes).Select(static vectors =>
            Enumerable.Range(0, MaxLanes).Select(lane => lane / (2 * vectors) % AtOnce).ToArray()),
    ];

    internal static bool Takes(int outputs) => Avx.IsSupported && Fma.IsSupported && outputs is 2 or 4 or 6 or MaxOutputs;

    [SkipLocalsInit]
    internal static void Forward(ReadOnlySpan<float> inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> outputs)
    {
        var lanes = AtOnce * bias.Length;
        Span<float> chains = stackalloc float[MaxLanes];
        Span<float> rest = stackalloc float[AtOnce + MaxLanes];
        chains.Clear();
        var whole = inputs.Length / AtOnce;
        Add(inputs, weights, whole, lanes, chains);
        if (whole * AtOnce < inputs.Length)
        {
            rest.Clear();
            inputs[(whole * AtOnce)..].CopyTo(rest);
            weights[(whole * lanes)..].CopyTo(rest[AtOnce..]);
            Add(rest, rest[AtOnce..], 1, lanes, chains);
        }

        FewOutputs.Finish(chains[..lanes], bias, outputs, 0);
    }

    /// <summary>Computes weights += rate · velocity and velocity = momentum · velocity + inputs · gradients.</summary>
    [SkipLocalsInit]
    internal static int Descend(ReadOnlySpan<float> inputs, ReadOnlySpan<float> gradients, Span<float> weights, Span<float> velocity,
        float rate, float momentum)
    {
        var (groups, lanes) = (inputs.Length / AtOnce, gradients.Length);
        Span<float> lines = stackalloc float[MaxLanes + Lanes];     // padded with zeros
        gradients.CopyTo(lines);
        lines[gradients.Length..].Clear();
        var places = Places[lanes / Lanes];
        switch (lanes / Lanes)
        {
            case 1: Move<One>(inputs, groups, lines, places, weights, velocity, rate, momentum); break;
            case 2: Move<Two>(inputs, groups, lines, places, weights, velocity, rate, momentum); break;
            case 3: Move<Three>(inputs, groups, lines, places, weights, velocity, rate, momentum); break;
            default: Move<Four>(inputs, groups, lines, places, weights, velocity, rate, momentum); break;
        }

        return groups * AtOnce;
    }

    private static void Add(ReadOnlySpan<float> inputs, ReadOnlySpan<float> weights, int groups, int lanes, Span<float> chains)
    {
        var places = Places[lanes / Lanes];
        switch (lanes / Lanes)
        {
            case 1: Add<One>(inputs, weights, groups, places, chains); break;
            case 2: Add<Two>(inputs, weights, groups, places, chains); break;
            case 3: Add<Three>(inputs, weights, groups, places, chains); break;
            default: Add<Four>(inputs, weights, groups, places, chains); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<TVectors>(ReadOnlySpan<float> inputs, ReadOnlySpan<float> weights, int groups, ReadOnlySpan<int> places,
        Span<float> chains)
        where TVectors : struct, ICount
    {
        ref var input = ref MemoryMarshal.GetReference(inputs);
        ref var weight = ref MemoryMarshal.GetReference(weights);
        var (place0, place1, place2, place3) = Load(places);
        var (sum0, sum1, sum2, sum3) = Load<float>(chains);
        for (; groups > 0; groups--)
        {
            var four = Twice(ref input);
            sum0 = Fma.MultiplyAdd(Avx.PermuteVar(four, place0), Vector256.LoadUnsafe(ref weight), sum0);
            if (TVectors.Count > 1) { sum1 = Fma.MultiplyAdd(Avx.PermuteVar(four, place1), Vector256.LoadUnsafe(ref weight, 8), sum1); }
            if (TVectors.Count > 2) { sum2 = Fma.MultiplyAdd(Avx.PermuteVar(four, place2), Vector256.LoadUnsafe(ref weight, 16), sum2); }
            if (TVectors.Count > 3) { sum3 = Fma.MultiplyAdd(Avx.PermuteVar(four, place3), Vector256.LoadUnsafe(ref weight, 24), sum3); }
            input = ref Unsafe.Add(ref input, AtOnce);
            weight = ref Unsafe.Add(ref weight, TVectors.Count * Lanes);
        }

        sum0.CopyTo(chains);
        sum1.CopyTo(chains[8..]);
        sum2.CopyTo(chains[16..]);
        sum3.CopyTo(chains[24..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move<TVectors>(ReadOnlySpan<float> inputs, int groups, ReadOnlySpan<float> gradients, ReadOnlySpan<int> places,
        Span<float> weights, Span<float> velocities, float factor, float momentum)
        where TVectors : struct, ICount
    {
        ref var input = ref MemoryMarshal.GetReference(inputs);
        ref var weight = ref MemoryMarshal.GetReference(weights);
        ref var velocity = ref MemoryMarshal.GetReference(velocities);
        var remembers = !velocities.IsEmpty;
        var (place0, place1, place2, place3) = Load(places);
        var (line0, line1, line2, line3) = Load(gradients);
        var zero = Vector256.Create(gradients[MaxLanes..]);     // from memory: the compiler would rebuild a constant for each product
        var (rate, kept) = (Vector256.Create(factor), Vector256.Create(momentum));
        for (; groups > 0; groups--)
        {
            var four = Twice(ref input);
            var step0 = Fma.MultiplyAdd(Avx.PermuteVar(four, place0), line0, zero);
            var step1 = TVectors.Count > 1 ? Fma.MultiplyAdd(Avx.PermuteVar(four, place1), line1, zero) : zero;
            var step2 = TVectors.Count > 2 ? Fma.MultiplyAdd(Avx.PermuteVar(four, place2), line2, zero) : zero;
            var step3 = TVectors.Count > 3 ? Fma.MultiplyAdd(Avx.PermuteVar(four, place3), line3, zero) : zero;
            if (remembers)
            {
                step0 = Kept(kept, step0, ref velocity, 0);
                if (TVectors.Count > 1) { step1 = Kept(kept, step1, ref velocity, 8); }
                if (TVectors.Count > 2) { step2 = Kept(kept, step2, ref velocity, 16); }
                if (TVectors.Count > 3) { step3 = Kept(kept, step3, ref velocity, 24); }
                velocity = ref Unsafe.Add(ref velocity, TVectors.Count * Lanes);
            }

            Move(rate, step0, ref weight, 0);
            if (TVectors.Count > 1) { Move(rate, step1, ref weight, 8); }
            if (TVectors.Count > 2) { Move(rate, step2, ref weight, 16); }
            if (TVectors.Count > 3) { Move(rate, step3, ref weight, 24); }
            input = ref Unsafe.Add(ref input, AtOnce);
            weight = ref Unsafe.Add(ref weight, TVectors.Count * Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Kept(Vector256<float> kept, Vector256<float> step, ref float velocity, nuint at)
    {
        step = Fma.MultiplyAdd(kept, Vector256.LoadUnsafe(ref velocity, at), step);
        step.StoreUnsafe(ref velocity, at);
        return step;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Move(Vector256<float> rate, Vector256<float> step, ref float weight, nuint at) =>
        Fma.MultiplyAdd(rate, step, Vector256.LoadUnsafe(ref weight, at)).StoreUnsafe(ref weight, at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Twice(ref float inputs)
    {
        var four = Vector128.LoadUnsafe(ref inputs);
        return Vector256.Create(four, four);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<T> First, Vector256<T> Second, Vector256<T> Third, Vector256<T> Fourth) Load<T>(ReadOnlySpan<T> lanes) =>
        (Vector256.Create(lanes), Vector256.Create(lanes[8..]), Vector256.Create(lanes[16..]), Vector256.Create(lanes[24..]));
}
