using System.Text.Json;

namespace StreamLearn.Operators.Tests;

/// <summary>Windows and their features as numpy and scipy have them; <c>Golden/features.py</c> made them.</summary>
internal sealed record GoldenWindow(string Name, double Rate, float[][] Channels, IReadOnlyDictionary<string, double> Features)
{
    private static readonly Lazy<JsonElement> File = new(static () =>
        JsonDocument.Parse(System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Golden", "features.json"))).RootElement);

    internal static IEnumerable<GoldenWindow> All => File.Value.GetProperty("cases").EnumerateArray().Select(Read);
    internal static GoldenWindow Imu => Read(File.Value.GetProperty("imu"));
    internal static GoldenWindow ImuWithoutGravity => Read(File.Value.GetProperty("gravity"));
    public override string ToString() => Name;

    private static GoldenWindow Read(JsonElement window) => new(
        window.GetProperty("name").GetString()!,
        window.GetProperty("rate").GetDouble(),
        [.. window.GetProperty("channels").EnumerateArray().Select(c => c.EnumerateArray().Select(Value).ToArray())],
        window.GetProperty("features").EnumerateObject().ToDictionary(f => f.Name, f => f.Value.GetDouble()));

    private static float Value(JsonElement value) => value.ValueKind == JsonValueKind.Null ? float.NaN : value.GetSingle();
}
