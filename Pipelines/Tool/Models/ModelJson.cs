namespace Tool;

internal static class ModelJson
{
    internal static string Of(LoadedModel loaded) => MemoryJson.Text(json =>
    {
        var (plan, card) = (loaded.Model.Plan, loaded.Card);
        json.WriteString("model", loaded.Model.Structure);
        json.WriteString("precision", loaded.Model is Int8Network ? "int8" : "float32");
        MemoryJson.Write(json, "input", plan.Input);
        json.WriteStartArray("columns");
        foreach (var column in ModelText.Columns(loaded))
        {
            json.WriteStartObject();
            json.WriteString("name", column.Name);
            json.WriteString("unit", column.Unit.Symbol);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("outputs", plan.Outputs);
        json.WriteStartArray("labels");
        foreach (var label in card.Labels) { json.WriteStringValue(label); }
        json.WriteEndArray();
        json.WriteNumber("multiplyAdds", plan.MultiplyAdds);
        json.WriteNumber("values", plan.Values);
        json.WriteNumber("parameterBytes", plan.ParameterBytes);
        json.WriteNumber("version", loaded.Weights.Version);
        json.WriteString("schemaHash", plan.SchemaHash.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteStartObject("provenance");
        foreach (var (key, value) in card.Provenance) { json.WriteString(key, value); }
        json.WriteEndObject();
        json.WriteStartArray("parts");
        foreach (var slice in plan.Slices)
        {
            json.WriteStartObject();
            json.WriteString("name", slice.Name);
            json.WriteString("kind", ModelText.Kind(slice));
            json.WriteNumber("values", slice.Length);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
