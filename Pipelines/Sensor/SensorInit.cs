using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Sensor;

internal sealed class SensorInit
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly Option<string?> _csv =
        ColumnOptions.Text("--csv", "Inspect these files and write a configuration for them.", "files");
    private readonly Option<string?> _mqtt = ColumnOptions.Text("--mqtt",
        "Listen to this topic and write a configuration for its messages. One level may be '+', the device.", "topic");
    private readonly Option<string> _url = new("--url")
    {
        Description = "The server of --mqtt.",
        DefaultValueFactory = static _ => "mqtt://localhost",
    };
    private readonly Option<string?> _host =
        ColumnOptions.Text("--host", "Write a configuration for this machine, as a device of this name.", "name");
    private readonly Option<string?> _label = ColumnOptions.Text("--label", "The column, or the key, with the class.", "column");
    private readonly Option<string?> _target =
        ColumnOptions.Text("--target", "With --csv, the column with the value to learn instead of a class.", "column");
    private readonly Option<string?> _device = ColumnOptions.Text("--device",
        "With --csv, the column that names the device of a row; file: each file is a device; none: there is one device.", "column");
    private readonly Option<double?> _rate = new("--rate")
    {
        Description = "With --csv, rows per second, if no column has the time: 50, or 50/s.",
        CustomParser = RateOf,
    };
    private readonly Option<string?> _model = ColumnOptions.Text("--model",
        "With --csv, the model: network, linear, features or auto; or a file of streamlearn fit to start from.", "kind|file");
    private readonly Option<bool> _watch = new("--watch")
    {
        Description = "With --csv or --mqtt, write a sensor that only detects anomalies: it needs no label and learns nothing.",
    };
    private readonly Option<string?> _later = new("--later")
    {
        Description = "With --csv or --mqtt, write that labels come later, sent with streamlearn label: of these classes, 'good,worn', "
            + "or of those of the label's column or key.",
        HelpName = "classes",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<bool> _quick = new("--no-measure")
    {
        Description = "With --csv, do not compare accuracy and time of the model in float32 and int8.",
    };
    private readonly Option<TimeSpan?> _time =
        TimeOption.Create("--for", "With --mqtt, how long to wait for messages; default 10s.");
    private readonly Option<string?> _retained = new("--retained")
    {
        Description = "With --mqtt, what to do with retained messages: skip (default) or take.",
    };
    private readonly ColumnOptions _columns = new();

    private SensorInit() => _retained.AcceptOnlyFromAmong("skip", "take");

    internal static InitOptions Create()
    {
        var init = new SensorInit();
        return new([init._csv, init._mqtt, init._url, init._host, init._label, init._target, init._device, init._rate, init._model,
            init._watch, init._later, init._quick, init._time, init._retained, .. init._columns.All], init.TextAsync);
    }

    private async Task<string?> TextAsync(ParseResult result)
    {
        if (RefusalOf(result) is { } refusal) { throw new FormatException(refusal); }
        if (result.GetValue(_csv) is { } files) { return await CsvTextAsync(files, result).ConfigureAwait(false); }
        if (result.GetValue(_mqtt) is not { } topic) { return result.GetValue(_host) is { } name ? HostText(name) : null; }
        return await MqttInit.TextAsync(UrlOf(result.GetValue(_url)!), TopicOf(topic), result.GetValue(_label),
            result.GetValue(_time) ?? Longest, result.GetValue(_watch), result.GetValue(_retained) == "take", LaterOf(result))
            .ConfigureAwait(false);
    }

    /// <summary>Returns the classes of labels that come later; empty: those of the rows; null: no such labels.</summary>
    private ImmutableArray<string>? LaterOf(ParseResult result)
    {
        if (result.GetResult(_later) is null) { return null; }
        ImmutableArray<string> classes = [.. ColumnOptions.Names(result.GetValue(_later)).Distinct()];
        return classes.Length != 1 ? classes
            : throw new FormatException($"--later: expected two classes or more, such as good,worn, got '{classes[0]}'");
    }

    private string? RefusalOf(ParseResult result) =>
        (Csv: result.GetValue(_csv), Label: result.GetValue(_label), Target: result.GetValue(_target),
            Watches: result.GetValue(_watch), IsLater: result.GetResult(_later) is not null) switch
        {
            { IsLater: true } chosen when chosen.Target is not null || chosen.Watches
                || (chosen.Csv ?? result.GetValue(_mqtt)) is null =>
                "--later: expected --csv FILES or --mqtt TOPIC, without --target and --watch",
            { Csv: null, Target: not null } => "--target: expected --csv FILES, with the column",
            { Target: not null, Label: not null } => "--target: leave --label out; a model learns classes or a value",
            { Watches: true } chosen when (chosen.Label ?? chosen.Target ?? result.GetValue(_model)) is not null =>
                "--watch: leave --label, --target and --model out; a watching sensor learns nothing",
            { Watches: true, Csv: null } when result.GetValue(_mqtt) is null =>
                "--watch: expected --csv FILES or --mqtt TOPIC, with the rows to watch",
            _ => null,
        };

    private async Task<string> CsvTextAsync(string files, ParseResult result)
    {
        var watches = result.GetValue(_watch);
        var init = CsvInit.Of(_columns.Of(result) with
        {
            Csv = files,
            Label = result.GetValue(_label),
            Target = result.GetValue(_target),
            Device = result.GetValue(_device),
            RowsPerSecond = result.GetValue(_rate),
        }, result.GetValue(_model), watches, LaterOf(result));
        if (watches || result.GetValue(_quick) || result.GetResult(_later) is not null) { return $"{init}"; }
        await Console.Error.WriteLineAsync("streamlearn-sensor: measuring the model in float32 and int8, which takes some seconds; "
            + "--no-measure skips this").ConfigureAwait(false);
        return $"{init with { Precisions = PrecisionTrial.Lines($"{init}", TimeProvider.System) }}";
    }

    /// <summary>Predicts from machine load whether the machine will be busy.</summary>
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
