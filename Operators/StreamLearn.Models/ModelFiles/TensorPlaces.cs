namespace StreamLearn.Models;

internal sealed record FileTensor(string Name, string Type, long[] Shape, int From, int To)
{
    internal string Module => Name[..Math.Max(0, Name.LastIndexOf('.'))];

    internal string Part => Name[(Name.LastIndexOf('.') + 1)..];

    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";
}

/// <summary>The slice for a PyTorch tensor. <paramref name="Shape"/>: empty: any. <paramref name="Otherwise"/>: value if the tensor is
/// missing; null: the tensor is required.</summary>
internal sealed record TensorPlace(Slice Slice, string Part, long[] Shape, float? Otherwise = null)
{
    /// <summary>True if PyTorch has [outputs, taps], and this library [taps, outputs].</summary>
    internal bool IsTurned { get; init; }

    internal bool Fits(FileTensor tensor) =>
        Shape.Length == 0 ? tensor.Shape.Aggregate((Int128)1, static (a, b) => a * b) == Slice.Length : tensor.Shape.SequenceEqual(Shape);

    internal void Put(float[] from, float[] values)
    {
        var to = Slice.Of(values.AsSpan());
        if (!IsTurned)
        {
            from.CopyTo(to);
            return;
        }

        var (outputs, taps) = ((int)Shape[0], Slice.Length / (int)Shape[0]);
        for (var o = 0; o < outputs; o++)
        {
            for (var t = 0; t < taps; t++) { to[(t * outputs) + o] = from[(o * taps) + t]; }
        }
    }

    public override string ToString() => $"{Slice.Name} [{(Shape.Length == 0 ? $"{Slice.Length}" : string.Join(", ", Shape))}]";
}

/// <summary>A layer as a PyTorch module. <paramref name="Name"/>: the same as in slices, <c>1.conv1d</c>.</summary>
internal sealed record TensorModule(string Name, TensorPlace[] Places)
{
    internal bool IsOptional => Places.All(static p => p.Otherwise is not null);

    internal bool Fits(IEnumerable<FileTensor> tensors) =>
        tensors.All(t => Places.Any(p => p.Part == t.Part && p.Fits(t)))
            && Places.All(p => p.Otherwise is not null || tensors.Any(t => t.Part == p.Part));
}

internal static class TensorPlaces
{
    internal static List<TensorModule> Of(Network network)
    {
        var (modules, slices) = (new List<TensorModule>(), new Queue<Slice>(network.Plan.Slices));
        for (var i = 0; i < network.Layers.Length; i++) { Add(network.Layers[i], network.Boundaries[i], slices, modules); }
        foreach (var exit in network.Exits) { Add(exit.Head, network.Boundaries[exit.After + 1], slices, modules); }
        return modules;
    }

    private static void Add(Layer layer, Shape input, Queue<Slice> slices, List<TensorModule> modules)
    {
        if (layer is Sequential or Residual)
        {
            foreach (var inner in layer is Sequential sequential ? sequential.Layers : ((Residual)layer).Layers)
            {
                Add(inner, input, slices, modules);
                input = inner.Plan(input).Output;
            }

            return;
        }

        Slice[] own = [.. layer.Plan(input).Slices.Select(_ => slices.Dequeue())];
        if (own.Length > 0) { modules.Add(new(own[0].Name[..own[0].Name.LastIndexOf('.')], Places(layer, input, own))); }
    }

    private static TensorPlace[] Places(Layer layer, Shape input, Slice[] own) => layer switch
    {
        Dense l => Weighed(own, l.Outputs, input.Size),
        Conv1d l => Weighed(own, l.Filters, input.Channels, l.Kernel),
        Conv2d l => Weighed(own, l.Filters, input.Channels, l.Kernel, l.Kernel),
        DepthwiseConv1d l => [new(own[0], "weight", [input.Channels, 1, l.Kernel]), Bias(own)],
        DepthwiseConv2d l => [new(own[0], "weight", [input.Channels, 1, l.Kernel, l.Kernel]), Bias(own)],
        BatchNorm =>
        [
            new(own[0], "weight", [own[0].Length], 1), Bias(own), new(own[2], "running_mean", [own[2].Length]),
            new(own[3], "running_var", [own[3].Length]),
        ],
        GroupNorm or LayerNorm => [new(own[0], "weight", []), new(own[1], "bias", [])],
        Scale => [new(own[0], "mean", [own[0].Length], 0), new(own[1], "inverse", [own[1].Length], 1)],
        _ => [.. own.Select(static s => new TensorPlace(s, s.Name[(s.Name.LastIndexOf('.') + 1)..], []))],
    };

    private static TensorPlace[] Weighed(Slice[] own, params long[] shape) => [new(own[0], "weight", shape) { IsTurned = true }, Bias(own)];

    private static TensorPlace Bias(Slice[] own) => new(own[1], "bias", [own[1].Length], 0);
}
