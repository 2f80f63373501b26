using System.Text.Json;

namespace StreamLearn.Models;

internal sealed record LinearForm(int Features, bool Bias, float Decay, Loss Objective, ImmutableArray<Field> Columns) : ModelForm
{
    internal const string Kind = "linear";

    internal static LinearForm Read(JsonSettings graph) => new(graph.Int("features"), graph.Flag("bias"), graph.Single("decay"),
        LossSettings.Read(graph.Of("objective")), ModelGraph.ReadFields(graph, "columns"));

    internal override int Values() => Count(Features + (Bias ? 1L : 0), Features, Columns);

    internal override IModel ToModel(IModel? expected) => new LinearModel(Features, Objective, Bias, Decay, Columns);

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteString(KindKey, Kind);
        json.WriteNumber("features", Features);
        json.WriteBoolean("bias", Bias);
        json.WriteNumber("decay", Decay);
        json.WritePropertyName("objective");
        LossSettings.Write(json, Objective);
        ModelGraph.WriteFields(json, "columns", Columns);
    }
}
