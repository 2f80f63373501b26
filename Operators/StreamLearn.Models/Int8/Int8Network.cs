namespace StreamLearn.Models;

/// <summary>A quantized network that computes its answers with integers: 8-bit weights and activations, 32-bit sums.</summary>
/// <remarks> Shape and state: those of <see cref="Rounded"/>, whose values stay float32 and trainable; files hold 8-bit weights. Dense
/// layers, convolutions and max pools with rounded inputs compute in integers. Others, and layers with over 32,768 inputs per output, use
/// float32. It answers only at the last exit. Rows with NaN give NaN. Cost: that of the network; each version is laid out once. Results do
/// not depend on the machine's vectors. Source: Jacob et al. (2018), integer-arithmetic-only inference. </remarks>
public sealed class Int8Network : IModel, IEquatable<Int8Network>
{
    private Laid? _laid;        // the newest version; replaced, never changed

    /// <summary>Creates a quantized model from a network.</summary>
    /// <param name="rounded">The network, with <see cref="RoundedWeights"/> and <see cref="RoundedActivations"/> where it is
    /// quantized.</param>
    /// <exception cref="ArgumentException">No layer in it is rounded.</exception>
    public Int8Network(Network rounded)
    {
        ArgumentNullException.ThrowIfNull(rounded);
        if (!rounded.Layers.Append(rounded.Exits[^1].Head).Any(static layer => layer is RoundedWeights))
        {
            throw new ArgumentException($"expected a network with rounded weights, got {rounded.Structure}", nameof(rounded));
        }

        Rounded = rounded;
    }

    /// <summary>The float32 network that simulates the integers and is trained.</summary>
    public Network Rounded { get; }

    /// <summary>The vector kernel in use, such as <c>Pairs512</c>: 16-bit pairs in 512 bits.</summary>
    public static string Vectors { get; } = ByteProduct.Of([1], 1, 1, 1).Name;

    /// <inheritdoc />
    public ModelPlan Plan => Rounded.Plan;

    /// <inheritdoc />
    public Weights Initial => Rounded.Initial;

    /// <inheritdoc />
    public string Structure => $"int8 {Rounded.Structure}";

    /// <inheritdoc />
    public int MaxThreads => Rounded.MaxThreads;

    /// <inheritdoc />
    public MemoryPlan? Memory(int rows, Optimizer? optimizer = null, int threads = 1) => Rounded.Memory(rows, optimizer, threads);

    /// <inheritdoc />
    public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory) =>
        Rounded.Loss(weights, batch, gradients, memory);

    /// <inheritdoc />
    public float Step(Span<float> weights, in Sample batch, Optimizer optimizer, Span<float> state, long step, Span<float> gradients,
        Workspace memory) => Rounded.Step(weights, batch, optimizer, state, step, gradients, memory);

    /// <inheritdoc />
    public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        Plan.RequireAnswer(batch, weights.Length, outputs.Length);
        var laid = _laid;
        if (laid is null || !weights.SequenceEqual(laid.Values)) { _laid = laid = new(null, [.. weights], new(Rounded, weights)); }
        laid.Plan.Infer(batch, outputs, memory);
    }

    /// <inheritdoc />
    public void Infer(Weights version, ReadOnlySpan<float> values, in Sample batch, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(memory);
        Plan.RequireAnswer(batch, values.Length, outputs.Length);
        var laid = _laid;
        if (!ReferenceEquals(laid?.Version, version)) { _laid = laid = new(version, [.. values], new(Rounded, values)); }
        laid!.Plan.Infer(batch, outputs, memory);
    }

    /// <summary>Returns the weights rounded to 8 bits, as in files. Answers do not change.</summary>
    /// <param name="weights">All weights of the network.</param>
    /// <exception cref="ArgumentException">The number of weights differs from that of the model.</exception>
    public float[] Kept(ReadOnlySpan<float> weights)
    {
        NetworkLayout.Expect(Plan.Values, weights.Length, "weights");
        float[] kept = [.. weights];
        foreach (var (layer, input, offset) in RoundedLayers())
        {
            var length = layer.Plan(input).Values;
            layer.Round(input, weights.Slice(offset, length), kept.AsSpan(offset, length));
        }

        return kept;
    }

    /// <inheritdoc />
    public bool Equals(Int8Network? other) => other is not null && Rounded.Equals(other.Rounded);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Int8Network);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(nameof(Int8Network), Rounded);

    /// <inheritdoc />
    public override string ToString() => $"int8 {Rounded}";

    internal IEnumerable<(RoundedWeights Layer, Shape Input, int Offset)> RoundedLayers()
    {
        var offset = 0;
        for (var i = 0; i < Rounded.Layers.Length; offset += Rounded.LayerPlans[i++].Values)
        {
            if (Rounded.Layers[i] is RoundedWeights layer) { yield return (layer, Rounded.Boundaries[i], offset); }
        }

        for (var k = 0; k < Rounded.Exits.Length; offset += Rounded.HeadPlans[k++].Values)
        {
            var exit = Rounded.Exits[k];
            if (exit.Head is RoundedWeights head) { yield return (head, Rounded.Boundaries[exit.After + 1], offset); }
        }
    }

    private sealed record Laid(Weights? Version, float[] Values, Int8Plan Plan);
}
