using System.Text.Json;

namespace StreamLearn.Models;

internal sealed record SoftmaxForm(int Features, int Classes, long Seed, ImmutableArray<Field> Columns) : ModelForm
{
    internal const string Kind = "softmax-regression";

    internal static SoftmaxForm Read(JsonSettings graph) => new(graph.Int("features"), graph.Int("classes"), graph.Long("seed"),
        ModelGraph.ReadFields(graph, "columns"));

    internal override int Values() => Count((2L * Features) + ((Features + 1L) * Classes), Features, Columns);

    internal override IModel ToModel(IModel? expected) =>
        Columns.IsEmpty ? new SoftmaxRegression(Features, Classes, Seed) : new SoftmaxRegression(Columns, Classes, Seed);

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteString(KindKey, Kind);
        json.WriteNumber("features", Features);
        json.WriteNumber("classes", Classes);
        json.WriteNumber("seed", Seed);
        ModelGraph.WriteFields(json, "columns", Columns);
    }
}
