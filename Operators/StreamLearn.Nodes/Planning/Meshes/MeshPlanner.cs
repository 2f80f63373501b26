namespace StreamLearn.Nodes;

/// <summary>Chooses which rows of which layers run on which node: a pure function. A value that prints and compares.</summary>
/// <remarks>
/// The head of a block has its input. It sends to each node of its set the rows that the node needs, halo included; all compute; the
/// output is gathered at the next head. That takes max over nodes of (bytes in / rate + multiply-adds / rate), and then all that is not
/// at the next head yet, one part after the other. Between nodes that are no neighbours, bytes take the quickest way, link after link.
/// Energy is computing × P_c of each node, and each transfer × (P_t of who sends + P_r of who receives).
/// Source: Samikwa, Di Maio, Braun (2023), DISNET.
/// </remarks>
public abstract record MeshPlanner
{
    /// <summary>Bytes of a value on a link, above 0; default 1, 8-bit activations.</summary>
    public double BytesPerValue
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, nameof(BytesPerValue));
            field = value;
        }
    } = 1;

    /// <summary>Makes a plan.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="mesh">The nodes, by multiply-adds a second, load and power, and the links; times and memory do not count.</param>
    /// <param name="source">The name of the node that has the input.</param>
    /// <param name="sink">The name of the node that needs the output.</param>
    /// <exception cref="ArgumentException">A node is not in the mesh, or cannot be reached from the source.</exception>
    public MeshPlan Plan(MapLayers layers, ResourceView mesh, string source, string sink)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentNullException.ThrowIfNull(mesh);
        var (from, to) = (mesh.Node(source), mesh.Node(sink));
        return Plan(new MeshCosts(layers, mesh, BytesPerValue), mesh.Nodes.IndexOf(from), mesh.Nodes.IndexOf(to));
    }

    private protected abstract MeshPlan Plan(MeshCosts costs, int source, int sink);
}
