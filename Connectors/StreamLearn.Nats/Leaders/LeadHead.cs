using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamLearn.Nats;

/// <summary>The leader and the parts of the newest checkpoint, in the one key that excludes other leaders.</summary>
internal sealed record LeadHead
{
    public string Id { get; init; } = "";

    public string Holder { get; init; } = "";

    public long Term { get; init; }

    public long Epoch { get; init; }

    public DateTimeOffset Since { get; init; }

    public TimeSpan Lease { get; init; }

    /// <summary>Writes in this term.</summary>
    public long Beat { get; init; }

    /// <summary>Key level of the newest checkpoint: term, number and process; empty: none.</summary>
    public string Place { get; init; } = "";

    public int Bytes { get; init; }

    internal static LeadHead Read(RegistryEntry? entry)
    {
        if (entry is not { Value: { } bytes }) { return new(); }
        try { return JsonSerializer.Deserialize(bytes, LeadJson.Default.LeadHead) ?? new(); }
        catch (JsonException e) { throw new StateException($"'{entry.Value.Key}': expected who leads, got something else: {e.Message}"); }
    }

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, LeadJson.Default.LeadHead);
}

[JsonSerializable(typeof(LeadHead))]
internal sealed partial class LeadJson : JsonSerializerContext;
