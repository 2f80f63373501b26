using System.Text.Json;

namespace StreamLearn.Models;

internal sealed record Int8Form(ModelGraph Graph) : ModelForm
{
    internal const string Kind = "int8";

    internal static Int8Form Read(JsonSettings graph) => new(ModelGraph.Read(graph));

    internal override int Values() => Graph.Values();

    internal override IModel ToModel(IModel? expected) => new Int8Network((Network)Graph.ToModel(expected));

    internal override PackedTensors? Packed() => PackedTensors.Of((Int8Network)ToModel(null));

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteString(KindKey, Kind);
        Graph.WriteTo(json);
    }
}
