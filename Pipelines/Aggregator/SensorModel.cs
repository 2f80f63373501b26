namespace Aggregator;

/// <summary>The model of a sensor's file, derived from columns, window and rate.</summary>
internal static class SensorModel
{
    private const int UsualSamples = 128;

    /// <summary>Ignores what only a sensor checks.</summary>
    internal static ModelConfig Read(ConfigMap map)
    {
        var (channels, labels, target) = map["columns"].IsAbsent ? ([], [], null) : map.Section("columns", ColumnsOf);
        var (rate, isOwn) = map.Section("source", SourceOf);
        var (samples, hop) = WindowOf(map);
        if (!isOwn) { return ModelConfig.Read(map, RecordedModel.Of(samples, hop), RecordedModel.Usual); }
        if (channels.Count == 0 || (labels.Count < 2 && target is null))
        {
            map["columns"].Refuse("expected columns with channels and a label or target, which determine the model");
            return ModelConfig.Default;
        }

        return ModelConfig.Read(map, recorded: RecordedModel.Usual, needed: new(
            channels.Count, samples, labels.Count, ModelConfig.Default.Seed)
        {
            Columns = [.. channels],
            Labels = [.. labels],
            Target = target,
            RowsPerSecond = rate,
            Hop = hop,
        });
    }

    private static (List<Field> Channels, List<string> Labels, TargetConfig? Target) ColumnsOf(ConfigMap map)
    {
        TargetConfig? target = null;
        List<Field> channels = [];
        List<string> labels = [];
        foreach (var name in map.Keys)
        {
            map.Section(name, column =>
            {
                if (!column.Known()["label"].IsAbsent) { labels.AddRange(column["label"].Texts(2, 1024).Required()); }
                else if (!column["target"].IsAbsent)
                {
                    var (low, high) = TargetConfig.RangeOf(column["target"]);
                    target = new(name, new(column["unit"].Text().Or("1")), low, high);
                }
                else if (column["time"].IsAbsent) { channels.Add(Field.Channel(name, new(column["unit"].Text().Or("1")))); }
                return true;
            });
        }

        return (channels, labels, target);
    }

    /// <summary>Returns the rate, and false if the columns are those of the recordings.</summary>
    private static (double? Rate, bool IsOwn) SourceOf(ConfigMap map)
    {
        if (map.Known().Keys is not [var kind] || kind is "recordings" or "generator") { return (null, false); }
        return map.Section(kind, source => kind == "host"
            ? (1 / source.Known()["every"].Duration().Or(TimeSpan.FromSeconds(1)).TotalSeconds, true)
            : (source.Known()["rate"].Rate(1e-6, 1e6).OrNull(), true));
    }

    private static (int Samples, int Hop) WindowOf(ConfigMap map)
    {
        var window = (UsualSamples, UsualSamples / 2);
        ReadStep(map, "window", m => window = ModelConfig.Window(m));
        return window;
    }

    /// <summary>Reads the steps of a kind; a sensor checks the others.</summary>
    internal static void ReadStep<T>(ConfigMap map, string kind, Func<ConfigMap, T> read) => map["pipeline"].List(step => step.Map(s =>
        s.Known()[kind].IsAbsent ? default : s.Section(kind, read)).Required()).Or([]);
}
