using System.Globalization;
using System.Text.Json;

namespace Aggregator;

/// <summary><c>devices show</c>: accuracy by class, slow blocks and split layers.</summary>
internal static class DevicesShown
{
    private const int MaxColumns = 12;

    /// <summary><paramref name="name"/>: null for all devices.</summary>
    internal static IEnumerable<string> Text(JsonElement status, string? name)
    {
        var plan = PlanShown.Table(status, name).ToList();
        return plan.Count == 0 ? Own(status, name) : status.TryGetProperty("own", out _) ? [.. plan, "", .. Own(status, name)] : plan;
    }

    private static IEnumerable<string> Own(JsonElement status, string? name)
    {
        if (!status.TryGetProperty("own", out var fleet)) { return ["no device has reported its accuracy yet"]; }
        var names = fleet.GetProperty("names").EnumerateArray().Select(static n => n.GetString() ?? "").ToList();
        var devices = Devices(status).Where(d => name is null || NameOf(d) == name).ToList();
        return
        [
            $"accuracy on own windows, each answered before learning from it; {fleet.GetProperty("worth").GetString()}",
            .. ColumnTable.Lines(ColumnsOf(names), devices.Select(d => Row(NameOf(d), d.GetProperty("own"), names))
                .Concat(name is null ? [Row("all", fleet, names)] : [])),
            .. names.Count > MaxColumns ? [$"and {names.Count - MaxColumns} more classes: devices ls -o jsonl"] : (string[])[],
            .. HeldUp(status, name),
        ];
    }

    internal static IEnumerable<string> HeldUp(JsonElement status, string? name = null) => Devices(status)
        .Where(d => (name is null || NameOf(d) == name) && d.GetProperty("own").TryGetProperty("heldUp", out _))
        .Select(static d => $"{NameOf(d)} {d.GetProperty("own").GetProperty("heldUp").GetString()}");

    internal static string Share(long windows, long right) => windows == 0 ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{(double)right / windows:0.00} of {windows}");

    internal static string Loss(JsonElement own) => own.GetProperty("newestLoss") is { ValueKind: JsonValueKind.Number } loss
        ? loss.GetDouble().ToString("0.000", CultureInfo.InvariantCulture) : "-";

    private static IEnumerable<JsonElement> Devices(JsonElement status) => status.GetProperty("devices").EnumerateArray()
        .Where(static d => d.TryGetProperty("own", out _)).OrderBy(static d => NameOf(d), StringComparer.Ordinal);

    private static string NameOf(JsonElement device) => device.GetProperty("name").GetString() ?? "";

    private static TableColumn[] ColumnsOf(List<string> names) =>
    [
        new("DEVICE", 24), new("ALL", 14, true),
        .. names.Take(MaxColumns).Select(static n => new TableColumn(int.TryParse(n, out _) ? $"CLASS {n}" : n, 14, true)),
    ];

    private static string[] Row(string name, JsonElement own, List<string> names)
    {
        var classes = own.GetProperty("classes").EnumerateArray().Select(static c => Share(c[0].GetInt64(), c[1].GetInt64())).ToList();
        return
        [
            name,
            names.Count == 0 ? $"loss {Loss(own)}"
                : Share(own.GetProperty("windows").GetInt64(), own.GetProperty("right").GetInt64()),
            .. names.Take(MaxColumns).Select((_, c) => c < classes.Count ? classes[c] : "-"),
        ];
    }
}
