using System.Globalization;
using System.Text.Json;

namespace Aggregator;

internal static class PlanShown
{
    private static readonly TableColumn[] Columns =
    [
        new("DEVICE", 22), new("LAYERS", 8, true), new("MBIT/S", 8, true), new("ROUND", 8, true), new("ALONE", 8, true),
        new("JOULES", 8, true), new("ALONE", 8, true), new("SINCE", 10), new("WHY", 24),
    ];

    /// <summary>Returns a summary line; null: no device has a split.</summary>
    internal static string? Line(JsonElement status)
    {
        if (Planned(status) is not [_, ..] devices) { return null; }
        var plan = status.GetProperty("splits");
        var (fewest, most) = (devices.Min(LayersOf), devices.Max(LayersOf));
        var layers = fewest == most ? Text(fewest) : $"{fewest} to {most}";
        return string.Create(CultureInfo.InvariantCulture,
            $"{layers} of {plan.GetProperty("layers").GetInt32()} layers on "
            + $"{devices.Count} {(devices.Count == 1 ? "device" : "devices")}; ")
            + $"changed {Ago(status, plan, "changedAt")}: {ShownText.Of(plan.GetProperty("changedWhy").GetString() ?? "")}";
    }

    /// <summary>Returns the table of splits; empty if no device has a split.</summary>
    internal static IEnumerable<string> Table(JsonElement status, string? name)
    {
        var devices = Planned(status).Where(d => name is null || d.GetProperty("name").GetString() == name).ToList();
        if (devices.Count == 0) { return []; }
        var all = status.GetProperty("splits").GetProperty("layers").GetInt32();
        return ["layers on the devices; the plan predicts the seconds and joules of a round",
            .. ColumnTable.Lines(Columns, devices.Select(d => (string[])
            [
                d.GetProperty("name").GetString() ?? "", FormattableString.Invariant($"{LayersOf(d)} of {all}"),
                Number(d, "bitsPerSecond", 1e-6), Number(d, "seconds"), Number(d, "localSeconds"), Number(d, "modelledJoules"),
                Number(d, "modelledLocalJoules"), Ago(status, d, "since"), d.GetProperty("why").GetString() ?? "",
            ]))];
    }

    private static List<JsonElement> Planned(JsonElement status) =>
        status.TryGetProperty("splits", out var plan) ? [.. plan.GetProperty("devices").EnumerateArray()] : [];

    private static int LayersOf(JsonElement device) => device.GetProperty("layers").GetInt32();

    private static string Ago(JsonElement status, JsonElement of, string time) =>
        Ages.Of(status.GetProperty("at").GetDateTimeOffset() - of.GetProperty(time).GetDateTimeOffset());

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Number(JsonElement of, string name, double unit = 1) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? (value.GetDouble() * unit).ToString(value.GetDouble() * unit >= 100 ? "0" : "G3", CultureInfo.InvariantCulture) : "-";
}
