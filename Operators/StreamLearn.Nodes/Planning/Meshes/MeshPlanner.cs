namespace StreamLearn.Nodes;

/// <summary>Assigns rows of layers to mesh nodes. A pure function and a value.</summary>
/// <remarks> The head of a block sends each node in its set the rows that it needs, halo included; all compute; the next head gathers the
/// output. This takes the maximum over nodes of (bytes in / rate + multiply-adds / rate), then the parts' transfers in sequence. Between
/// distant nodes, bytes are sent over the quickest route, link after link. Energy is computing × P_c of each node, and each transfer × (P_t
/// of the sender + P_r of the receiver). Source: Samikwa, Di Maio, Braun (2023), DISNET. </remarks>
public abstract record MeshPlanner
{
    /// <summary>Bytes per transferred value, above 0; default 1, for 8-bit activations.</summary>
    public double BytesPerValue { get; init => field = Bound.Above0(value, nameof(BytesPerValue)); } = 1;

    /// <summary>Cuts layers into blocks and shares their rows over a node and neighbors, at minimum cost.</summary>
    /// <remarks> A dynamic program over boundaries and heads. A set is a head with its fastest neighbors; rows go in proportion to rates.
    /// The cost is alpha · T / T₀ + (1 − alpha) · E / E₀, with T₀ and E₀ of the quickest single node. <see cref="BlockCut.Disnet"/> gives
    /// DISNET with head and set by cost, <see cref="BlockCut.Free"/> the best cuts, one part the best chain, <see cref="BlockCut.Whole"/>
    /// the best single node. </remarks>
    /// <param name="cuts">Candidate blocks that reach from the first layer to the last.</param>
    /// <param name="alpha">Weight of time against energy, 0 to 1; default 1, time alone.</param>
    public static MeshPlanner ByCost(ImmutableArray<BlockCut> cuts, double alpha = 1) => new MicroSplit(cuts) { Alpha = alpha };

    /// <summary>DISNET's own rule: takes the path with the best score, and for each block its node with the best neighborhood.</summary>
    /// <remarks> A path scores the mean over its hops of bw/5 · (1 − (1 − es) · P_t) + rate · (1 − (1 − es) · P_c), with bw in Mbit/s, rate
    /// of the node behind the hop in tenths of the highest, and powers as shares of the highest. A block of n parts gets the head, from the
    /// last head onwards, whose n nodes, itself included, have the largest sum of rate · (1 − (1 − es) · P_c). Rows are shared by that
    /// weight; by rates alone, as published, energy is not monotonic in es. Source: Samikwa, Di Maio, Braun (2023), and its
    /// code. </remarks>
    /// <param name="energySensitivity">es, 0 to 1: 1, the default, is latency alone; 0 weighs power most.</param>
    /// <param name="cuts">The blocks, in order; default those of VGG-16.</param>
    public static MeshPlanner Disnet(double energySensitivity = 1, ImmutableArray<BlockCut> cuts = default) =>
        new DisnetSplit(energySensitivity, cuts);

    /// <summary>Splits the rows of each layer over one node set and gathers after each: a baseline.</summary>
    /// <remarks>The set is a node with its fastest neighbors, of least time. Source: Mao et al. (2017), MoDNN, as DISNET compares with
    /// it.</remarks>
    /// <param name="maxParts">Maximum nodes of the set, at least 1.</param>
    public static MeshPlanner PerLayer(int maxParts = 6) => new PerLayerExchange(maxParts);

    /// <summary>Creates a plan.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="mesh">Links and nodes, by multiply-adds per second, load and power; times and memory are ignored.</param>
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
