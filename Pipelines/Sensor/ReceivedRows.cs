using System.Buffers;
using StreamLearn.Tables;

namespace Sensor;

internal sealed record ReceivedMessage(string Topic, byte[] Payload);

internal sealed class ReceivedRows : IDisposable
{
    private const double MaxMissing = 0.1;     // maximum share of rows that may lack the channel and are then lost
    private const double MostMissing = 0.5;    // of a channel at all
    private const int EnoughValues = 10;       // to say that a value never changes

    private readonly JsonSuggestion _suggestion;
    private readonly string? _label;
    private readonly HashSet<string> _rising;
    private readonly HashSet<string> _still;
    private readonly int _unread;               // number of unreadable messages
    private readonly int _messages;
    private readonly List<(ReceivedMessage From, Batch Batch)> _batches = [];

    internal ReceivedRows(IReadOnlyList<ReceivedMessage> messages, JsonSuggestion suggestion, string? label)
    {
        (_suggestion, _label, _messages) = (suggestion, label, messages.Count);
        var (format, pool) = (new JsonFormat(suggestion.Options), new BatchPool());
        var mixed = suggestion.Options.Columns.Where(c => suggestion.OtherTypes.ContainsKey(c.Path)).Select(static c => c.Field.Name)
            .ToHashSet();
        foreach (var message in messages)
        {
            var payload = new ReadOnlySequence<byte>(message.Payload);
            if (format.TryDecode(payload, pool, out var batch, out var refusal)) { _batches.Add((message, batch)); }
            else if (!mixed.Contains(refusal.Column ?? "")) { _unread++; }
        }

        List<JsonColumn> numbers = [.. suggestion.Options.Columns.Where(c => c.Path != label && c.Field.Type == ColumnType.Float32)];
        _rising = [.. numbers.Where(IsRising).Select(static c => c.Path)];
        numbers.RemoveAll(c => _rising.Contains(c.Path));
        _still = [.. numbers.Where(IsStill).Select(static c => c.Path)];
        numbers.RemoveAll(c => _still.Contains(c.Path) || Missing(c) > MostMissing * Rows);
        var often = numbers.FindAll(c => Missing(c) <= MaxMissing * Rows);
        Channels = often.Count > 0 || numbers.Count == 0 ? often : [numbers.MinBy(Missing)!];
    }

    /// <summary>Numbers that are missing in few rows, or otherwise the most frequent one.</summary>
    internal IReadOnlyList<JsonColumn> Channels { get; }

    /// <summary>True if several numbers change, but most messages lack each.</summary>
    internal bool HasTurns => Channels.Count == 0 && _suggestion.Options.Columns.Count(IsRare) > 1;

    internal bool NumbersInTexts => _suggestion.Options.NumbersInTexts;

    internal JsonTime? Time => _suggestion.Options.Time;

    private int Rows => _batches.Sum(static b => b.Batch.Rows);

    /// <summary>Describes the messages lost because they lack the channel.</summary>
    internal string? LostFor(JsonColumn channel) =>
        _suggestion.OtherTypes.TryGetValue(channel.Path, out var others)
            ? FormattableString.Invariant($"of another type in {others} of {_messages} messages")
                + (MissingIn(channel) is { } also ? $", {also}" : "") + "; those messages are left out"
            : MissingIn(channel) is { } missing ? $"{missing}; messages without it are left out" : null;

    internal IEnumerable<string> LeftOut(JsonTexts texts)
    {
        foreach (var column in _suggestion.Options.Columns.Where(c => c.Path != _label && !Channels.Contains(c)).OrderBy(c => !IsRare(c)))
        {
            yield return PrintableText.Of($"{column.Path}, " + column.Field.Type switch
            {
                ColumnType.Int64 => "whole numbers beyond 2^24, which float32 does not represent exactly",
                ColumnType.Int32 => $"true or false; --label {KeyOf(column.Path)} makes it the label",
                _ when _rising.Contains(column.Path) => "it rises, or falls, in every message, as a clock or a counter does",
                _ when _still.Contains(column.Path) => "its value never changes on a device",
                _ => MissingIn(column) + (Missing(column) > MostMissing * Rows ? ""
                    : $"; {InitText.Quoted(column.Field.Name)}: {{ path: {InitText.Quoted(column.Path)} }} takes it, and leaves those out"),
            });
        }

        var all = texts.All.ToDictionary(StringComparer.Ordinal);
        foreach (var other in _suggestion.LeftOut.Where(o => o.Path != _label))
        {
            yield return PrintableText.Of(!other.IsText || !all.TryGetValue(other.Path, out var some) ? $"{other.Path}, {other.Reason}"
                : some.Count == 1 ? $"{other.Path}, a value that is always '{some.First()}'"
                : FormattableString.Invariant($"{other.Path}, {some.Count} values; --label {KeyOf(other.Path)} makes it the label"));
        }

        if (_unread > 0) { yield return FormattableString.Invariant($"{_unread} of {_messages} messages, with another structure"); }
    }

    internal double? Rate()
    {
        List<double> steps = [];
        foreach (var device in _batches.GroupBy(static b => b.From.Topic))
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

    internal double MeanOf(JsonColumn channel) =>
        Beside(channel, path: null).Select(static v => (double)v.Value).DefaultIfEmpty().Average();

    public void Dispose()
    {
        foreach (var (_, batch) in _batches) { batch.Dispose(); }
        _batches.Clear();
    }

    private string? MissingIn(JsonColumn column) =>
        Missing(column) is > 0 and var missing ? FormattableString.Invariant($"missing in {missing} of {Rows} rows") : null;

    /// <summary>Returns true if the channel is monotonic in nearly all rows of each informative device.</summary>
    private bool IsRising(JsonColumn channel)
    {
        var devices = ByTopic(channel).Select(static device =>
        {
            var steps = new StepCount();
            foreach (var value in device) { steps.Add(value); }
            return steps;
        }).Where(static s => s.IsEnough).ToList();
        return devices.Count > 0 && devices.TrueForAll(static s => s.IsOneWay);
    }

    /// <summary>Returns true if no device has two values, and one has enough to tell.</summary>
    private bool IsStill(JsonColumn channel)
    {
        var devices = ByTopic(channel).ToList();
        return devices.TrueForAll(static d => d.Distinct().Count() == 1) && devices.Exists(static d => d.Count() >= EnoughValues);
    }

    private IEnumerable<IEnumerable<float>> ByTopic(JsonColumn channel) =>
        Beside(channel, path: null).GroupBy(static v => v.Topic, static v => v.Value);

    /// <summary>The paths of texts, in the order of messages.</summary>
    internal IEnumerable<string> Texts(JsonTexts texts)
    {
        var few = texts.All.Where(static t => t.Value.Count > 1).Select(static t => t.Key).ToHashSet();
        return _suggestion.LeftOut.Where(o => o.IsText && few.Contains(o.Path)).Select(static o => o.Path);
    }

    /// <summary>The values of a channel, each with the text beside it. <paramref name="path"/>: null: without texts.</summary>
    internal IEnumerable<(string Topic, string Text, float Value)> Beside(JsonColumn channel, string? path)
    {
        foreach (var (from, batch) in _batches)
        {
            List<string> texts = path is null ? [""] : [.. JsonTexts.At(path, from.Payload)];
            var column = batch[channel.Field.Name];
            for (var row = 0; row < batch.Rows && (texts.Count == 1 || texts.Count == batch.Rows); row++)
            {
                if (column.IsValid(row)) { yield return (from.Topic, texts[texts.Count == 1 ? 0 : row], column.Values<float>()[row]); }
            }
        }
    }

    /// <summary>The texts of the level <c>+</c>; empty without this level.</summary>
    internal List<string> Devices(string topic)
    {
        var level = Array.IndexOf(topic.Split('/'), "+");
        return level < 0 ? [] : [.. _batches.Select(b => b.From.Topic.Split('/')[level]).Distinct()];
    }

    private bool IsRare(JsonColumn column) => column.Field.Type == ColumnType.Float32
        && !_rising.Contains(column.Path) && !_still.Contains(column.Path);

    private int Missing(JsonColumn column) => _batches.Sum(b => b.Batch[column.Field.Name].CountMissing());

    private static string KeyOf(string path) => path[(path.LastIndexOf('.') + 1)..];
}
