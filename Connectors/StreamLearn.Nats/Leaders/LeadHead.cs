using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamLearn.Nats;

/// <summary>Who leads, and which parts are the newest checkpoint: the one key by which leaders exclude each other.</summary>
internal sealed record LeadHead
{
    /// <summary>The process that leads; empty: nobody does.</summary>
    public string Id { get; init; } = "";

    public string Holder { get; init; } = "";

    /// <summary>Which lead it is, from 1.</summary>
    public long Term { get; init; }

    /// <summary>Above that of every lead before.</summary>
    public long Epoch { get; init; }

    public DateTimeOffset Since { get; init; }

    public TimeSpan Lease { get; init; }

    /// <summary>How often it was written in this lead.</summary>
    public long Beat { get; init; }

    /// <summary>The level of the keys of the newest checkpoint: the term that wrote it, a number and the process; empty: there is
    /// none.</summary>
    public string Place { get; init; } = "";

    public int Bytes { get; init; }

    /// <exception cref="StateException">It cannot be read.</exception>
    internal static LeadHead Read(RegistryEntry? entry)
    {
        if (entry is not { Value: { } bytes }) { return new(); }
        try
        {
            return JsonSerializer.Deserialize(bytes, LeadJson.Default.LeadHead) ?? new();
        }
        catch (JsonException e)
        {
            throw new StateException($"'{entry.Value.Key}': expected who leads, got something else: {e.Message}");
        }
    }

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, LeadJson.Default.LeadHead);
}

[JsonSerializable(typeof(LeadHead))]
internal sealed partial class LeadJson : JsonSerializerContext;
