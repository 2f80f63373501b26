using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using StreamLearn.Fleets;

namespace Aggregator;

/// <summary><c>devices ls</c>: the devices of the fleet.</summary>
internal static class DevicesCommand
{
    private const string Description = """
        List the devices from which the aggregator has heard: when, how many updates, how stale they are.

        Examples:
          streamlearn-aggregator devices ls -c aggregator.yaml
          streamlearn-aggregator devices ls -c aggregator.yaml -o jsonl | head -3

        Exit codes: 0 it runs; 65 the file is not a status file; 69 it is not running: its last state is shown.
        """;

    private static readonly TableColumn[] Columns =
    [
        new("DEVICE", 28), new("STATE", 22), new("LAST SEEN", 10), new("ACCEPTED", 10, true), new("REFUSED", 8, true), new("P50", 4, true),
        new("P95", 4, true),
    ];

    internal static Command Create(ConfigCommands<AggregatorConfig> commands)
    {
        var form = StateCommands.Form("jsonl");
        return new("devices", "The devices of the fleet.")
        {
            StateCommands.Showing(commands, "ls", Description, (state, result, output, _) =>
            {
                if (StateCommands.Read(state, out var exit) is not { } status) { return Task.FromResult(exit); }
                var lines = result.GetValue(form) == "jsonl"
                    ? status.GetProperty("devices").EnumerateArray().Select(static d => d.GetRawText())
                    : Table(status);
                foreach (var line in lines) { output.WriteLine(line); }
                return Task.FromResult(exit);
            }, form),
        };
    }

    /// <summary>The devices as a table.</summary>
    internal static IEnumerable<string> Table(JsonElement status)
    {
        var at = status.GetProperty("at").GetDateTimeOffset();
        var devices = status.GetProperty("devices").EnumerateArray()
            .OrderBy(static d => d.GetProperty("name").GetString(), StringComparer.Ordinal);
        return ColumnTable.Lines(Columns, devices.Select(d => Row(d, at)));
    }

    private static string[] Row(JsonElement device, DateTimeOffset at)
    {
        var (state, reason) = (device.GetProperty("state").GetString(), device.GetProperty("reason").GetString());
        return
        [
            device.GetProperty("name").GetString() ?? "",
            string.IsNullOrEmpty(reason) || state == "quiet" ? $"{state}" : $"{state}: {reason}",
            Ages.Of(at - device.GetProperty("lastSeen").GetDateTimeOffset()),
            Number(device, "applied"), Number(device, "refused"), Number(device, "stalenessP50"), Number(device, "stalenessP95"),
        ];
    }

    private static string Number(JsonElement device, string name) => device.GetProperty(name) is { ValueKind: JsonValueKind.Number } n
        ? n.GetInt64().ToString(CultureInfo.InvariantCulture)
        : "-";
}
