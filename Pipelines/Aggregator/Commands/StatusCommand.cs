using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using StreamLearn.Tables;

namespace Aggregator;

internal static class StatusCommand
{
    private const string Description = """
        Show the state of a running aggregator's fleet.

        Examples:
          streamlearn-aggregator status -c aggregator.yaml
          streamlearn-aggregator status -c aggregator.yaml --watch
          streamlearn-aggregator status -c aggregator.yaml -o json

        Exit codes: 0 it runs; 65 the file is not a status file; 69 it is not running: its last state is shown.
        """;

    private const int Columns = 100;
    private const int MaxHeldUp = 3;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    internal static Command Create(ConfigCommands<AggregatorConfig> commands)
    {
        var form = StateCommands.Form("json");
        var watch = new Option<bool>("--watch", "-w") { Description = "Refresh every second until the program ends." };
        return StateCommands.Reading(commands, "status", Description, async (state, result, output, stop) =>
        {
            while (true)
            {
                var status = StateCommands.Read(state, out var exit);
                if (status is { } found)
                {
                    if (result.GetValue(watch) && !Console.IsOutputRedirected) { output.Write("\u001b[H\u001b[J"); }
                    foreach (var line in result.GetValue(form) == "json" ? [Json(found)] : Text(found)) { output.WriteLine(line); }
                }

                if (!result.GetValue(watch) || exit != ProgramExit.Done) { return exit; }
                await Task.Delay(Every, TimeProvider.System, stop).ConfigureAwait(false);
            }
        }, watch, form);
    }

    private static string Json(JsonElement status) => status.GetRawText();

    internal static IEnumerable<string> Text(JsonElement status)
    {
        var at = status.GetProperty("at").GetDateTimeOffset();
        string Number(string name) => status.GetProperty(name) is { ValueKind: JsonValueKind.Number } n
            ? n.GetDouble().ToString("#,0.##", CultureInfo.InvariantCulture)
            : "-";
        yield return Line("fleet",
            $"{TextOf(status, "fleet")} at {TextOf(status, "server")}, process {status.GetProperty("process").GetInt32()}");
        if (status.TryGetProperty("connected", out var connected) && !connected.GetBoolean() && status.GetProperty("running").GetBoolean())
        {
            yield return Line("server", $"{TextOf(status, "server")} is not connected; the program keeps trying");
        }

        if (status.TryGetProperty("lead", out var lead))
        {
            yield return Line("lead", TextOf(lead, "text"));
            if (!lead.GetProperty("leads").GetBoolean()) { yield break; }
        }

        if (status.GetProperty("waiting").GetBoolean())
        {
            yield return Line("updates", status.GetProperty("devicesAlive").GetInt32() > 0
                ? $"waiting for updates; {Number("devicesAlive")} alive" : "waiting for updates: streamlearn-sensor run -c sensor.yaml");
            yield break;
        }

        var made = status.GetProperty("versionAt") is { ValueKind: JsonValueKind.String } time
            ? $"{Number("version")}, made {Ages.Of(at - time.GetDateTimeOffset())} {Of(Number("versionUpdates"))}"
            : "none made yet";
        if (status.TryGetProperty("versionsRestored", out var restored) && restored.GetInt64() > 0)
        {
            made += "; resumed from a version that the server or a device had kept";
        }

        yield return Line("strategy", TextOf(status, "strategy"));
        if (status.TryGetProperty("budget", out var budget)) { yield return Line("budget", TextOf(budget, "text")); }
        yield return Line("version", made);
        if (status.GetProperty("score").TryGetProperty("version", out var judged)) { yield return Line("accuracy", Score(status, judged)); }
        foreach (var line in Own(status)) { yield return line; }
        if (PlanShown.Line(status) is { } plan) { yield return Line("splits", plan); }
        string Some(string name, string what) => status.GetProperty(name).GetInt32() == 0 ? "" : $", {Number(name)} {what}";
        yield return Line("devices", $"{Number("devicesAlive")} alive{Some("devicesLeft", "left")}{Some("devicesQuiet", "quiet")}, "
            + $"{status.GetProperty("devices").GetArrayLength()} listed");
        yield return Line("updates",
            $"{Number("accepted")} accepted, {RateOf(status)}; {Number("updatesInRound")} held");
        foreach (var refused in status.GetProperty("refused").EnumerateObject())
        {
            yield return Line("refused",
                string.Create(CultureInfo.InvariantCulture, $"{refused.Value.GetInt64():#,0} {ShownText.Of(refused.Name)}"));
        }

        yield return Line("staleness", $"p50 {Number("stalenessP50")}, p95 {Number("stalenessP95")} versions");
        yield return Line("backlog", $"{Number("backlog")} messages");
        yield return Line("bytes", $"{Number("bytesIn")} in, {Number("bytesOut")} out");
    }

    private static IEnumerable<string> Own(JsonElement status)
    {
        if (!status.TryGetProperty("own", out var own)) { yield break; }
        var share = own.GetProperty("newestAccuracy") is { ValueKind: JsonValueKind.Number } accuracy
            ? string.Create(CultureInfo.InvariantCulture, $"{accuracy.GetDouble():0.000} of their newest windows")
            : $"loss {DevicesShown.Loss(own)} recently";
        yield return Line("own", $"{share}, each answered before learning from it");
        yield return Line("", TextOf(own, "worth"));
        foreach (var line in DevicesShown.HeldUp(status).Take(MaxHeldUp)) { yield return Line("held up", line); }
    }

    /// <summary>Shows a rate below one per second as a rate per minute.</summary>
    private static string RateOf(JsonElement status)
    {
        double Of(string name) => status.GetProperty(name) is { ValueKind: JsonValueKind.Number } n ? n.GetDouble() : 0;
        var (second, minute) = (Of("acceptedPerSecond"), Of("acceptedPerMinute"));
        return second >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{second:#,0.##} a second")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Round(minute, minute >= 10 ? 0 : minute >= 1 ? 1 : 2)} a minute");
    }

    private static string Of(string updates) => updates switch
    {
        "0" => "without an update",
        "1" => "of 1 update",
        _ => $"of {updates} updates",
    };

    private static string Score(JsonElement status, JsonElement version)
    {
        var score = status.GetProperty("score");
        string Of(string name, string format) => score.GetProperty(name) is { ValueKind: JsonValueKind.Number } n
            ? n.GetDouble().ToString(format, CultureInfo.InvariantCulture)
            : "-";
        return string.Create(CultureInfo.InvariantCulture,
            $"{Of("accuracy", "0.000")}, loss {Of("loss", "0.000")} of version {version.GetInt64():#,0}");
    }

    private static string TextOf(JsonElement status, string name) => ShownText.Of(status.GetProperty(name).GetString() ?? "");

    private static string Line(string name, string text) => ShownText.Fit($"{name,-10} {text}", Columns).TrimEnd();
}
