using System.Buffers;
using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Fleets;
using StreamLearn.Formats;
using StreamLearn.OwnData;

namespace Sensor;

/// <summary>Writes a configuration for messages of somebody's sensors.</summary>
internal static class MqttInit
{
    private const int EnoughMessages = 200;
    private const int MostMessages = 20_000;
    private const string NoLabel = "none";
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(3);      // so that all devices are heard
    private const string LeastName = "device";

    private static readonly string[] LabelNames = ["label", "activity", "class", "target", "gesture", "state", "event"];

    /// <summary>Listens for a while, and writes it.</summary>
    /// <param name="server">The server.</param>
    /// <param name="topic">The topic, of which one level may be <c>+</c>.</param>
    /// <param name="label">The key of the class; null: it is looked for.</param>
    /// <param name="longest">How long to listen, at most.</param>
    /// <exception cref="FormatException">No message came, or they are no JSON with numbers.</exception>
    internal static async Task<string> TextAsync(Uri server, string topic, string? label, TimeSpan longest)
    {
        var (messages, texts) = await ListenAsync(server, topic, label, longest).ConfigureAwait(false);
        if (messages.Count == 0)
        {
            throw new FormatException(FormattableString.Invariant(
                $"--mqtt: no message came on {topic} at {EdgeServer.NameOf(server)} within {longest.TotalSeconds} s; --for waits longer"));
        }

        if (!JsonSuggestion.TryMake(messages[0].Payload, out var suggestion, out var refusal))
        {
            throw new FormatException($"--mqtt: expected JSON with numbers on {messages[0].Topic}, got {refusal}");
        }

        return Text(server, topic, messages, suggestion!.Options, LabelOf(label, suggestion.Options, texts, messages));
    }

    private static string Text(Uri server, string topic, List<Heard> messages, JsonFormatOptions options, FoundLabel? label)
    {
        var channels = options.Columns.Where(c => c.Path != label?.Path && c.Field.Type != ColumnType.Int64).ToList();
        var batches = Decoded(messages, options);
        var rate = RateOf(batches);
        List<string> columns =
        [
            options.Time is { } time ? $"at: {{ time: {CsvInit.WordOf(time.Unit)}, path: {InitText.Quoted(time.Path)} }}"
                : "at: { time: arrival }             # messages have no time of their own",
            .. channels.Select(static c => $"{InitText.Quoted(NameOf(c))}: {{ path: {InitText.Quoted(c.Path)} }}"),
        ];
        if (label is not null)
        {
            columns.Add($"{InitText.Quoted(label.Name)}: {{ label: {InitText.List(label.Classes)}, path: {InitText.Quoted(label.Path)} }}"
                + $"   # texts of {messages.Count} messages: add those that are missing");
        }
        else
        {
            columns.Add("# no label was seen: what is learned is whether a channel will be above its mean in the window after");
            columns.Add($"next_level: {{ label: [low, high], next: {{ mean_of: {InitText.Quoted(NameOf(channels[0]))}, "
                + $"levels: [{InitText.Number(MeanOf(batches, channels[0].Field.Name))}] }} }}");
        }

        foreach (var (_, batch) in batches) { batch.Dispose(); }
        List<string> source =
        [
            "mqtt:", $"  url: {EdgeServer.NameOf(server)}", "  # login: login.txt              # two lines: user name and password",
            $"  topic: {InitText.Quoted(topic)}", $"  devices: {InitText.List(Devices(topic, messages))}   # those that were heard",
        ];
        if (rate is { } rows) { source.Add($"  rate: {InitText.Number(rows)}/s"); }
        var samples = WindowSamples.Of(rate ?? 1, label is null ? [] : LabelRuns(messages, label.Path));
        var model = ModelConfig.Default with { Channels = channels.Count, Samples = samples, Classes = label?.Classes.Length ?? 2 };
        return new InitText(source, columns, [], samples, model).ToString();
    }

    private static string NameOf(JsonColumn column) =>
        column.Field.Name is Schema.TimeColumn or Schema.LabelColumn or "at" ? $"{column.Field.Name}_value" : column.Field.Name;

    private static async Task<(List<Heard> Messages, JsonTexts Texts)> ListenAsync(
        Uri server, string topic, string? label, TimeSpan longest)
    {
        var started = TimeProvider.System.GetTimestamp();
        var (heard, texts) = (new List<Heard>(), new JsonTexts());
        var transport = EdgeServer.Open(server, client: null, TimeSpan.FromMinutes(1), login: null);
        await using var _ = transport.ConfigureAwait(false);
        using var over = new CancellationTokenSource(longest);
        try
        {
            await foreach (var message in transport.SubscribeAsync(topic, new(), over.Token).ConfigureAwait(false))
            {
                heard.Add(new($"{message.Topic}", message.Payload.ToArray()));
                texts.Add(heard[^1].Payload);
                message.Acknowledge();
                message.Dispose();
                if (heard.Count % EnoughMessages != 0 || TimeProvider.System.GetElapsedTime(started) < Least) { continue; }
                if (heard.Count >= MostMessages || !HasOneText(label, texts)) { break; }
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (TransportException e)
        {
            throw new FormatException($"--mqtt: {EdgeServer.NameOf(server)}: {e.Message}", e);
        }

        return (heard, texts);
    }

    /// <summary>The texts of the level <c>+</c>, or the last level, that may be names of devices.</summary>
    private static List<string> Devices(string topic, List<Heard> messages)
    {
        var level = Array.IndexOf(topic.Split('/'), "+");
        List<string> names = [.. messages.Select(m => m.Topic.Split('/')).Select(l => level < 0 ? l[^1] : l[level]).Distinct()
            .Where(static n => n.Length is > 0 and <= 64 && n.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            .Order(StringComparer.Ordinal)];
        return names.Count > 0 ? names : [LeastName];
    }

    /// <summary>True while a key that may be the class has had one text only.</summary>
    private static bool HasOneText(string? asked, JsonTexts texts)
    {
        if (asked == NoLabel) { return false; }
        var named = Named(asked is null ? LabelNames : [asked], texts).ToList();
        return named.Count > 0 && named.TrueForAll(static t => t.Value.Count < 2);
    }

    private static IEnumerable<KeyValuePair<string, SortedSet<string>>> Named(string[] names, JsonTexts texts) =>
        texts.All.Where(t => names.Contains(t.Key[(t.Key.LastIndexOf('.') + 1)..], StringComparer.OrdinalIgnoreCase));

    private static FoundLabel? LabelOf(
        string? asked, JsonFormatOptions options, JsonTexts texts, List<Heard> messages)
    {
        var names = asked is null ? LabelNames : [asked];
        var found = Named(names, texts).FirstOrDefault(static t => t.Value.Count >= 2);
        if (found.Key is { } path) { return new(path[(path.LastIndexOf('.') + 1)..], path, [.. found.Value]); }
        var single = asked == NoLabel ? default : Named(names, texts).FirstOrDefault(static t => t.Value.Count == 1);
        if (single.Key is not null)
        {
            throw new FormatException($"--mqtt: '{single.Key}' had one text only in {messages.Count} messages, '{single.Value.First()}', "
                + $"and a class needs two: --for waits longer, --label names another key, --label {NoLabel} learns without one");
        }

        if (asked is null or NoLabel) { return null; }
        throw new FormatException($"--label: {messages.Count} messages have no key '{asked}' of two classes or more; they have "
            + string.Join(", ", texts.All.Select(static t => t.Key).Concat(options.Columns.Select(static c => c.Path)).Distinct()));
    }

    private static List<(string Topic, Batch Batch)> Decoded(List<Heard> messages, JsonFormatOptions options)
    {
        var (format, pool) = (new JsonFormat(options), new BatchPool());
        List<(string, Batch)> batches = [];
        foreach (var message in messages)
        {
            if (format.TryDecode(new ReadOnlySequence<byte>(message.Payload), pool, out var batch)) { batches.Add((message.Topic, batch)); }
        }

        return batches;
    }

    /// <summary>Rows a second: one over the usual step of a device's times; null: they have none.</summary>
    private static double? RateOf(List<(string Topic, Batch Batch)> batches)
    {
        List<double> steps = [];
        foreach (var device in batches.GroupBy(static b => b.Topic))
        {
            long? last = null;
            foreach (var (_, batch) in device.Where(static b => b.Batch.TryColumn(Schema.TimeColumn, out _) && b.Batch.Rows > 0))
            {
                var time = batch[Schema.TimeColumn].Values<long>()[0];
                if (time > last) { steps.Add((time - last.Value) / 1e9 / batch.Rows); }
                last = time;
            }
        }

        return steps.Count == 0 ? null : 1 / StepLength.Usual(steps);
    }

    /// <summary>Rows of one class in a row, of each device: those between two changes that were both heard.</summary>
    private static List<int> LabelRuns(List<Heard> messages, string path)
    {
        List<int> runs = [];
        foreach (var device in messages.GroupBy(static m => m.Topic))
        {
            string? last = null;
            var (rows, changes) = (0, 0);
            foreach (var text in device.SelectMany(m => JsonTexts.At(path, m.Payload)))
            {
                if (last is not null && text != last)
                {
                    if (changes++ > 0) { runs.Add(rows); }
                    rows = 0;
                }

                (last, rows) = (text, rows + 1);
            }
        }

        return runs;
    }

    private static double MeanOf(List<(string Topic, Batch Batch)> batches, string channel)
    {
        var (sum, count) = (0.0, 0);
        foreach (var (_, batch) in batches)
        {
            if (batch[channel].Field.Type != ColumnType.Float32) { continue; }
            foreach (var value in batch[channel].Values<float>()) { (sum, count) = (sum + value, count + 1); }
        }

        return sum / Math.Max(1, count);
    }

    private sealed record Heard(string Topic, byte[] Payload);

    private sealed record FoundLabel(string Name, string Path, ImmutableArray<string> Classes);
}
