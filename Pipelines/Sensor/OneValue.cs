using StreamLearn.Tables;

namespace Sensor;

/// <summary>Detects messages of several quantities or sources, which are no rows of one stream.</summary>
internal static class OneValue
{
    private const int LeastOfEach = 3, Shown = 4;
    private const double LeastChanges = 0.25;       // share of messages of another source than the one before
    private const double MinExplained = 0.5, FarApart = 0.95;       // share of the variance that the source explains

    private static readonly string[] Sources = ["sensor", "sensorid", "name", "n", "id", "node", "nodeid", "displayname", "tag", "channel",
        "signal", "point", "property", "item", "key", "topic", "type", "unit", "source", "address", "device", "deviceid"];

    /// <summary>Returns why the messages are not one stream, and what to do; null: they may be one.</summary>
    internal static string? Refusal(string topic, ReceivedRows rows, JsonTexts texts, string? label)
    {
        foreach (var path in rows.Texts(texts).Where(p => p != label))
        {
            var (key, names, counts) = (path[(path.LastIndexOf('.') + 1)..], new List<string>(), new PooledRows.Counts());
            Add(counts, names, rows.Beside(rows.Channels[0], path));
            if (names.Count < 2 || counts.Rows < LeastOfEach * names.Count || counts.Changes < LeastChanges * counts.Rows
                || !(PooledRows.IsQuantityName(key) || Sources.Contains(PooledRows.Stem(key)) || counts.Explained >= MinExplained))
            {
                continue;
            }

            return $"--mqtt: the messages on {topic} are of several quantities or sources, and {path} says of which "
                + $"({Printable.Listed(names, Shown)}): they are no rows of one stream. Publish each on its own topic, or all values in "
                + $"one message; --label {key} makes it the class";
        }

        var devices = rows.Devices(topic);
        return rows.Channels.Count > 1 || devices.Select(PooledRows.Stem).Distinct().Count() < 2
            || !PooledRows.AreQuantities(devices) ? null
            : $"--mqtt: the level '+' of {topic} is a quantity, not a device ({Printable.Listed(devices, Shown)}): a row has all values of "
                + "a device. Publish them in one message, or listen to one quantity, with its name instead of '+'";
    }

    /// <summary>Returns true if devices with one value may measure different quantities.</summary>
    internal static bool MayDiffer(ReceivedRows rows)
    {
        var (names, counts) = (new List<string>(), new PooledRows.Counts());
        Add(counts, names, rows.Beside(rows.Channels[0], path: null).Select(static v => (v.Topic, v.Topic, v.Value)));
        return rows.Channels.Count == 1 && names.Count > 1 && counts.Explained >= FarApart;
    }

    private static void Add(PooledRows.Counts counts, List<string> names, IEnumerable<(string Topic, string Text, float Value)> values)
    {
        List<string> topics = [];
        foreach (var (topic, text, value) in values) { counts.Add((PlaceIn(topics, topic), 0), null, value, PlaceIn(names, text)); }
    }

    private static int PlaceIn(List<string> texts, string text)
    {
        if (!texts.Contains(text)) { texts.Add(text); }
        return texts.IndexOf(text);
    }
}
