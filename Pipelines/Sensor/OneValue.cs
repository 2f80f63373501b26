using StreamLearn.Tables;

namespace Sensor;

/// <summary>Detects messages of several quantities or sources, which are no rows of one stream.</summary>
internal static class OneValue
{
    private const int LeastOfEach = 3, MaxNamed = 4;
    private const double LeastChanges = 0.25;       // share of messages of another source than the one before
    private const double OtherScale = 10;           // between the means of devices that may measure different quantities

    private static readonly string[] Keys =
    [
        "sensor", "sensorid", "sensorname", "name", "n", "id", "node", "nodeid", "displayname", "tag", "tagname", "quantity", "measurement",
        "metric", "channel", "signal", "variable", "point", "property", "parameter", "field", "item", "key", "topic", "type", "kind",
        "unit", "uom", "source", "address", "device", "deviceid", "dev",
    ];

    private static readonly string[] Quantities =
    [
        "temp", "hum", "press", "co2", "volt", "current", "power", "energy", "flow", "level", "speed", "rpm", "vibration", "light", "lux",
        "noise", "weight", "torque", "frequency", "force", "distance",
    ];

    /// <summary>Returns why the messages are not one stream, and what to do; null: they may be one.</summary>
    internal static string? Refusal(string topic, ReceivedRows rows, JsonTexts texts, string? label)
    {
        var channel = rows.Channels[0];
        foreach (var path in rows.Texts(texts).Where(p => p != label))
        {
            List<(string Topic, string Text, float Value)> values = [.. rows.Beside(channel, path)];
            var groups = Groups(values.Select(static v => (v.Text, v.Value)));
            if (groups.Count < 2 || values.Count < LeastOfEach * groups.Count || !TakeTurns(values)) { continue; }
            var key = path[(path.LastIndexOf('.') + 1)..];
            if (!Keys.Contains(string.Concat(key.Where(char.IsAsciiLetterOrDigit)), StringComparer.OrdinalIgnoreCase) && !AreApart(groups))
            {
                continue;
            }

            return $"--mqtt: the messages on {topic} are of several quantities or sources, which {path} names: {Named(channel, groups)}. "
                + "They are no rows of one stream: publish each on its own topic, or all values in one message"
                + $"; --label {key} makes it the class";
        }

        var byTopic = rows.ByDevice(topic, channel);
        var words = byTopic.Keys.Select(static n => Array.Find(Quantities, q => n.Contains(q, StringComparison.OrdinalIgnoreCase)));
        return rows.Channels.Count > 1 || words.Distinct().Count(static w => w is not null) < 2 ? null
            : $"--mqtt: the level '+' of {topic} is a quantity, not a device: {Named(channel, byTopic)}. A row has all values of a device: "
                + "publish them in one message, or listen to one quantity, with its name instead of '+'";
    }

    /// <summary>Returns what lets devices appear to measure different quantities; null: nothing does.</summary>
    internal static string? Doubt(string topic, ReceivedRows rows)
    {
        var devices = rows.Channels.Count == 1 ? rows.ByDevice(topic, rows.Channels[0]) : [];
        var means = devices.Values.Select(static d => Math.Abs(d.Least + d.Most) / 2).ToList();
        return means.Count < 2 || means.Max() < OtherScale * means.Min() || !AreApart(devices) ? null
            : $"is this one quantity? {Named(rows.Channels[0], devices)}; one value a message is no row of several quantities";
    }

    internal static SortedDictionary<string, (float Least, float Most, int Count)> Groups(IEnumerable<(string Name, float Value)> values)
    {
        var groups = new SortedDictionary<string, (float Least, float Most, int Count)>(StringComparer.Ordinal);
        foreach (var (name, value) in values)
        {
            var (least, most, count) = groups.GetValueOrDefault(name, (value, value, 0));
            groups[name] = (Math.Min(least, value), Math.Max(most, value), count + 1);
        }

        return groups;
    }

    private static bool TakeTurns(List<(string Topic, string Text, float Value)> values)
    {
        var (changes, steps) = (0, 0);
        foreach (var device in values.GroupBy(static v => v.Topic))
        {
            var ofDevice = device.Select(static v => v.Text).ToList();
            changes += ofDevice.Zip(ofDevice.Skip(1)).Count(static p => p.First != p.Second);
            steps += ofDevice.Count - 1;
        }

        return changes >= LeastChanges * Math.Max(1, steps);
    }

    private static bool AreApart(SortedDictionary<string, (float Least, float Most, int Count)> groups)
    {
        var ordered = groups.Values.OrderBy(static g => g.Least).ToList();
        return ordered.TrueForAll(static g => g.Count >= LeastOfEach)
            && ordered.Zip(ordered.Skip(1)).All(static p => p.First.Most < p.Second.Least);
    }

    private static string Named(JsonColumn channel, SortedDictionary<string, (float Least, float Most, int Count)> groups) =>
        PrintableText.Of(string.Join(", ", groups.Take(MaxNamed).Select(g => FormattableString.Invariant(
            $"'{g.Key}' with {channel.Field.Name} {g.Value.Least} to {g.Value.Most}"))) + (groups.Count > MaxNamed ? ", …" : ""));
}
