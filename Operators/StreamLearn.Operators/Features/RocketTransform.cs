using System.Collections.Immutable;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Operators;

/// <summary>Computes the features of <see cref="RocketKernels"/>, reusing memory. Not thread-safe.</summary>
/// <remarks> Units: shares from 0 to 1. Results are bit-identical on every processor. Cost: about 8 to 16 operations per row, feature and
/// channel of its kernel, vectorized; no allocation. </remarks>
public sealed class RocketTransform
{
    private readonly RocketKernels _kernels;
    private readonly int _margin;       // number of zeros before and after a channel
    private readonly int _stride;       // length of a channel with its zeros, plus a vector
    private readonly float[] _channels;
    private readonly float[] _sums;     // for each channel: minus the sum of the nine rows that a kernel with the dilation covers
    private readonly float[] _mixed;    // sum of a kernel's channels
    private readonly float[] _mixedSums;
    private readonly float[] _outputs;

    /// <summary>Allocates memory for the window shape of the kernels.</summary>
    /// <param name="kernels">The kernels and biases.</param>
    public RocketTransform(RocketKernels kernels)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        _kernels = kernels;
        Plan = new(kernels.Channels, kernels.Rows, kernels.Features, kernels.Seed);
        _margin = 4 * Plan.MaxDilation;
        _stride = kernels.Rows + (2 * _margin) + Vector<float>.Count;
        _channels = new float[kernels.Channels * _stride];
        _sums = new float[kernels.Channels * _stride];
        (_mixed, _mixedSums, _outputs) = (new float[_stride], new float[_stride], new float[_stride]);
        MultiplyAdds = kernels.Rows * Plan.Places.Sum(static p => (2L * p.Channels.Length) + 4 + p.Features);
    }

    internal RocketPlan Plan { get; }

    internal long MultiplyAdds { get; }

    /// <summary>Computes the features of a window.</summary>
    /// <param name="window">Values, channel after channel; values that are not finite exceed no bias.</param>
    /// <param name="shares">Receives the features.</param>
    /// <exception cref="ArgumentException">The window's shape or the number of features does not match.</exception>
    public void Transform(ReadOnlySpan<float> window, Span<float> shares)
    {
        if (shares.Length != _kernels.Features)
        {
            throw new ArgumentException($"expected {_kernels.Features} features, got {shares.Length}", nameof(shares));
        }

        Load(window);
        var dilation = 0;
        foreach (var place in Plan.Places)
        {
            if (place.Dilation != dilation) { SumNine(dilation = place.Dilation); }
            var cut = place.IsInner ? 4 * dilation : 0;
            var count = _kernels.Rows - (2 * cut);
            Convolve(place, cut, count);
            for (var f = place.FirstFeature; f < place.FirstFeature + place.Features; f++)
            {
                shares[f] = (float)CountAbove(_outputs, count, _kernels.Biases[f]) / count;
            }
        }
    }

    internal Span<float> Outputs(ReadOnlySpan<float> window, int place)
    {
        Load(window);
        SumNine(Plan.Places[place].Dilation);
        Convolve(Plan.Places[place], 0, _kernels.Rows);
        return _outputs.AsSpan(0, _kernels.Rows);
    }

    private void Load(ReadOnlySpan<float> window)
    {
        if (window.Length != _kernels.Channels * _kernels.Rows)
        {
            throw new ArgumentException(
                $"expected {_kernels.Channels} channels of {_kernels.Rows} rows, got {window.Length} values", nameof(window));
        }

        for (var c = 0; c < _kernels.Channels; c++)
        {
            TensorPrimitives.Multiply(window.Slice(c * _kernels.Rows, _kernels.Rows), _kernels.Scales[c],
                _channels.AsSpan((c * _stride) + _margin));
        }
    }

    /// <summary>Computes minus the sum of the nine rows that a kernel covers, which is the result with all weights −1.</summary>
    private void SumNine(int dilation)
    {
        for (var c = 0; c < _kernels.Channels; c++)
        {
            ref var from = ref _channels[(c * _stride) + _margin - (4 * dilation)];
            ref var to = ref _sums[c * _stride];
            for (nuint row = 0; row < (nuint)_kernels.Rows; row += (nuint)Vector<float>.Count)
            {
                var sum = Vector.LoadUnsafe(ref from, row);
                for (nuint tap = 1; tap < 9; tap++) { sum += Vector.LoadUnsafe(ref from, row + (tap * (nuint)dilation)); }
                (-sum).StoreUnsafe(ref to, row);
            }
        }
    }

    /// <summary>Convolves; marks the end with NaN, which exceeds no bias.</summary>
    private void Convolve(RocketPlace place, int first, int count)
    {
        var (dilation, channels) = (place.Dilation, place.Channels);
        ref var rows = ref Mix(_channels, _mixed, channels, _margin - (4 * dilation) + first, count + (8 * dilation));
        ref var sums = ref Mix(_sums, _mixedSums, channels, first, count);
        ref var to = ref MemoryMarshal.GetArrayDataReference(_outputs);
        var (a, b, c) = ((nuint)(place.Weights.A * dilation), (nuint)(place.Weights.B * dilation), (nuint)(place.Weights.C * dilation));
        for (nuint row = 0; row < (nuint)count; row += (nuint)Vector<float>.Count)
        {
            var pair = Vector.LoadUnsafe(ref rows, row + a) + Vector.LoadUnsafe(ref rows, row + b);
            var three = pair + Vector.LoadUnsafe(ref rows, row + c);
            (Vector.LoadUnsafe(ref sums, row) + (three * 3)).StoreUnsafe(ref to, row);
        }

        _outputs.AsSpan(count, Vector<float>.Count).Fill(float.NaN);
    }

    /// <summary>Returns the sum of the channels; a single channel is not copied.</summary>
    private ref float Mix(float[] of, float[] mixed, ImmutableArray<int> channels, int first, int count)
    {
        if (channels.Length == 1) { return ref of[(channels[0] * _stride) + first]; }
        ref var values = ref of[first];
        ref var to = ref MemoryMarshal.GetArrayDataReference(mixed);
        for (nuint row = 0; row < (nuint)count; row += (nuint)Vector<float>.Count)
        {
            var sum = Vector.LoadUnsafe(ref values, row + (nuint)(channels[0] * _stride));
            for (var i = 1; i < channels.Length; i++) { sum += Vector.LoadUnsafe(ref values, row + (nuint)(channels[i] * _stride)); }
            sum.StoreUnsafe(ref to, row);
        }

        return ref to;
    }

    private static int CountAbove(float[] values, int count, float bias)
    {
        var (biases, above) = (new Vector<float>(bias), Vector<int>.Zero);
        ref var first = ref MemoryMarshal.GetArrayDataReference(values);
        for (nuint row = 0; row < (nuint)count; row += (nuint)Vector<float>.Count)
        {
            above -= Vector.GreaterThan(Vector.LoadUnsafe(ref first, row), biases);
        }

        return Vector.Sum(above);
    }
}
