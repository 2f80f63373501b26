using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Sensor;

internal static class SensorInit
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    internal static InitOptions Create()
    {
        var csv = new Option<string?>("--csv")
        {
            Description = "Inspect these files and write a configuration for them.",
            HelpName = "files",
        };
        var mqtt = new Option<string?>("--mqtt")
        {
            Description = "Listen to this topic and write a configuration for its messages. One level may be '+', the device.",
            HelpName = "topic",
        };
        var url = new Option<string>("--url")
        {
            Description = "The server of --mqtt.",
            DefaultValueFactory = static _ => "mqtt://localhost",
        };
        var host = new Option<string?>("--host")
        {
            Description = "Write a configuration for this machine, as a device of this name.",
            HelpName = "name",
        };
        var label = new Option<string?>("--label") { Description = "The column, or the key, with the class.", HelpName = "column" };
        var target = new Option<string?>("--target")
        {
            Description = "With --csv, the column with the value to learn instead of a class.",
            HelpName = "column",
        };
        var device = new Option<string?>("--device")
        {
            Description = "With --csv, the column that names the device of a row; file: each file is a device; none: there is one device.",
            HelpName = "column",
        };
        var rate = new Option<double?>("--rate")
        {
            Description = "With --csv, rows per second, if no column has the time: 50, or 50/s.",
            CustomParser = RateOf,
        };
        var model = new Option<string?>("--model")
        {
            Description = "With --csv, the model: network, linear, features or auto; or a file of streamlearn fit to start from.",
            HelpName = "kind|file",
        };
        var watch = new Option<bool>("--watch")
        {
            Description = "With --csv or --mqtt, write a sensor that only detects anomalies: it needs no label and learns nothing.",
        };
        var quick = new Option<bool>("--no-measure")
        {
            Description = "With --csv, do not compare accuracy and time of the model in float32 and int8.",
        };
        var time = TimeOption.Create("--for", "With --mqtt, how long to wait for messages; default 10s.");
        var retained = new Option<string?>("--retained")
        {
            Description = "With --mqtt, what to do with retained messages: skip (default) or take.",
        };
        retained.AcceptOnlyFromAmong("skip", "take");
        var columns = new ColumnOptions();
        return new([csv, mqtt, url, host, label, target, device, rate, model, watch, quick, time, retained, .. columns.All], async result =>
        {
            if (result.GetValue(target) is not null && result.GetValue(csv) is null)
            {
                throw new FormatException("--target: expected --csv FILES, with the column");
            }

            if (result.GetValue(target) is not null && result.GetValue(label) is not null)
            {
                throw new FormatException("--target: leave --label out; a model learns classes or a value");
            }

            var watches = result.GetValue(watch);
            if (watches && (result.GetValue(label) ?? result.GetValue(target) ?? result.GetValue(model)) is not null)
            {
                throw new FormatException("--watch: leave --label, --target and --model out; a watching sensor learns nothing");
            }

            if (watches && result.GetValue(csv) is null && result.GetValue(mqtt) is null)
            {
                throw new FormatException("--watch: expected --csv FILES or --mqtt TOPIC, with the rows to watch");
            }

            if (result.GetValue(csv) is { } files)
            {
                var init = CsvInit.Of(columns.Of(result) with
                {
                    Csv = files,
                    Label = result.GetValue(label),
                    Target = result.GetValue(target),
                    Device = result.GetValue(device),
                    Rate = result.GetValue(rate),
                }, result.GetValue(model), watches);
                if (watches || result.GetValue(quick)) { return $"{init}"; }
                await Console.Error.WriteLineAsync("streamlearn-sensor: measuring the model in float32 and int8, which takes some "
                    + "seconds; --no-measure skips this").ConfigureAwait(false);
                return $"{init with { Precisions = PrecisionTrial.Lines($"{init}", TimeProvider.System) }}";
            }

            if (result.GetValue(mqtt) is { } topic)
            {
                var longest = result.GetValue(time) ?? Longest;
                return await MqttInit.TextAsync(UrlOf(result.GetValue(url)!), TopicOf(topic), result.GetValue(label), longest, watches,
                    result.GetValue(retained) == "take").ConfigureAwait(false);
            }

            return result.GetValue(host) is { } name ? HostText(name) : null;
        });
    }

    /// <summary>Predicts from machine load whether it will be busy.</summary>
    internal static string HostText(string device) => new InitText(
        [
            "host:                             # processor, memory and network of this machine (Linux)",
            $"  device: {InitText.Quoted(device)}",
            "  every: 1s",
        ],
        [
            "cpu: { range: [0, 1] }",
            "load1: {}",
            "memory_share: { range: [0, 1] }",
            "network_received: { unit: B/s }",
            "network_sent: { unit: B/s }",
            "# the model predicts from a window whether the processor will be busy in the next one",
            "busy: { label: [idle, busy], next: { mean_of: cpu, levels: [0.5] } }",
        ],
        [], 30, new(5, 30, 2, ModelConfig.Default.Seed))
    { AdjustLogits = false }.ToString();

    private static double? RateOf(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var number = text.EndsWith("/s", StringComparison.Ordinal) ? text[..^2] : text;
        if (double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate is > 0 and < 1e9)
        {
            return rate;
        }

        result.AddError($"--rate: expected rows per second, such as 50, got '{text}'");
        return null;
    }

    private static string TopicOf(string text) =>
        ConfigTree.Parse("--mqtt", $"topic: {InitText.Quoted(text)}").Read(static map => SourceReading.TopicOf(map["topic"])).Value;

    private static Uri UrlOf(string text) =>
        ConfigTree.Parse("--url", $"url: {InitText.Quoted(text)}").Read(static map => LinkConfig.UrlOf(map["url"], "mqtt", "mqtts")).Value;
}
