using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamLearn.Models;

internal sealed record ModelGraph(Shape Input, int Classes, long Seed, ImmutableArray<Field> Features, ImmutableArray<Layer> Layers,
    ImmutableArray<Exit> Exits, Loss Objective, ExitTraining ExitTraining, TrainableMask Mask) : ModelForm
{
    private const int MaxDepth = 64;

    internal static ModelGraph Of(Network network) => new(network.Plan.Input, network.Plan.Outputs, network.Seed, network.Plan.Features,
        network.Layers, network.Exits, network.Objective, network.ExitTraining, network.Mask);

    internal override IModel ToModel(IModel? expected)
    {
        var network = new Network(Input, Classes, Layers, Exits, Seed, Features, Objective) { ExitTraining = ExitTraining };
        return Mask == TrainableMask.All ? network : network.Masked(Mask);
    }

    internal override int Values() => new NetworkLayout(Input, Classes, Layers, Exits).Values;

    protected override void Write(Utf8JsonWriter json) => WriteTo(json);

    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartArray("input");
        foreach (var size in (ReadOnlySpan<int>)[Input.Channels, Input.Height, Input.Width]) { json.WriteNumberValue(size); }
        json.WriteEndArray();
        json.WriteNumber("classes", Classes);
        json.WriteNumber("seed", Seed);
        WriteFields(json, "columns", Features);
        LayerSettings.WriteAll(json, "layers", Layers);
        json.WriteStartArray("exits");
        foreach (var exit in Exits)
        {
            json.WriteStartObject();
            json.WriteNumber("after", exit.After);
            json.WriteNumber("loss-weight", exit.LossWeight);
            json.WritePropertyName("head");
            LayerSettings.Write(json, exit.Head);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WritePropertyName("objective");
        LossSettings.Write(json, Objective);
        if (ExitTraining != ExitTraining.Joint) { json.WriteString("exit-training", NameOf(ExitTraining)); }
        if (Mask == TrainableMask.All) { return; }
        json.WriteString("mask", NameOf(Mask));
        if (Mask.Below > 0) { json.WriteNumber("below", Mask.Below); }
    }

    internal static ModelGraph Read(JsonSettings graph)
    {
        if (graph.Ints("input") is not [var channels, var height, var width])
        {
            throw new ModelFormatException("graph: expected channels, height and width as 'input'");
        }

        var read = new ModelGraph(new(channels, height, width), graph.Int("classes"), graph.Long("seed"), ReadFields(graph, "columns"),
            LayerSettings.ReadAll(graph, "layers", "layer"), [.. graph.Array("exits").Select(ReadExit)],
            LossSettings.Read(graph.Of("objective")),
            graph.Has("exit-training") ? TrainingOf(graph.Text("exit-training")) : ExitTraining.Joint,
            graph.Has("mask") ? MaskOf(graph.Text("mask"), graph) : TrainableMask.All);
        return read.CountLayers() is > ModelFile.MaxLayers and var count
            ? throw new ModelFormatException($"graph: expected at most {ModelFile.MaxLayers} layers, got {count}")
            : read;
    }

    internal int CountLayers() => LayerSettings.Count(Layers.AsSpan()) + LayerSettings.Count([.. Exits.Select(static e => e.Head)]);

    internal static void WriteFields(Utf8JsonWriter json, string name, ImmutableArray<Field> fields)
    {
        json.WriteStartArray(name);
        foreach (var field in fields)
        {
            json.WriteStartObject();
            json.WriteString("name", field.Name);
            json.WriteString("type", NameOf(field.Type));
            json.WriteString("unit", field.Unit.Symbol);
            json.WriteBoolean("nullable", field.Nullable);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static ImmutableArray<Field> ReadFields(JsonSettings settings, string name) => [.. settings.Array(name).Select((e, i) =>
    {
        var field = new JsonSettings(e, $"{name} {i}");
        var result = new Field(field.Text("name"), TypeOf(field.Text("type")), new(field.Text("unit")), field.Flag("nullable"));
        field.End();
        return result;
    })];

    internal static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    internal static T Read<T>(string text, string place, Func<JsonSettings, T> read)
    {
        using var document = JsonDocument.Parse(text, new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
        var settings = new JsonSettings(document.RootElement, place);
        var result = read(settings);
        settings.End();
        return result;
    }

    private static Exit ReadExit(JsonElement element, int index)
    {
        var exit = new JsonSettings(element, $"exit {index}");
        var result = new Exit(exit.Int("after"), LayerSettings.Read(exit.Of("head"), $"head of exit {index}"), exit.Single("loss-weight"));
        exit.End();
        return result;
    }

    private static string NameOf(ExitTraining training) => training switch
    {
        ExitTraining.LastOnly => "last-only",
        ExitTraining.EarlyOnly => "early-only",
        ExitTraining.SelfDistilling => "self-distilling",
        _ => throw new ArgumentException($"expected a training of exits that can be saved, got {training}", nameof(training)),
    };

    private static ExitTraining TrainingOf(string name) => name switch
    {
        "last-only" => ExitTraining.LastOnly,
        "early-only" => ExitTraining.EarlyOnly,
        "self-distilling" => ExitTraining.SelfDistilling,
        _ => throw new ModelFormatException($"unknown training of exits '{name}'"),
    };

    private static string NameOf(TrainableMask mask) =>
        mask.Below > 0 ? "above"
        : mask == TrainableMask.HeadOnly ? "heads"
        : mask == TrainableMask.BiasOnly ? "biases"
        : mask == TrainableMask.BatchNormOnly ? "batch-norms"
        : throw new ArgumentException($"expected a mask that can be saved, got {mask}", nameof(mask));

    private static TrainableMask MaskOf(string name, JsonSettings graph) => name switch
    {
        "above" => TrainableMask.FreezeBelow(graph.Int("below")),
        "heads" => TrainableMask.HeadOnly,
        "biases" => TrainableMask.BiasOnly,
        "batch-norms" => TrainableMask.BatchNormOnly,
        _ => throw new ModelFormatException($"unknown mask '{name}'"),
    };

    private static string NameOf(ColumnType type) => type switch
    {
        ColumnType.Float32 => "float32",
        ColumnType.Float64 => "float64",
        ColumnType.Int32 => "int32",
        ColumnType.Int64 => "int64",
        _ => throw new ArgumentException($"expected a column type that can be saved, got {type}", nameof(type)),
    };

    private static ColumnType TypeOf(string name) => name switch
    {
        "float32" => ColumnType.Float32,
        "float64" => ColumnType.Float64,
        "int32" => ColumnType.Int32,
        "int64" => ColumnType.Int64,
        _ => throw new ModelFormatException($"unknown column type '{name}'"),
    };
}
