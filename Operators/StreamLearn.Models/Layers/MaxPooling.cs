using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StreamLearn.Models;

/// <summary>The tape holds the position of the maximum on its plane, the first on a tie. NaN is greater than all numbers.</summary>
internal static class MaxPooling
{
    internal static LayerPlan Plan(Shape input, in Windows windows) => new(windows.Output(input.Channels))
    {
        TapeValues = windows.Output(input.Channels).Size,
        ScratchValues = windows.IsDirect ? 0 : windows.LaidOut,
        Reads = BackwardReads.None,
        Streams = true,
        Shares = true,
    };

    internal static void Forward(in LayerCall call, in Windows windows)
    {
        var (samples, outputs) = (call.Input.Samples, windows.OutputHeight * windows.OutputWidth);
        var places = MemoryMarshal.Cast<float, int>(call.Tape);
        var pairs = Avx2.IsSupported && windows.IsDirect && windows is { Wide: 2, Stride: 2, Tall: <= 2 };
        var below = windows.Tall == 2 ? windows.Width : 0;      // a signal has only one line, which is compared with itself
        var (from, to) = call.Share(call.Rows);
        for (var plane = from * call.Input.Channels; plane < to * call.Input.Channels; plane++)
        {
            var inputs = call.Inputs.Slice(plane * samples, samples);
            var length = windows.IsDirect ? windows.Width : windows.Length;
            if (!windows.IsDirect) { inputs = windows.LayOut(inputs, call.Scratch, float.NegativeInfinity); }
            for (var y = 0; y < windows.OutputHeight; y++)
            {
                var at = (plane * outputs) + (y * windows.OutputWidth);
                var target = call.Outputs.Slice(at, windows.OutputWidth);
                var kept = places.IsEmpty ? [] : places.Slice(at, windows.OutputWidth);
                var first = (((y * windows.Down) - windows.Top) * windows.Width) - windows.Left;
                if (pairs)
                {
                    var (upper, lower) = (first, first + below);
                    Pairs(inputs.Slice(upper, 2 * target.Length), inputs.Slice(lower, 2 * target.Length), target, kept, first, below);
                }
                else { Line(inputs[(y * windows.Down * length)..], length, windows, target, kept, first); }
            }
        }
    }

    internal static void Backward(in LayerCall call, in Windows windows)
    {
        if (call.InputGradients.IsEmpty) { return; }
        var (samples, outputs) = (call.Input.Samples, windows.OutputHeight * windows.OutputWidth);
        var paired = windows.IsDirect && windows is { Wide: 2, Stride: 2 } && windows.Tall == windows.Down;
        var covered = paired && windows.OutputWidth * 2 == windows.Width && windows.OutputHeight * windows.Down == windows.Height;
        var (from, to) = call.Share(call.Rows);
        if (!covered) { call.InputGradients[(from * call.Input.Size)..(to * call.Input.Size)].Clear(); }
        for (var plane = from * call.Input.Channels; plane < to * call.Input.Channels; plane++)
        {
            var gradients = call.OutputGradients.Slice(plane * outputs, outputs);
            var places = MemoryMarshal.Cast<float, int>(call.Tape.Slice(plane * outputs, outputs));
            var inputGradients = call.InputGradients.Slice(plane * samples, samples);
            if (paired)
            {
                GiveBack(gradients, places, windows, inputGradients);
                continue;
            }

            for (var i = 0; i < gradients.Length; i++)
            {
                var place = places[i];      // outside the plane if all values of a window are minus infinity
                if ((uint)place < (uint)inputGradients.Length) { inputGradients[place] += gradients[i]; }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Line(ReadOnlySpan<float> inputs, int length, in Windows windows, Span<float> outputs, Span<int> places, int first)
    {
        var (tall, wide, stride) = (windows.Tall, windows.Wide, windows.Stride);
        ref var origin = ref MemoryMarshal.GetReference(inputs);
        var lanes = Vector256<int>.Indices * stride;
        for (var from = 0; from < outputs.Length; from += Windows.Lanes)
        {
            var x = Windows.Place(from, outputs.Length);
            ref var corner = ref Unsafe.Add(ref origin, x * stride);
            var best = Windows.Load(ref corner, stride);
            var corners = lanes + Vector256.Create(first + (x * stride));
            var place = corners;
            for (var ky = 0; ky < tall; ky++)
            {
                for (var kx = ky == 0 ? 1 : 0; kx < wide; kx++)
                {
                    var value = Windows.Load(ref Unsafe.Add(ref corner, (ky * length) + kx), stride);
                    var take = Vector256.GreaterThan(value, best) | ~Vector256.Equals(value, value);
                    best = Vector256.ConditionalSelect(take, value, best);
                    place = Vector256.ConditionalSelect(take.AsInt32(), corners + Vector256.Create((ky * windows.Width) + kx), place);
                }
            }

            Windows.Store(best, outputs, x);
            if (!places.IsEmpty) { Windows.Store(place, places, x); }
        }
    }

    /// <summary>Handles adjacent 2 × 2 windows: eight outputs at a time, with lanes reordered at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pairs(ReadOnlySpan<float> upper, ReadOnlySpan<float> lower, Span<float> outputs, Span<int> places, int first,
        int below)
    {
        ref var top = ref MemoryMarshal.GetReference(upper);
        ref var bottom = ref MemoryMarshal.GetReference(lower[..upper.Length]);
        var lanes = Vector256.Create(0, 2, 8, 10, 4, 6, 12, 14);
        var belows = Vector256.Create(below);
        for (var from = 0; from < outputs.Length; from += Windows.Lanes)
        {
            var x = Windows.Place(from, outputs.Length);
            var (best, right) = Greater(ref Unsafe.Add(ref top, 2 * x));
            var (other, otherRight) = Greater(ref Unsafe.Add(ref bottom, 2 * x));
            var take = Vector256.GreaterThan(other, best) | ~Vector256.Equals(other, other);
            best = Vector256.ConditionalSelect(take, other, best);
            Avx2.Permute4x64(best.AsDouble(), 0b11_01_10_00).AsSingle().CopyTo(outputs[x..]);
            if (places.IsEmpty) { continue; }
            var offset = Vector256.ConditionalSelect(take.AsInt32(), belows - otherRight, Vector256<int>.Zero - right);
            var place = lanes + Vector256.Create(first + (2 * x)) + offset;
            Avx2.Permute4x64(place.AsInt64(), 0b11_01_10_00).AsInt32().CopyTo(places[x..]);
        }
    }

    /// <summary>Lanes are in the order 0, 1, 4, 5, 2, 3, 6, 7; −1 where the second is greater.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Best, Vector256<int> Second) Greater(ref float pairs)
    {
        var (lower, upper) = (Vector256.LoadUnsafe(ref pairs), Vector256.LoadUnsafe(ref pairs, 8));
        var (even, odd) = (Avx.Shuffle(lower, upper, 0b10_00_10_00), Avx.Shuffle(lower, upper, 0b11_01_11_01));
        var take = Vector256.GreaterThan(odd, even) | ~Vector256.Equals(odd, odd);
        return (Vector256.ConditionalSelect(take, odd, even), take.AsInt32());
    }

    /// <summary>Handles adjacent windows of two columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GiveBack(ReadOnlySpan<float> gradients, ReadOnlySpan<int> places, in Windows windows, Span<float> inputGradients)
    {
        var (width, outputWidth) = (windows.Width, windows.OutputWidth);
        var lanes = Vector256<int>.Indices * 2;
        for (var line = 0; line < windows.OutputHeight * windows.Tall; line++)
        {
            var target = inputGradients.Slice(line * width, 2 * outputWidth);
            var own = line / windows.Tall * outputWidth;
            for (var from = 0; from < outputWidth; from += Windows.Lanes)
            {
                var x = Windows.Place(from, outputWidth);
                var gradient = Vector256.Create(gradients.Slice(own + x, Windows.Lanes)).AsInt32();
                var offset = Vector256.Create(places.Slice(own + x, Windows.Lanes)) - (lanes + Vector256.Create((line * width) + (2 * x)));
                var even = (gradient & Vector256.Equals(offset, Vector256<int>.Zero)).AsUInt32();
                var odd = (gradient & Vector256.Equals(offset, Vector256<int>.One)).AsUInt32();
                var to = target.Slice(2 * x, 2 * Windows.Lanes);
                (Vector256.WidenLower(even) | (Vector256.WidenLower(odd) << 32)).AsSingle().CopyTo(to);
                (Vector256.WidenUpper(even) | (Vector256.WidenUpper(odd) << 32)).AsSingle().CopyTo(to[Windows.Lanes..]);
            }
        }
    }
}
