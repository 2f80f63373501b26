using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace StreamLearn.Torch;

/// <summary>Parameters and buffers are views of one flat block, so that a transfer is one copy.</summary>
/// <remarks>Not thread-safe. libtorch frees the memory on collection.</remarks>
internal sealed class TorchReplica
{
    private readonly TorchLayout _layout;
    private readonly Device _device;
    private readonly Tensor _flat;
    private readonly Tensor _gradients;
    private readonly Tensor[] _counts;

    internal TorchReplica(TorchParts parts, TorchLayout layout, Device device, bool training)
    {
        (Parts, _layout, _device) = (parts, layout, device);
        parts.Root.to(device);
        _counts = [.. parts.Root.named_buffers().Where(static b => b.name.EndsWith(TorchLayout.Batches, StringComparison.Ordinal))
            .Select(static b => b.buffer)];
        using var still = no_grad();
        using var scope = NewDisposeScope();
        _flat = zeros(layout.Count, device: device).DetachFromDisposeScope();
        _gradients = zeros(training ? layout.Count : 0, device: device).DetachFromDisposeScope();
        var tensors = TorchLayout.Parameters(parts).Concat(TorchLayout.Buffers(parts))
            .ToDictionary(static t => t.Name, static t => t.Tensor);
        foreach (var value in layout.Values)
        {
            var tensor = tensors[value.Name];
            var view = View(_flat, value);
            view.copy_(tensor);
            tensor.set_(view);
            if (!training || value.Kind != SliceKind.Trained) { tensor.requires_grad_(false); }
            else { tensor.grad = View(_gradients, value); }
        }

        if (training) { parts.Root.train(); }
        else { parts.Root.eval(); }
    }

    internal TorchParts Parts { get; }

    internal int Count => _layout.Count;

    internal Weights? Version { get; set; }

    internal void Load(ReadOnlySpan<float> values, Range range)
    {
        var (from, length) = range.GetOffsetAndLength(_layout.Count);
        Version = null;
        using var scope = NewDisposeScope();
        using var still = no_grad();
        Put(values.Slice(from, length), _flat.narrow(0, from, length));
    }

    internal void Values(Span<float> values) => Take(_flat, values);

    internal void Begin()
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        _gradients.zero_();
        foreach (var count in _counts) { count.zero_(); }
    }

    /// <summary>Writes gradients of trained values, and statistics unchanged.</summary>
    internal void Gradients(Span<float> gradients, Range range)
    {
        var (from, length) = range.GetOffsetAndLength(_layout.Count);
        using var scope = NewDisposeScope();
        Take(_gradients.narrow(0, from, length), gradients.Slice(from, length));
        foreach (var value in _layout.Values)
        {
            if (value.Kind != SliceKind.Statistic || value.Offset < from || value.Offset >= from + length) { continue; }
            Take(_flat.narrow(0, value.Offset, value.Length), gradients.Slice(value.Offset, value.Length));
        }
    }

    internal byte[] GradientBits()
    {
        using var scope = NewDisposeScope();
        return _gradients.cpu().bytes.ToArray();
    }

    /// <summary>Pads with copies of the first row.</summary>
    internal Tensor Rows(ReadOnlySpan<float> features, ReadOnlySpan<long> shape, int rows, int padded)
    {
        var tensor = empty([padded, .. shape], ScalarType.Float32);
        var values = MemoryMarshal.Cast<byte, float>(tensor.bytes);
        features.CopyTo(values);
        var size = features.Length / rows;
        for (var row = rows; row < padded; row++) { features[..size].CopyTo(values[(row * size)..]); }
        return tensor.to(_device);
    }

    /// <summary>Copies values row-major.</summary>
    internal static void Take(Tensor from, Span<float> to)
    {
        using var scope = NewDisposeScope();
        MemoryMarshal.Cast<byte, float>(from.detach().cpu().contiguous().bytes).CopyTo(to);
    }

    internal static void Put(ReadOnlySpan<float> from, Tensor to)
    {
        if (to.device_type == DeviceType.CPU) { from.CopyTo(MemoryMarshal.Cast<byte, float>(to.bytes)); }
        else
        {
            var tensor = empty(to.shape, ScalarType.Float32);
            from.CopyTo(MemoryMarshal.Cast<byte, float>(tensor.bytes));
            to.copy_(tensor);
        }
    }

    private static Tensor View(Tensor flat, TorchValue value) =>
        flat.narrow(0, value.Offset, value.Length).view([.. value.Shape.Select(static s => (long)s)]).DetachFromDisposeScope();
}
