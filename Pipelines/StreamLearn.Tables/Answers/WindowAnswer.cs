using System.Text.Json;

namespace StreamLearn.Tables;

/// <summary>A model's answer to a window, at the time of its last row. With an empty class it is a value.</summary>
internal sealed record WindowAnswer(string Device, DateTimeOffset Time, string Class, float Confidence, int Exit, long Version) : ISized
{
    /// <summary>Where a window was answered in shared answering, <c>here</c> (device) or <c>edge</c>; default null: the device answers
    /// alone.</summary>
    public string? Place { get; init; }

    /// <summary>Classes that include the true one with the given coverage, most probable first; default empty: no guarantee.</summary>
    public ImmutableArray<string> Possible { get; init; } = [];

    /// <summary>The value, in the target's unit; default null: the answer is a class.</summary>
    public float? Value { get; init; }

    /// <summary>Interval for the true value with the given coverage; default null: no guarantee, or infinite bounds.</summary>
    public (float Low, float High)? Bounds { get; init; }

    /// <summary>UTF-8 JSON objects: <c>{"device":"pump-7","time":"2026-03-01T12:00:02.5400000Z","class":"worn",
    /// "confidence":0.93,"exit":1,"version":12}</c>, with <c>"possible":["worn","good"]</c> under a guarantee. Values have
    /// <c>"value":42.5,"low":20.1,"high":64.9</c> instead of class and confidence.</summary>
    public static ICodec<WindowAnswer> Json { get; } = new JsonCodec<WindowAnswer>("window-answer/1", Write, Read);

    public long SizeBytes => 96 + (8 * Possible.Length);

    public bool Equals(WindowAnswer? other) => other is not null
        && (Device, Time, Class, Confidence, Exit) == (other.Device, other.Time, other.Class, other.Confidence, other.Exit)
        && (Version, Place, Value, Bounds) == (other.Version, other.Place, other.Value, other.Bounds)
        && Possible.AsSpan().SequenceEqual(other.Possible.AsSpan());

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
