using System.Collections.Immutable;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace StreamLearn.Torch;

internal sealed record TorchValue(string Name, string Slice, SliceKind Kind, ImmutableArray<int> Shape, int Part, int Offset, int Length)
{
    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]{(Kind == SliceKind.Frozen ? " frozen" : "")}";
}

/// <summary>Lays out the values in one flat block, part by part, with parameters before buffers.</summary>
internal sealed class TorchLayout
{
    /// <summary>The counters of batch norms, which are not used, because TorchSharp always sets a momentum.</summary>
    internal const string Batches = "num_batches_tracked";

    private TorchLayout(ImmutableArray<TorchValue> values, int parts)
    {
        (Values, Count) = (values, values[^1].Offset + values[^1].Length);
        Starts = [.. Enumerable.Range(0, parts + 1).Select(p => values.Where(v => v.Part < p).Sum(static v => v.Length))];
    }

    internal ImmutableArray<TorchValue> Values { get; }

    internal int Count { get; }

    /// <summary>Start of each part's values, then the end of the last part.</summary>
    internal ImmutableArray<int> Starts { get; }

    internal static TorchLayout Of(TorchParts parts, string name)
    {
        var (norms, scale) = (new HashSet<string>(StringComparer.Ordinal), "");
        if (parts.Root is not jit.ScriptModule)         // a script does not contain the types of its modules
        {
            foreach (var (path, module) in parts.Root.named_modules().Prepend(("", parts.Root)))
            {
                if (module is NormBase or TorchSharp.Modules.GroupNorm or TorchSharp.Modules.LayerNorm) { norms.Add(path); }
                if (module is InputScale && scale.Length == 0) { scale = $"{path}."; }
            }
        }

        var found = new List<(string Name, SliceKind Kind, Tensor Tensor)>();
        foreach (var (path, value) in Parameters(parts))
        {
            found.Add((path, value.requires_grad ? SliceKind.Trained : SliceKind.Frozen, value));
        }

        foreach (var (path, value) in Buffers(parts)) { found.Add((path, SliceKind.Statistic, value)); }
        var (values, at) = (ImmutableArray.CreateBuilder<TorchValue>(), 0);
        foreach (var (path, kind, tensor) in found.OrderBy(v => parts.PartOf(v.Name)))
        {
            if (tensor.dtype != ScalarType.Float32)
            {
                throw new ArgumentException($"{name}: {path}: expected float32, got {tensor.dtype}");
            }

            var shape = tensor.shape.Select(static s => checked((int)s)).ToImmutableArray();
            var length = checked((int)tensor.numel());
            var slice = scale.Length > 0 && path.StartsWith(scale, StringComparison.Ordinal) ? $"scale.{path[scale.Length..]}" : path;
            var isNorm = norms.Contains(path[..Math.Max(0, path.LastIndexOf('.'))]);
            values.Add(new(path, SliceOf(slice, kind, isNorm ? 1 : shape.Length), kind, shape, parts.PartOf(path), at, length));
            at = checked(at + length);
        }

        if (!values.Any(static v => v.Kind == SliceKind.Trained))
        {
            throw new ArgumentException($"{name}: expected a module with trainable parameters, got none");
        }

        return new(values.ToImmutable(), parts.Count);
    }

    /// <summary>Shared parameters appear once.</summary>
    internal static IEnumerable<(string Name, Tensor Tensor)> Parameters(TorchParts parts) =>
        parts.Root.named_parameters().Select(static p => (p.name, (Tensor)p.parameter)).DistinctBy(static p => p.Item2.Handle);

    /// <summary>Returns only floating-point buffers; counters and indices are excluded.</summary>
    internal static IEnumerable<(string Name, Tensor Tensor)> Buffers(TorchParts parts) =>
        parts.Root.named_buffers().Where(static b => b.buffer.is_floating_point()).Select(static b => (b.name, b.buffer));

    /// <summary>Names a slice. Values with fewer than two dimensions are biases or gains, to which weight decay does not apply.</summary>
    internal static string SliceOf(string name, SliceKind kind, int dimensions)
    {
        name = name.TrimStart('_').Replace("._", ".", StringComparison.Ordinal);       // for fields registered by name
        if (!name.Contains('.')) { name = $"module.{name}"; }
        if (kind == SliceKind.Statistic || dimensions > 1 || name.EndsWith(".bias", StringComparison.Ordinal)) { return name; }
        if (name.EndsWith(".weight", StringComparison.Ordinal)) { return $"{name[..^".weight".Length]}.gain"; }
        return name.Contains("bias", StringComparison.Ordinal) ? $"{name}.bias" : $"{name}.gain";
    }
}
