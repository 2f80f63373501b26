using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace StreamLearn.Nats;

/// <summary>Origin of a model version.</summary>
public sealed record ModelLineage
{
    /// <summary>The version from which it was made; null (default): none.</summary>
    public long? Base { get; init; }

    /// <summary>Contributors, such as devices.</summary>
    public ImmutableArray<string> Contributors { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Finite measurements, such as <c>accuracy</c>.</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init => field = value ?? field; }
        = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Hash of the schema of its rows; null (default): unknown.</summary>
    public ulong? SchemaHash { get; init; }

    /// <summary>Format of its bytes, such as <c>safetensors</c> or <c>safetensors int8</c>; empty (default): unknown.</summary>
    public string Format { get; init => field = value ?? ""; } = "";

    private bool PrintMembers(StringBuilder text)
    {
        var metrics = Metrics.Select(static m => string.Create(CultureInfo.InvariantCulture, $"{m.Key} = {m.Value}"));
        text.Append(CultureInfo.InvariantCulture, $"Base = {Base}, Contributors = {NatsText.List(Contributors)}")
            .Append(CultureInfo.InvariantCulture, $", Metrics = {NatsText.List(metrics)}, SchemaHash = {SchemaHash}, Format = {Format}");
        return true;
    }
}

/// <summary>A model version. Immutable.</summary>
public sealed record RegisteredModel
{
    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>The version, from 0.</summary>
    public required long Version { get; init; }

    /// <summary>The version's origin.</summary>
    public required ModelLineage Lineage { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The number of bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 hash of the bytes, in hexadecimal.</summary>
    public required string Sha256 { get; init; }
}

/// <summary>Serializes versions without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RegisteredModel))]
internal sealed partial class RegistryJson : JsonSerializerContext;
