using Papers;

namespace Acceptance.Tests;

/// <summary>Section 5.5: DISNET on meshes by chance, by the plans alone.</summary>
/// <remarks><c>independent/disnet.py</c> computes such meshes and both baselines by itself.</remarks>
public sealed class At05Meshes(ITestOutputHelper output)
{
    private const int Seeds = 20;
    private const int MaxParts = 6;
    private static readonly MapLayers Layers = MapLayers.Vgg16;
    private static readonly MicroSplit Disnet = new(BlockCut.Disnet);
    private static readonly MicroSplit Chain = new([.. BlockCut.Disnet.Select(static cut => cut with { MaxParts = 1 })]);

    [Theory]
    [InlineData(10)]
    [InlineData(15)]
    public void AT_5k_Median_latency_is_below_exchange_per_layer_and_below_a_chain(int cap)
    {
        double[] perLayer = [.. Ratios(cap, Disnet, new PerLayerExchange(MaxParts))];
        double[] chain = [.. Ratios(cap, Disnet, Chain)];

        output.WriteLine(FormattableString.Invariant(
            $"cap {cap}: per layer {RandomMesh.Median(perLayer):F3}, worst {perLayer.Max():F2}; ")
            + FormattableString.Invariant($"chain {RandomMesh.Median(chain):F3}, worst {chain.Max():F2}"));
        Assert.InRange(RandomMesh.Median(perLayer), .3, .75);
        Assert.InRange(RandomMesh.Median(chain), .2, .5);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(15)]
    public void AT_5k_With_free_cuts_no_mesh_is_slower_than_either(int cap)
    {
        var free = new MicroSplit(BlockCut.Free(Layers.Count, MaxParts));
        double[] ratios =
        [
            .. Ratios(cap, free, new PerLayerExchange(MaxParts)), .. Ratios(cap, free, new MicroSplit(BlockCut.Free(Layers.Count, 1))),
            .. Ratios(cap, free, Disnet),
        ];

        output.WriteLine(FormattableString.Invariant(
            $"cap {cap}: free cuts, worst {ratios.Max():F4}, median {RandomMesh.Median(ratios):F3}"));
        Assert.InRange(ratios.Max(), .5, 1 + 1e-12);
    }

    /// <summary>DISNET's own rule, and the choice by cost with as much weight on time.</summary>
    [Theory]
    [InlineData(10, false)]
    [InlineData(15, false)]
    [InlineData(10, true)]
    [InlineData(15, true)]
    public void AT_5m_Energy_sensitivity_trades_energy_for_latency_in_one_direction(int cap, bool isByCost)
    {
        double[] steps = [0, .25, .5, .75, 1];
        MeshCost[] medians = [.. steps.Select(Median)];

        output.WriteLine($"cap {cap}, {(isByCost ? "by cost" : "by rule")}: " + string.Join("; ", medians.Zip(steps,
            static (cost, es) => FormattableString.Invariant($"es {es}: {cost.Seconds:F2} s, {cost.Joules:F1} J"))));
        Assert.Equal(medians.Select(static m => m.Seconds), medians.Select(static m => m.Seconds).OrderDescending());
        Assert.Equal(medians.Select(static m => m.Joules), medians.Select(static m => m.Joules).Order());
        Assert.True(medians[0].Seconds > 1.05 * medians[^1].Seconds && medians[0].Joules < .9 * medians[^1].Joules);

        MeshCost Median(double es)
        {
            MeshPlanner planner = isByCost ? Disnet with { Alpha = es } : new DisnetSplit(es);
            MeshCost[] costs = [.. Enumerable.Range(0, Seeds).Select(seed => Cost(planner, seed, cap))];
            return new(
                RandomMesh.Median(costs.Select(static cost => cost.Seconds)),
                RandomMesh.Median(costs.Select(static cost => cost.Joules)), 0);
        }
    }

    /// <summary>The baseline by a plain loop: one head and its fastest neighbors; it gets back each layer but the last.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(15)]
    public void AT_5k_Exchange_per_layer_gathers_at_its_head_and_only_the_last_layer_at_the_sink(int cap)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var mesh = RandomMesh.Of(seed, cap);
            var (names, ways) = (mesh.Nodes.Select(static n => n.Name).ToList(), WaysOf(mesh));
            var (rates, best) = (mesh.Nodes.Select(static n => n.MultiplyAddsPerSecond).ToArray(), double.PositiveInfinity);
            for (var head = 0; head < rates.Length; head++)
            {
                int[] near =
                [
                    head, .. Enumerable.Range(0, rates.Length)
                        .Where(n => n != head && mesh.Link(names[head], names[n]) is not null).OrderByDescending(n => rates[n]),
                ];
                for (var parts = Math.Min(2, near.Length); parts <= Math.Min(MaxParts, near.Length); parts++)
                {
                    best = Math.Min(best, Seconds(head, near[..parts]));
                }
            }

            Assert.Equal(best, Cost(new PerLayerExchange(MaxParts), seed, cap).Seconds, 1e-9 * best);

            double Seconds(int head, int[] set)
            {
                var sum = Layers.ValuesAt(0) * ways[names.IndexOf(RandomMesh.Source), head];
                for (var i = 0; i < Layers.Count; i++)
                {
                    var (to, slowest, row) = (i + 1 < Layers.Count ? head : names.IndexOf(RandomMesh.Sink), 0.0, 0);
                    var layer = Layers.Layers[i];
                    foreach (var (node, rows) in set.Zip(MapLayers.ShareRows(layer.OutputHeight, [.. set.Select(n => rates[n])])))
                    {
                        var (first, end) = layer.RowsFor(row, row + rows);
                        row += rows;
                        if (rows == 0) { continue; }
                        slowest = Math.Max(slowest, ((end - first) * layer.InputValuesPerRow * ways[head, node])
                            + (rows * layer.MultiplyAddsPerRow / rates[node]));
                        sum += rows * layer.OutputValuesPerRow * ways[node, to];
                    }

                    sum += slowest;
                }

                return sum;
            }
        }
    }

    /// <summary>Seconds a byte of the quickest way between two nodes.</summary>
    private static double[,] WaysOf(ResourceView mesh)
    {
        var (nodes, ways) = (mesh.Nodes, new double[mesh.Nodes.Length, mesh.Nodes.Length]);
        for (var i = 0; i < nodes.Length; i++)
        {
            for (var j = 0; j < nodes.Length; j++)
            {
                ways[i, j] = i == j ? 0
                    : mesh.Link(nodes[i].Name, nodes[j].Name) is { } link ? 8 / link.BitsPerSecond : double.PositiveInfinity;
            }
        }

        for (var by = 0; by < nodes.Length; by++)
        {
            for (var i = 0; i < nodes.Length; i++)
            {
                for (var j = 0; j < nodes.Length; j++) { ways[i, j] = Math.Min(ways[i, j], ways[i, by] + ways[by, j]); }
            }
        }

        return ways;
    }

    private static IEnumerable<double> Ratios(int cap, MeshPlanner planner, MeshPlanner other) =>
        Enumerable.Range(0, Seeds).Select(seed => Cost(planner, seed, cap).Seconds / Cost(other, seed, cap).Seconds);

    private static MeshCost Cost(MeshPlanner planner, int seed, int cap) =>
        planner.Plan(Layers, RandomMesh.Of(seed, cap), RandomMesh.Source, RandomMesh.Sink).Cost;
}
