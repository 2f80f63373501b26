using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamLearn.Models;

/// <summary>The arithmetic of <see cref="Dense"/>: matrix products. Immutable; tables are created on first use.</summary>
/// <remarks>Backward handles a block of inputs while its weights are cached; a fused update's gradient never reaches memory.</remarks>
internal sealed class DenseProducts
{
    internal const int ScratchValuesPerRow = 3;

    private const int BlockValues = 8_192;
    private const int FewRows = 8;

    private readonly int _inputs;
    private readonly int _outputs;
    private readonly int _block;            // inputs per block

    internal DenseProducts(int inputs, int outputs)
    {
        (_inputs, _outputs) = (inputs, outputs);
        _block = Math.Min(inputs, Math.Max(Vectors.Lanes, BlockValues / outputs / Vectors.Lanes * Vectors.Lanes));
    }

    internal int ScratchValues => checked((3 * _block * _outputs) + Vectors.Lanes + _outputs);

    private Step[] ForwardSteps => field ??= [.. Enumerable.Range(0, _inputs).Select(k => new Step(k, k * _outputs))];

    private Step[] BackSteps => field ??= [.. Enumerable.Range(0, _outputs).Select(o => new Step(o, o * _block))];

    private int[] Counted => field ??= [.. Enumerable.Range(0, Math.Max(_block, _outputs))];

    private int[] InputPlaces => field ??= OuterProduct.Places(_outputs);

    private bool IsFew => _outputs < FewOutputs.Bound;

    internal void Forward(in LayerCall call)
    {
        var weights = call.Weights[..(_inputs * _outputs)];
        var bias = call.Weights.Slice(weights.Length, _outputs);
        var (from, to) = call.Share(call.Rows);
        var rows = to - from;
        if (rows == 0) { return; }
        var inputs = call.Inputs.Slice(from * _inputs, rows * _inputs);
        var outputs = call.Outputs.Slice(from * _outputs, rows * _outputs);
        if (IsFew)
        {
            FewOutputs.Forward(inputs, rows, weights, bias, outputs);
            return;
        }

        Product.FromColumns(bias, inputs, Places(call.Scratch, rows, _inputs), ForwardSteps, weights, outputs, _outputs, _outputs);
    }

    internal void Backward(in LayerCall call)
    {
        var rows = Places(call.Scratch, call.Rows, _outputs);
        var steps = MemoryMarshal.Cast<float, Step>(call.Scratch.Slice(call.Rows, 2 * call.Rows));
        for (var r = 0; r < steps.Length; r++) { steps[r] = IsFew ? new(r * _outputs, r * _inputs) : new(r * _inputs, r * _outputs); }
        var scratch = call.Scratch[(3 * call.Rows)..];
        var (from, to) = call.Share((_inputs + _block - 1) / _block);
        for (var first = from * _block; first < Math.Min(_inputs, to * _block); first += _block)
        {
            var count = Math.Min(_block, _inputs - first);
            if (!call.InputGradients.IsEmpty) { GiveBack(call, first, count, rows, scratch); }
            if (!call.FusedUpdate.IsEmpty) { Descend(call, first, count, steps, scratch); }
            else if (!call.Gradients.IsEmpty && !call.Inputs.IsEmpty) { Add(call, first, count, steps, scratch); }
        }

        if (call.Half != 2) { Biases(call, scratch); }
    }

    private static Span<int> Places(Span<float> scratch, int count, int step)
    {
        var places = MemoryMarshal.Cast<float, int>(scratch[..count]);
        for (var i = 0; i < places.Length; i++) { places[i] = i * step; }
        return places;
    }

    private void GiveBack(in LayerCall call, int first, int count, ReadOnlySpan<int> rows, Span<float> scratch)
    {
        var turned = scratch[..(_outputs * _block)];
        Transposed.Copy(call.Weights.Slice(first * _outputs, count * _outputs), count, _outputs, _outputs, turned, _block);
        Product.FromZeros(call.OutputGradients, rows, BackSteps, turned, call.InputGradients[first..], _inputs, count);
    }

    private void Add(in LayerCall call, int first, int count, ReadOnlySpan<Step> steps, Span<float> scratch)
    {
        var target = call.Gradients.Slice(first * _outputs, count * _outputs);
        if (!IsFew)
        {
            Product.Add(call.Inputs[first..], Counted.AsSpan(0, count), steps, call.OutputGradients, target, _outputs, _outputs);
            return;
        }

        Few(call, first, count, steps, target, scratch).CopyTo(target);
    }

    private void Descend(in LayerCall call, int first, int count, ReadOnlySpan<Step> steps, Span<float> scratch)
    {
        var (at, length) = (first * _outputs, count * _outputs);
        var descent = call.FusedUpdate.Of(at, length);
        if (call.Rows == 1 && _outputs >= Vectors.Lanes)
        {
            OuterProduct.Descend(call.Inputs.Slice(first, count), call.OutputGradients[.._outputs], descent);
            return;
        }

        if (call.Rows == 1 && Vector256.IsHardwareAccelerated)
        {
            OuterProduct.DescendFew(call.Inputs.Slice(first, count), call.OutputGradients[.._outputs], InputPlaces, descent);
            return;
        }

        if (IsFew)
        {
            Sgd.Move(Few(call, first, count, steps, [], scratch), descent);
            return;
        }

        var gradients = scratch[..length];
        Product.FromZeros(call.Inputs[first..], Counted.AsSpan(0, count), steps, call.OutputGradients, gradients, _outputs, _outputs);
        Sgd.Move(gradients, descent);
    }

    /// <summary>Adds to the start values; empty: zeros.</summary>
    private Span<float> Few(in LayerCall call, int first, int count, ReadOnlySpan<Step> steps, ReadOnlySpan<float> values,
        Span<float> scratch)
    {
        var length = count * _outputs;
        var gradients = call.OutputGradients[..(call.Rows * _outputs)];
        if (call.Rows < FewRows)
        {
            FewOutputs.Outer(call.Inputs[first..], _inputs, count, gradients, _outputs, values, scratch[..(length + Vectors.Lanes)]);
            return scratch[..length];
        }

        // lanes across inputs: same chains, transposed
        var turned = scratch.Slice(length, length);
        var rows = Counted.AsSpan(0, _outputs);
        if (values.IsEmpty) { Product.FromZeros(gradients, rows, steps, call.Inputs[first..], turned, count, count); }
        else
        {
            Transposed.Copy(values, count, _outputs, _outputs, turned);
            Product.Add(gradients, rows, steps, call.Inputs[first..], turned, count, count);
        }

        Transposed.Copy(turned, _outputs, count, count, scratch);
        return scratch[..length];
    }

    private void Biases(in LayerCall call, Span<float> scratch)
    {
        var weights = _inputs * _outputs;
        var descends = !call.FusedUpdate.IsEmpty;
        if (!descends && call.Gradients.IsEmpty) { return; }
        var sums = descends ? scratch[.._outputs] : call.Gradients.Slice(weights, _outputs);
        if (descends) { sums.Clear(); }
        for (var r = 0; r < call.Rows; r++) { Linear.MultiplyAdd(1, call.OutputGradients.Slice(r * _outputs, _outputs), sums); }
        if (descends) { Sgd.Move(sums, call.FusedUpdate.Of(weights, _outputs)); }
    }
}
