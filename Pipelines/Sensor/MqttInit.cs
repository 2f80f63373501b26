using System.Buffers;
using System.Collections.Immutable;
using StreamLearn.Tables;

namespace Sensor;

internal static class MqttInit
{
    private const int EnoughMessages = 200;
    private const int MaxMessages = 20_000;
    private const string NoLabel = "none";
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(3);      // long enough for all devices to send
    private static readonly TimeSpan TimeToAnswer = TimeSpan.FromSeconds(3);
    private const string MinName = "device";

    private static readonly string[] LabelNames = ["label", "activity", "class", "target", "gesture", "state", "event"];

    internal static async Task<string> TextAsync(Uri server, string topic, string? label, TimeSpan longest, bool watches = false,
        bool takesRetained = false, ImmutableArray<string>? later = null)
    {
        var (messages, texts, retained) = await ListenAsync(server, topic, label, longest, takesRetained).ConfigureAwait(false);
        if (messages.Count == 0)
        {
            if (await ServerCheck.ReachAsync(server, login: null, TimeToAnswer).ConfigureAwait(false) is { } refusal)
            {
                throw new ServerRefusedException(refusal);
            }

            throw new FormatException(FormattableString.Invariant(
                $"--mqtt: no message arrived on {topic} at {EdgeServer.NameOf(server)} within {longest.TotalSeconds} s; --for waits ")
                    + "longer"
                + (retained == 0 ? "" : FormattableString.Invariant($", --retained take includes {retained} that the server had ")
                    + "retained"));
        }

        return Text(server, topic, label, messages, texts, watches, takesRetained
            ? "  retained: take                 # a retained message is a row with the current time"
            : retained > 0 ? $"  # {ServerConfig.LeftOut(retained)}" : null, later);
    }

    /// <summary><paramref name="asked"/>: null to detect the class. Needs at least one message; <paramref name="retained"/>: note on
    /// retained messages. <paramref name="later"/>: classes of labels that come later, empty for those of the messages; null: no such
    /// labels.</summary>
    internal static string Text(Uri server, string topic, string? asked, IReadOnlyList<ReceivedMessage> messages, JsonTexts texts,
        bool watches = false, string? retained = null, ImmutableArray<string>? later = null)
    {
        if (!JsonSuggestion.TryMake(messages.Select(static m => new ReadOnlyMemory<byte>(m.Payload)), out var suggestion, out var refusal))
        {
            var format = new JsonFormat(new() { Columns = [JsonColumn.Channel("value", "$.value")] });      // says why it is no JSON
            _ = format.TryDecode(new(messages[0].Payload), new(), out _);
            throw new FormatException(PrintableText.Of($"--mqtt: expected JSON with numbers on {messages[0].Topic}, got "
                + (FormAdvice.Of(format, form: null) is { Length: > 0 } advice
                    ? $"'{format.LastRefusedText}'{advice} in a configuration of your own" : $"{refusal}")));
        }

        var label = watches || later is { IsEmpty: false } ? null : LabelOf(asked, suggestion!.Options, texts, messages);
        if (later is { IsEmpty: true } && label is null)
        {
            throw new FormatException("--later: expected classes with it, such as good,worn: no key of the messages has any");
        }

        using var rows = new ReceivedRows(messages, suggestion!, label?.Path);
        if (rows.Channels.Count == 0)
        {
            throw new FormatException($"--mqtt: expected a number in the messages on {topic}, got "
                + string.Join("; ", rows.LeftOut(texts)) + (rows.HasTurns
                    ? ". A message has one of several values: publish all values in one message, or each on its own topic" : ""));
        }

        if (OneValue.Refusal(topic, rows, texts, label?.Path) is { } refused)
        {
            throw new FormatException(PrintableText.Of(refused, int.MaxValue));
        }

        if (later is not { } classes) { return Text(server, topic, messages, rows, label, texts, watches, retained); }
        var name = label?.Name ?? asked ?? CsvInit.LaterName(n => rows.Channels.Any(c => NameOf(c) == n));
        return Text(server, topic, messages, rows, label ?? new(name, Path: null, classes), texts, watches, retained, isLater: true);
    }

    private static string Text(
        Uri server, string topic, IReadOnlyList<ReceivedMessage> messages, ReceivedRows rows, FoundLabel? label, JsonTexts texts,
        bool watches, string? retained, bool isLater = false)
    {
        List<string> columns =
        [
            rows.Time is { } time ? $"at: {{ time: {TimeDoubts.Symbol(time.Unit)}, path: {InitText.Quoted(time.Path)} }}"
                : "at: { time: arrival }             # the messages carry no time",
            .. rows.Channels.Select(c => $"{InitText.Quoted(NameOf(c))}: {{ path: {InitText.Quoted(c.Path)} }}"
                + (rows.LostFor(c) is { } lost ? $"   # {lost}"
                    : c.Path.EndsWith("[*]", StringComparison.Ordinal) ? "   # each value of the array is a row of this channel"
                    : c.Path.EndsWith(']') ? "   # a place of the array" : "")),
        ];
        if (isLater) { columns.Add($"{InitText.Quoted(label!.Name)}: {{ label: {InitText.List(label.Classes)}{CsvInit.Later}"); }
        else if (label is not null)
        {
            columns.Add($"{InitText.Quoted(label.Name)}: {{ label: {InitText.List(label.Classes)}, path: {InitText.Quoted(label.Path!)} }}"
                + $"   # classes seen in {messages.Count} messages; add those that are missing");
        }
        else if (!watches)
        {
            columns.Add("# no label was found; the model predicts whether a channel will be above its mean in the next window");
            columns.Add($"next_level: {{ label: [low, high], next: {{ mean_of: {InitText.Quoted(NameOf(rows.Channels[0]))}, "
                + $"levels: [{InitText.Number(rows.MeanOf(rows.Channels[0]))}] }} }}");
        }

        if (OneValue.MayDiffer(rows)) { columns.Add("# is this one quantity? the values of the devices are far apart"); }
        columns.AddRange(rows.LeftOut(texts).Select(static l => $"# left out: {l}"));
        List<string> source =
        [
            "mqtt:", $"  url: {EdgeServer.NameOf(server)}", "  # login: login.txt              # two lines: user name and password",
            $"  topic: {InitText.Quoted(topic)}",
            $"  devices: {InitText.List(Devices(topic, messages))}   # " + (topic.Split('/').Contains("+") ? "devices heard while listening"
                : "the last level of the topic; no other device of the fleet may have this name"),
        ];
        if (retained is not null) { source.Add(retained); }
        if (rows.NumbersInTexts) { source.Add("  numbers_in_texts: true          # \"0.5\" is a number"); }
        var rate = rows.Rate();
        if (rate is { } perSecond) { source.Add($"  rate: {InitText.Number(perSecond)}/s"); }
        var samples = WindowSamples.Of(rate ?? 1, label?.Path is { } path ? Runs(messages, label, path) : []);
        ModelConfig model = new(rows.Channels.Count, samples, label?.Classes.Length ?? 2, ModelConfig.Default.Seed);
        return new InitText(source, columns, [], samples, model)
        {
            Watches = watches,
            Server = EdgeServer.NameOf(server),
            Stuck = StuckTime.Of(rate),
            AdjustLogits = label is not null,
        }.ToString();
    }

    private static string NameOf(JsonColumn column) =>
        column.Field.Name is Schema.TimeColumn or Schema.LabelColumn or "at" ? $"{column.Field.Name}_value" : column.Field.Name;

    private static async Task<(List<ReceivedMessage> Messages, JsonTexts Texts, long Retained)> ListenAsync(
        Uri server, string topic, string? label, TimeSpan longest, bool takesRetained)
    {
        var started = TimeProvider.System.GetTimestamp();
        var (heard, texts, retained) = (new List<ReceivedMessage>(), new JsonTexts(), 0L);
        var transport = EdgeServer.Open(server, client: null, TimeSpan.FromMinutes(1), login: null);
        await using var _ = transport.ConfigureAwait(false);
        using var over = new CancellationTokenSource(longest);
        try
        {
            await foreach (var message in transport.SubscribeAsync(topic, new(), over.Token).ConfigureAwait(false))
            {
                var isLeftOut = message.IsRetained && !takesRetained;
                if (isLeftOut) { retained++; }
                else
                {
                    heard.Add(new($"{message.Topic}", message.Payload.ToArray()));
                    texts.Add(heard[^1].Payload);
                }

                message.Acknowledge();
                message.Dispose();
                if (isLeftOut || heard.Count % EnoughMessages != 0 || TimeProvider.System.GetElapsedTime(started) < Least) { continue; }
                if (heard.Count >= MaxMessages || !HasOneText(label, texts)) { break; }
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (TransportException e)
        {
            throw new FormatException($"--mqtt: {EdgeServer.NameOf(server)}: {e.Message}", e);
        }

        return (heard, texts, retained);
    }

    /// <summary>Returns the values of the level <c>+</c>, or of the last level.</summary>
    private static List<string> Devices(string topic, IReadOnlyList<ReceivedMessage> messages)
    {
        var level = Array.IndexOf(topic.Split('/'), "+");
        List<string> names = [.. messages.Select(m => m.Topic.Split('/')).Select(l => level < 0 ? l[^1] : l[level]).Distinct()
            .Where(static n => n.Length is > 0 and <= 64 && n.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            .Order(StringComparer.Ordinal)];
        return names.Count > 0 ? names : [MinName];
    }

    /// <summary>Returns true while a candidate class key has only one value.</summary>
    private static bool HasOneText(string? asked, JsonTexts texts)
    {
        if (asked == NoLabel) { return false; }
        var named = Named(asked is null ? LabelNames : [asked], texts).ToList();
        return named.Count > 0 && named.TrueForAll(static t => t.Value.Count < 2);
    }

    private static IEnumerable<KeyValuePair<string, SortedSet<string>>> Named(string[] names, JsonTexts texts) =>
        texts.All.Where(t => names.Contains(t.Key[(t.Key.LastIndexOf('.') + 1)..], StringComparer.OrdinalIgnoreCase));

    private static FoundLabel? LabelOf(
        string? asked, JsonFormatOptions options, JsonTexts texts, IReadOnlyList<ReceivedMessage> messages)
    {
        var names = asked is null ? LabelNames : [asked];
        var found = Named(names, texts).FirstOrDefault(static t => t.Value.Count >= 2);
        if (found.Key is { } path) { return new(path[(path.LastIndexOf('.') + 1)..], path, [.. found.Value]); }
        var single = asked == NoLabel ? default : Named(names, texts).FirstOrDefault(static t => t.Value.Count == 1);
        if (single.Key is not null)
        {
            throw new FormatException($"--mqtt: '{single.Key}' has only one value in {messages.Count} messages, '{single.Value.First()}', "
                + $"and a label needs two. Wait longer with --for, choose another key with --label, or use --label {NoLabel}");
        }

        if (asked is null or NoLabel) { return null; }
        throw new FormatException($"--label: {messages.Count} messages have no key '{asked}' of two classes or more; they have "
            + string.Join(", ", texts.All.Select(static t => t.Key).Concat(options.Columns.Select(static c => c.Path)).Distinct()));
    }

    private static IEnumerable<int> Runs(IReadOnlyList<ReceivedMessage> messages, FoundLabel label, string path) =>
        messages.GroupBy(static m => m.Topic).SelectMany(device => LabelRuns.Of(
            device.SelectMany(m => JsonTexts.At(path, m.Payload)).Select(t => label.Classes.IndexOf(t)), isWhole: false));

    /// <summary><paramref name="Path"/>: null if it comes later.</summary>
    private sealed record FoundLabel(string Name, string? Path, ImmutableArray<string> Classes);
}
