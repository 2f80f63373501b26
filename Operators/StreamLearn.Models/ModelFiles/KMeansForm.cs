using System.Text.Json;

namespace StreamLearn.Models;

internal sealed record KMeansForm(int Features, int Centers, long Seed, ImmutableArray<Field> Columns, bool Counts) : ModelForm
{
    internal const string Kind = "k-means";

    internal static KMeansForm Read(JsonSettings graph) => new(graph.Int("features"), graph.Int("centers"), graph.Long("seed"),
        ModelGraph.ReadFields(graph, "columns"), graph.Has("counts") && graph.Flag("counts"));

    internal override int Values() => Count(((long)Features + (Counts ? 1 : 0)) * Centers, Features, Columns);

    internal override IModel ToModel(IModel? expected) => new KMeans(Features, Centers, Seed, Columns, Counts);

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteString(KindKey, Kind);
        json.WriteNumber("features", Features);
        json.WriteNumber("centers", Centers);
        json.WriteNumber("seed", Seed);
        ModelGraph.WriteFields(json, "columns", Columns);
        if (Counts) { json.WriteBoolean("counts", true); }
    }
}
