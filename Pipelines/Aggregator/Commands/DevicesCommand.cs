using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using StreamLearn.Tables;

namespace Aggregator;

/// <summary><c>devices ls</c>, and <c>devices forget</c>, which readmits a locked-out device.</summary>
internal static class DevicesCommand
{
    private const string Description = """
        List the devices known to the aggregator: last message, number of updates, how many of them were capped, and staleness.
        OWN is the accuracy on the device's newest windows, each answered before learning from it.

        Examples:
          streamlearn-aggregator devices ls -c aggregator.yaml
          streamlearn-aggregator devices ls -c aggregator.yaml -o jsonl | head -3

        Exit codes: 0 it runs; 65 the file is not a status file; 69 it is not running: its last state is shown.
        """;

    private const string ShowDescription = """
        Show the accuracy of devices on their own windows by class, each answered before learning from it, and which block slows a
        device down. For devices with learn.split, show how many layers each trains, and why.

        Examples:
          streamlearn-aggregator devices show -c aggregator.yaml
          streamlearn-aggregator devices show pump-7 -c aggregator.yaml

        Exit codes: 0 it runs; 65 the file is not a status file; 69 it is not running: its last state is shown.
        """;

    private const string Forgetting = """
        Make the running aggregator forget a device that it refuses as fenced or quarantined. It treats the device's next message as that of
        a new device. If somebody else sends under its name, change the server's rights first. The aggregator's console reports what it has
        forgotten. The login needs the right to publish to sl/FLEET/console/up/forget.

        Example:
          streamlearn-aggregator devices forget pump-7 -c aggregator.yaml

        Exit codes: 0 sent; 2 bad command line; 69 the server does not answer; 77 it refuses the login.
        """;

    private static readonly TableColumn[] Columns =
    [
        new("DEVICE", 22), new("STATE", 18), new("LAST SEEN", 10), new("ACCEPTED", 8, true), new("CAPPED", 6, true),
        new("REFUSED", 8, true), new("P50", 4, true), new("P95", 4, true), new("OWN", 4, true),
    ];

    internal static Command Create(ConfigCommands<AggregatorConfig> commands)
    {
        var form = StateCommands.Form("jsonl");
        return new("devices", "The devices of the fleet.")
        {
            StateCommands.Reading(commands, "ls", Description, (state, result, output, _) =>
            {
                if (StateCommands.Read(state, out var exit) is not { } status) { return Task.FromResult(exit); }
                var lines = result.GetValue(form) == "jsonl"
                    ? status.GetProperty("devices").EnumerateArray().Select(static d => d.GetRawText())
                    : Table(status);
                foreach (var line in lines) { output.WriteLine(line); }
                return Task.FromResult(exit);
            }, form),
            Show(commands),
            Forget(commands),
        };
    }

    private static Command Show(ConfigCommands<AggregatorConfig> commands)
    {
        var name = new Argument<string?>("device")
        {
            Description = "A device, as devices ls shows it; default: all of them.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = StateCommands.Reading(commands, "show", ShowDescription, (state, result, output, _) =>
        {
            if (StateCommands.Read(state, out var exit) is not { } status) { return Task.FromResult(exit); }
            foreach (var line in DevicesShown.Text(status, result.GetValue(name))) { output.WriteLine(line); }
            return Task.FromResult(exit);
        });
        command.Add(name);
        return command;
    }

    private static Command Forget(ConfigCommands<AggregatorConfig> commands)
    {
        var name = new Argument<string>("device") { Description = "The device, as devices ls shows it." };
        var command = commands.Reading("forget", Forgetting, (config, result) =>
        {
            var (link, device) = (config.Value.Link, result.GetRequiredValue(name));
            if (device.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(device) > 256)
            {
                Console.Error.WriteLine("streamlearn-aggregator: expected the name of a device, 1 to 256 bytes");
                return Task.FromResult(ProgramExit.BadCommandLine);
            }

            return ConsoleMessage.SendAsync(link, link.Topics.Forgotten, ForgottenDevice.Codec, new(device), $"forgets '{device}'");
        });
        command.Add(name);
        return command;
    }

    internal static IEnumerable<string> Table(JsonElement status)
    {
        var at = status.GetProperty("at").GetDateTimeOffset();
        var devices = status.GetProperty("devices").EnumerateArray()
            .OrderBy(static d => d.GetProperty("name").GetString(), StringComparer.Ordinal).ToList();
        var differ = devices.Where(static d =>
            d.GetProperty("reason").GetString()?.StartsWith("schema: ", StringComparison.Ordinal) == true);
        return ColumnTable.Lines(Columns, devices.Select(d => Row(d, at)))
            .Concat(differ.Select(static d => $"{d.GetProperty("name").GetString()} {d.GetProperty("reason").GetString()}"));
    }

    private static string[] Row(JsonElement device, DateTimeOffset at)
    {
        var (state, reason) = (device.GetProperty("state").GetString(), device.GetProperty("reason").GetString());
        return
        [
            device.GetProperty("name").GetString() ?? "",
            string.IsNullOrEmpty(reason) || state == "quiet" ? $"{state}" : $"{state}: {reason}",
            Ages.Of(at - device.GetProperty("lastSeen").GetDateTimeOffset()),
            Number(device, "applied"), Number(device, "capped"), Number(device, "refused"),
            Number(device, "stalenessP50"), Number(device, "stalenessP95"),
            device.TryGetProperty("own", out var own) && own.GetProperty("newestWindows").GetInt64() is > 0 and var windows
                ? string.Create(CultureInfo.InvariantCulture, $"{(double)own.GetProperty("newestRight").GetInt64() / windows:0.00}") : "-",
        ];
    }

    private static string Number(JsonElement device, string name) => device.GetProperty(name) is { ValueKind: JsonValueKind.Number } n
        ? n.GetInt64().ToString(CultureInfo.InvariantCulture)
        : "-";
}
