namespace StreamLearn.Nodes;

/// <summary>Assigns rows of layers to mesh nodes: a pure function. A value.</summary>
/// <remarks> A block's head sends each node of its set the rows it needs, halo included; all compute; the next head gathers the output.
/// That takes max over nodes of (bytes in / rate + multiply-adds / rate), then the parts' transfers in sequence. Between distant nodes,
/// bytes take the quickest way, link after link. Energy is computing × P_c of each node, and each transfer × (P_t of the sender + P_r of
/// the receiver). Source: Samikwa, Di Maio, Braun (2023), DISNET. </remarks>
public abstract record MeshPlanner
{
    /// <summary>Bytes of a transferred value, above 0; default 1, 8-bit activations.</summary>
    public double BytesPerValue
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(BytesPerValue));
            field = value;
        }
    } = 1;

    /// <summary>Creates a plan.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="mesh">Links and nodes, by multiply-adds a second, load and power; times and memory are ignored.</param>
    /// <param name="source">Name of the node with the input.</param>
    /// <param name="sink">Name of the node that needs the output.</param>
    /// <exception cref="ArgumentException">A node is not in the mesh, or unreachable from the source.</exception>
    public MeshPlan Plan(MapLayers layers, ResourceView mesh, string source, string sink)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(mesh);
        var (from, to) = (mesh.Node(source), mesh.Node(sink));
        return Plan(new MeshCosts(layers, mesh, BytesPerValue), mesh.Nodes.IndexOf(from), mesh.Nodes.IndexOf(to));
    }

    private protected abstract MeshPlan Plan(MeshCosts costs, int source, int sink);
}
