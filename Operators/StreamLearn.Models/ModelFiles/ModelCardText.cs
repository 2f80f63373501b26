using System.Runtime.InteropServices;
using System.Text.Json;

namespace StreamLearn.Models;

internal static class ModelCardText
{
    internal static string OfChannels(ImmutableArray<Field> channels) =>
        ModelGraph.Text(json => ModelGraph.WriteFields(json, "channels", channels));

    internal static ImmutableArray<Field> Channels(string text) =>
        ModelGraph.Read(text, "channels", s => ModelGraph.ReadFields(s, "channels"));

    internal static string OfLabels(ImmutableArray<string> labels) => ModelGraph.Text(json =>
    {
        json.WriteStartArray("labels");
        foreach (var label in labels) { json.WriteStringValue(label); }
        json.WriteEndArray();
    });

    internal static ImmutableArray<string> Labels(string text) => ModelGraph.Read(text, "labels", s => ImmutableArray.CreateRange(
        s.Array("labels").Select(e => e.GetString() ?? throw new ModelFormatException("labels: expected strings, got null"))));

    internal static string OfProvenance(ImmutableSortedDictionary<string, string> provenance) => ModelGraph.Text(json =>
    {
        json.WriteStartObject("provenance");
        foreach (var (key, value) in provenance) { json.WriteString(key, value); }
        json.WriteEndObject();
    });

    internal static ImmutableSortedDictionary<string, string> Provenance(string text) => ModelGraph.Read(text, "provenance", s =>
        s.Of("provenance").EnumerateObject().ToImmutableSortedDictionary(p => p.Name,
            p => p.Value.GetString() ?? throw new ModelFormatException($"provenance: expected a string as '{p.Name}', got null"),
            StringComparer.Ordinal, StringComparer.Ordinal));

    internal static string OfMoments(ChannelMoments moments) => ModelGraph.Text(json =>
    {
        json.WriteNumber("count", moments.Count);
        Write(json, "mean", moments.Mean);
        Write(json, "m2", moments.M2);
    });

    internal static ChannelMoments Moments(string text) => ModelGraph.Read(text, "moments",
        s => new ChannelMoments(s.Long("count"), Of(s.Doubles("mean")), Of(s.Doubles("m2"))));

    internal static string OfRule(ExitRule rule) => ModelGraph.Text(json =>
    {
        json.WriteString("measure", NameOf(rule.Measure));
        json.WriteNumber("temperature", rule.Temperature);
        Write(json, "thresholds", rule.Thresholds);
    });

    internal static ExitRule Rule(string text) => ModelGraph.Read(text, "exit rule", s =>
        new ExitRule(MeasureOf(s.Text("measure")), Of(s.Thresholds("thresholds"))) { Temperature = s.Single("temperature") });

    internal static string OfPlan(ExitPlan plan) => ModelGraph.Text(json =>
    {
        json.WriteString("schema-hash", ModelFile.Hexadecimal(plan.SchemaHash));
        json.WriteNumber("model-version", plan.ModelVersion);
        json.WriteNumber("chosen", plan.Chosen);
        json.WriteString("measure", NameOf(plan.Curve.Measure));
        json.WriteNumber("temperature", plan.Curve.Temperature);
        json.WriteNumber("full-accuracy", plan.Curve.FullAccuracy);
        json.WriteStartArray("points");
        foreach (var point in plan.Curve.Points)
        {
            json.WriteStartObject();
            Write(json, "thresholds", point.Thresholds);
            json.WriteNumber("accuracy", point.Accuracy);
            json.WriteNumber("work", point.WorkFraction);
            Write(json, "shares", point.Shares);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    internal static ExitPlan Plan(string text) => ModelGraph.Read(text, "exit plan", s => new ExitPlan
    {
        SchemaHash = ModelFile.Hexadecimal(s.Text("schema-hash")),
        ModelVersion = s.Long("model-version"),
        Chosen = s.Int("chosen"),
        Curve = new()
        {
            Measure = MeasureOf(s.Text("measure")),
            Temperature = s.Single("temperature"),
            FullAccuracy = s.Double("full-accuracy"),
            Points = [.. s.Array("points").Select(ReadPoint)],
        },
    });

    private static ExitPoint ReadPoint(JsonElement element)
    {
        var point = new JsonSettings(element, "exit plan");
        var result = new ExitPoint(Of(point.Thresholds("thresholds")), point.Double("accuracy"), point.Double("work"),
            Of(point.Doubles("shares")));
        point.End();
        return result;
    }

    private static void Write(Utf8JsonWriter json, string name, ImmutableArray<float> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) { JsonSettings.Write(json, value); }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, ImmutableArray<double> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) { json.WriteNumberValue(value); }
        json.WriteEndArray();
    }

    private static ImmutableArray<T> Of<T>(T[] values) => ImmutableCollectionsMarshal.AsImmutableArray(values);

    private static string NameOf(ExitMeasure measure) => measure switch
    {
        ExitMeasure.Entropy => "entropy",
        ExitMeasure.Probability => "probability",
        ExitMeasure.Margin => "margin",
        _ => throw new ArgumentException($"expected a measure that can be saved, got {measure}", nameof(measure)),
    };

    private static ExitMeasure MeasureOf(string name) => name switch
    {
        "entropy" => ExitMeasure.Entropy,
        "probability" => ExitMeasure.Probability,
        "margin" => ExitMeasure.Margin,
        _ => throw new ModelFormatException($"unknown measure '{name}'"),
    };
}
