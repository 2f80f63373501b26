using System.Collections.Immutable;
using StreamLearn.Nodes;

namespace Partition;

/// <summary>The figures of DISNET: blocks of rows over meshes by chance, against exchange after each layer and against chains.</summary>
internal static class DisnetFigures
{
    private const string System = "DISNET";
    private const int Seeds = 20;
    private const int FreeCuts = 3;         // places of planners
    private const int EnergyAlone = 4;

    internal static IEnumerable<Figure> Of(InferSettings settings)
    {
        var layers = MapLayers.Vgg16.Count;
        MeshPlanner[] planners =
        [
            new MicroSplit(BlockCut.Disnet), new PerLayerExchange(),
            new MicroSplit([.. BlockCut.Disnet.Select(static cut => cut with { MaxParts = 1 })]),
            new MicroSplit(BlockCut.Free(layers, 6)), new MicroSplit(BlockCut.Disnet) { Alpha = 0 },
        ];
        ImmutableArray<MeshCost[]> costs =
        [
            .. from cap in (int[])[10, 15] from i in Enumerable.Range(0, Seeds)
            let mesh = RandomMesh.Of(settings.Seed + i, cap)
            select planners.Select(planner => planner.Plan(MapLayers.Vgg16, mesh, RandomMesh.Source, RandomMesh.Sink).Cost).ToArray(),
        ];
        yield return Row("latency, exchange after each layer, median of 40", "", "1.5x", Median(1, Seconds),
            "theirs is measured, and messages take time of their own");
        yield return Row("latency, exchange after each layer, best of 40", "5.2x", "", Best(1, Seconds),
            "theirs is the best case; messages take time of their own");
        yield return Row("latency, a chain, median of 40", "", "2.5x", Median(2, Seconds), "theirs: 1.18 s against .52 s, 2.3x");
        yield return Row("latency, a chain, best of 40", "5.2x", "", Best(2, Seconds),
            "theirs is the best case; ours have three neighbours a node");
        yield return Row("energy, exchange after each layer, energy alone counts, median", "", "", Median(1, Joules, EnergyAlone),
            "the same work on nodes that take less for it");
        yield return Row("energy, exchange after each layer, energy alone counts, best", "6x", "", Best(1, Joules, EnergyAlone),
            "theirs is the best case, of whole boards");
        yield return Row("latency, exchange after each layer, free cuts, median", "", "", Median(1, Seconds, FreeCuts),
            "cuts chosen by cost");
        yield return Row("latency, a chain, free cuts, median", "", "", Median(2, Seconds, FreeCuts), "cuts chosen by cost");

        IEnumerable<double> Ratios(int other, Func<MeshCost, double> value, int ours) =>
            costs.Select(row => value(row[other]) / value(row[ours]));

        double Median(int other, Func<MeshCost, double> value, int ours = 0) => RandomMesh.Median(Ratios(other, value, ours));

        double Best(int other, Func<MeshCost, double> value, int ours = 0) => Ratios(other, value, ours).Max();

        static double Seconds(MeshCost cost) => cost.Seconds;

        static double Joules(MeshCost cost) => cost.Joules;

        static Figure Row(string what, string published, string specified, double ours, string why) =>
            new(System, what, published, specified, ours, "0.0x", why);
    }
}
