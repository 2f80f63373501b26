namespace StreamLearn.Compression;

/// <summary>A network with kernels for sparse dense layers and for layers of signs. Its answers are bit-identical.</summary>
/// <remarks>State: packed weights of the version in use, created when it first answers. Only dense layers directly in the trunk with 32 to
/// 65,536 outputs are packed. For everything else, such as training, weights, plan and file, it uses the network.</remarks>
/// <param name="network">The network.</param>
/// <param name="minSparsity">Minimum share of zeros for which a layer is packed, in [0, 1]; default 0.8.</param>
public sealed class PackedNetwork(Network network, float minSparsity = 0.8f) : IModel, IEquatable<PackedNetwork>
{
    private const int RowsAtOnce = 32;
    private const int MinOutputs = 32;          // a dense layer with fewer outputs adds in another order

    private readonly Network _network = network ?? throw new ArgumentNullException(nameof(network));
    private readonly float _minSparsity = minSparsity is >= 0 and <= 1
        ? minSparsity : throw new ArgumentOutOfRangeException(nameof(minSparsity), minSparsity, "expected a share in [0, 1]");

    private PackedVersion? _prepared;                // replaced as a whole, so concurrent calls use one version

    /// <inheritdoc />
    public ModelPlan Plan => _network.Plan;

    /// <inheritdoc />
    public string Structure => FormattableString.Invariant($"{_network.Structure}; packed from {_minSparsity} zeros");

    /// <inheritdoc />
    public Weights Initial => _network.Initial;

    /// <summary>The network.</summary>
    public Network Network => _network;

    /// <inheritdoc />
    public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory) =>
        _network.Loss(weights, batch, gradients, memory);

    /// <inheritdoc />
    public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory) =>
        _network.Infer(weights, batch, outputs, memory);

    /// <inheritdoc />
    public void Infer(Weights version, ReadOnlySpan<float> values, in Sample batch, Span<float> outputs, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(memory);
        Plan.RequireAnswer(batch, values.Length, outputs.Length);
        if (_prepared is not { } prepared || !ReferenceEquals(prepared.Version, version))
        {
            _prepared = prepared = new(version, Pack(values));
        }

        for (var from = 0; from < batch.Rows; from += RowsAtOnce)
        {
            var rows = Math.Min(RowsAtOnce, batch.Rows - from);
            Some(prepared.Layers, values, batch.Features.Slice(from * Plan.Input.Size, rows * Plan.Input.Size), rows,
                outputs.Slice(from * Plan.Outputs, rows * Plan.Outputs), memory);
        }
    }

    /// <summary>Counts the packed layers of a version.</summary>
    public int PackedLayers(Weights version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return Pack(version.Values.AsSpan()).Count(static layer => layer is not null);
    }

    /// <inheritdoc />
    public bool Equals(PackedNetwork? other) => other is not null && _network.Equals(other._network) && _minSparsity == other._minSparsity;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as PackedNetwork);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(_network, _minSparsity);

    /// <inheritdoc />
    public override string ToString() => Structure;

    private void Some(ImmutableArray<IPackedLayer?> layers, ReadOnlySpan<float> values, ReadOnlySpan<float> inputs, int rows,
        Span<float> outputs, Workspace memory)
    {
        var mark = memory.Mark();
        for (var i = 0; i < layers.Length;)
        {
            var to = i + 1;
            if (layers[i] is null)
            {
                while (to < layers.Length && layers[to] is null) { to++; }      // keeps fused layers together
            }

            var results = memory.Rent(rows * _network.Boundaries[to].Size);
            if (layers[i] is { } packed) { packed.Forward(inputs, rows, results, memory.Rent(packed.ScratchValues)); }
            else { _network.InferLayers(values, i, to, inputs, rows, results, memory); }
            inputs = results;
            i = to;
        }

        _network.InferEnd(values, inputs, rows, outputs, memory);
        memory.Release(mark);
    }

    private ImmutableArray<IPackedLayer?> Pack(ReadOnlySpan<float> values)
    {
        var (layers, at) = (ImmutableArray.CreateBuilder<IPackedLayer?>(_network.Layers.Length), 0);
        for (var i = 0; i < _network.Layers.Length; i++)
        {
            var plan = _network.LayerPlans[i];
            layers.Add(Pack(_network.Layers[i], values.Slice(at, plan.Values)));
            at += plan.Values;
        }

        return layers.ToImmutable();
    }

    private IPackedLayer? Pack(Layer layer, ReadOnlySpan<float> values)
    {
        if (layer is LowBitDense { WeightBits: 1, InputBits: 1 } signs) { return new BinaryRows(values, signs.Outputs); }
        if (layer is not Dense { Outputs: >= MinOutputs and <= ushort.MaxValue + 1 and var outputs }) { return null; }
        var weights = values[..^outputs];
        return weights.Count(0f) >= _minSparsity * weights.Length ? new SparseRows(weights, values[^outputs..]) : null;
    }

    private sealed record PackedVersion(Weights Version, ImmutableArray<IPackedLayer?> Layers);
}
