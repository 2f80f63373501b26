using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Partition;

/// <summary>What plans have come to on a fleet, as a table for people, and as JSON.</summary>
internal static class FleetTable
{
    /// <summary>A line for each plan, time and energy against the first.</summary>
    internal static IEnumerable<string> Lines(ImmutableArray<FleetRow> rows, double alpha)
    {
        var kinds = string.Concat(rows[0].Kinds.Select(static kind => "  " + kind.Kind));
        yield return $"boundary  {"plan",-18}{kinds}  rounds  seconds   joules    MB up  MB down     time   energy  value";
        foreach (var row in rows)
        {
            var isLocal = row == rows[0];
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{(isLocal ? "none" : row.Plan.Boundary.Name),-8}  {row.Plan.Name,-18}{Splits(row)}  {Rounds(row),6}  ")
                + string.Create(CultureInfo.InvariantCulture,
                    $"{row.Point.At.TotalSeconds,7:F2}  {row.Point.Joules,7:F1}  {row.Point.BytesUp / 1e6,7:F1}  ")
                + string.Create(CultureInfo.InvariantCulture,
                    $"{row.Point.BytesDown / 1e6,7:F1}  {Against(row.TimeAgainst(rows[0])),7}  {Against(row.EnergyAgainst(rows[0])),7}  ")
                + string.Create(CultureInfo.InvariantCulture, $"{row.ValueAgainst(rows[0], alpha),5:F3}");
        }
    }

    /// <summary>An array of objects.</summary>
    internal static string Json(ImmutableArray<FleetRow> rows, double alpha)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var row in rows)
            {
                json.WriteStartObject();
                json.WriteString("boundary", row.Plan.Boundary.Name);
                json.WriteString("plan", row.Plan.Name);
                json.WriteStartObject("splits");
                foreach (var (kind, split) in row.Kinds) { json.WriteNumber(kind, split); }
                json.WriteEndObject();
                json.WriteBoolean("isReached", row.IsReached);
                json.WriteNumber("rounds", row.Rounds);
                json.WriteNumber("seconds", row.Point.At.TotalSeconds);
                json.WriteNumber("joules", row.Point.Joules);
                json.WriteNumber("bytesUp", row.Point.BytesUp);
                json.WriteNumber("bytesDown", row.Point.BytesDown);
                json.WriteNumber("accuracy", row.Point.Accuracy);
                json.WriteString("sha256", row.Point.Sha256);
                json.WriteNumber("time", row.TimeAgainst(rows[0]));
                json.WriteNumber("energy", row.EnergyAgainst(rows[0]));
                json.WriteNumber("value", row.ValueAgainst(rows[0], alpha));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static string Splits(FleetRow row) => string.Concat(row.Kinds.Select(static kind =>
        "  " + kind.Split.ToString(CultureInfo.InvariantCulture).PadLeft(kind.Kind.Length)));

    private static string Rounds(FleetRow row) => (row.IsReached ? "" : ">") + row.Rounds.ToString(CultureInfo.InvariantCulture);

    private static string Against(double share) => share.ToString("+0.0 %;-0.0 %;0", CultureInfo.InvariantCulture);
}
