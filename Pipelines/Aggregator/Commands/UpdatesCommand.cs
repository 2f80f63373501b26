using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using StreamLearn.Tables;

namespace Aggregator;

internal static class UpdatesCommand
{
    private const string Description = """
        Show the newest updates: device, base version, staleness, and whether they were accepted.

        Examples:
          streamlearn-aggregator updates tail -c aggregator.yaml -n 20
          streamlearn-aggregator updates tail -c aggregator.yaml --follow
          streamlearn-aggregator updates tail -c aggregator.yaml -n 1000 -o jsonl > updates.jsonl

        Exit codes: 0 shown; 69 no aggregator has recorded updates here.
        """;

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private static readonly TableColumn[] Columns =
    [
        new("TIME", 12), new("DEVICE", 24), new("SEQUENCE", 8, true), new("BASE", 7, true), new("STALE", 5, true), new("WEIGHT", 8, true),
        new("NORM", 8, true), new("RESULT", 14),
    ];

    internal static Command Create(ConfigCommands<AggregatorConfig> commands)
    {
        var form = StateCommands.Form("jsonl");
        var count = new Option<int>("--lines", "-n")
        {
            Description = "Number of updates to show.",
            HelpName = "count",
            DefaultValueFactory = static _ => 10,
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Keep showing new ones until the program ends." };
        count.Validators.Add(static v =>
        {
            if (v.GetValueOrDefault<int>() is < 0 or > 1_000_000) { v.AddError("-n: expected 0 to 1,000,000"); }
        });
        return new("updates", "The updates of the devices.")
        {
            StateCommands.Reading(commands, "tail", Description, async (state, result, output, stop) =>
            {
                var asText = result.GetValue(form) == "text";
                if (!File.Exists(state.Updates))
                {
                    StateCommands.Read(state, out var exit);
                    if (exit != ProgramExit.Done || !result.GetValue(follow)) { return exit; }
                }

                if (asText) { output.WriteLine(ColumnTable.Line(Columns, [.. Columns.Select(static c => c.Head)])); }
                var tail = new UpdateTail(state);
                foreach (var line in tail.Last(result.GetValue(count))) { output.WriteLine(asText ? Text(line) : line); }
                while (result.GetValue(follow))
                {
                    var running = StatusReading.Read(state, TimeProvider.System.GetUtcNow()) is { Absence: null };
                    foreach (var line in tail.Next()) { output.WriteLine(asText ? Text(line) : line); }
                    if (!running)
                    {
                        StateCommands.Read(state, out var exit);
                        return exit;
                    }

                    await Task.Delay(Every, TimeProvider.System, stop).ConfigureAwait(false);
                }

                return ProgramExit.Done;
            }, count, follow, form),
        };
    }

    internal static string Text(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var update = document.RootElement;
            if (update.TryGetProperty("lost", out var lost)) { return $"({lost.GetInt64()} updates were not recorded)"; }
            if (update.TryGetProperty("started", out _)) { return "(restart: if an update has several lines, the last one is valid)"; }
            return ColumnTable.Line(Columns,
            [
                update.GetProperty("time").GetDateTimeOffset().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture),
                update.GetProperty("device").GetString() ?? "",
                Number(update, "sequence", "0"), Number(update, "base", "0"), Number(update, "staleness", "0"),
                Number(update, "weight", "0.###"), Number(update, "norm", "0.####"),
                update.GetProperty("result").GetString() ?? "",
            ]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return "(unreadable line)";
        }
    }

    private static string Number(JsonElement update, string name, string format) =>
        update.TryGetProperty(name, out var number) ? number.GetDouble().ToString(format, CultureInfo.InvariantCulture) : "-";
}
