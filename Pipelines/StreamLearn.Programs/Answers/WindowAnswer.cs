using System.Collections.Immutable;
using System.Text.Json;

namespace StreamLearn.Programs;

/// <summary>What a model answers to a window. Immutable.</summary>
/// <param name="Device">Whose window it is.</param>
/// <param name="Time">The time of its last row.</param>
/// <param name="Class">The class; empty: the answer is a value.</param>
/// <param name="Confidence">Its probability, 0 to 1; 0 beside a value.</param>
/// <param name="Exit">The exit at which the model answered, from 0.</param>
/// <param name="Version">The version of the model.</param>
public sealed record WindowAnswer(string Device, DateTimeOffset Time, string Class, float Confidence, int Exit, long Version) : ISized
{
    /// <summary>Who answered where device and aggregator do so together: <c>here</c> or <c>edge</c>; null, the default: the device
    /// alone.</summary>
    public string? Place { get; init; }

    /// <summary>The classes of which one is right as often as is promised, the most probable one first; empty, the default: nothing is
    /// promised.</summary>
    public ImmutableArray<string> Possible { get; init; } = [];

    /// <summary>The value, in the unit of what was learned; null, the default: the answer is a class.</summary>
    public float? Value { get; init; }

    /// <summary>Between what the right value is as often as is promised; null, the default: nothing is promised, or the bounds are
    /// infinite.</summary>
    public (float Low, float High)? Bounds { get; init; }

    /// <summary>Answers as JSON objects in UTF-8: <c>{"device":"pump-7","time":"2026-03-01T12:00:02.5400000Z","class":"worn",
    /// "confidence":0.93,"exit":1,"version":12}</c>, with <c>"possible":["worn","good"]</c> where something is promised. A value has
    /// <c>"value":42.5,"low":20.1,"high":64.9</c> in place of class and confidence.</summary>
    public static ICodec<WindowAnswer> Json { get; } = new JsonCodec<WindowAnswer>("window-answer/1", Write, Read);

    /// <inheritdoc />
    public long SizeBytes => 96 + (8 * Possible.Length);

    /// <inheritdoc />
    public bool Equals(WindowAnswer? other) => other is not null
        && (Device, Time, Class, Confidence, Exit) == (other.Device, other.Time, other.Class, other.Confidence, other.Exit)
        && (Version, Place, Value, Bounds) == (other.Version, other.Place, other.Value, other.Bounds)
        && Possible.AsSpan().SequenceEqual(other.Possible.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Device, Time, Class, Version);

    private static void Write(Utf8JsonWriter json, WindowAnswer answer)
    {
        json.WriteString("device", answer.Device);
        json.WriteString("time", answer.Time.UtcDateTime);
        if (answer.Value is { } value)
        {
            json.WriteNumber("value", value);
            if (answer.Bounds is var (low, high))
            {
                json.WriteNumber("low", low);
                json.WriteNumber("high", high);
            }
        }
        else
        {
            json.WriteString("class", answer.Class);
            json.WriteNumber("confidence", answer.Confidence);
        }

        json.WriteNumber("exit", answer.Exit);
        json.WriteNumber("version", answer.Version);
        if (answer.Place is { } place) { json.WriteString("place", place); }
        if (answer.Possible.IsEmpty) { return; }
        json.WriteStartArray("possible");
        foreach (var name in answer.Possible) { json.WriteStringValue(name); }
        json.WriteEndArray();
    }

    private static WindowAnswer Read(JsonElement json) => new(Text(json, "device"), json.GetProperty("time").GetDateTimeOffset(),
        json.TryGetProperty("value", out var value) ? "" : Text(json, "class"),
        value.ValueKind == JsonValueKind.Number ? 0 : json.GetProperty("confidence").GetSingle(), json.GetProperty("exit").GetInt32(),
        json.GetProperty("version").GetInt64())
    {
        Value = value.ValueKind == JsonValueKind.Number ? value.GetSingle() : null,
        Bounds = json.TryGetProperty("low", out var low) && json.TryGetProperty("high", out var high)
            ? (low.GetSingle(), high.GetSingle()) : null,
        Place = json.TryGetProperty("place", out var place) ? place.GetString() : null,
        Possible = json.TryGetProperty("possible", out var possible)
            ? [.. possible.EnumerateArray().Select(static c => c.GetString() ?? "")] : [],
    };

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";
}
