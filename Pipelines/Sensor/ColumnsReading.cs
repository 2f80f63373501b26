using System.Collections.Immutable;
using StreamLearn.Operators;

namespace Sensor;

/// <summary>Reads <c>columns</c>: a key per column, in model order.</summary>
internal static class ColumnsReading
{
    private static readonly (string Word, TimeUnit? Unit)[] Times =
    [
        ("true", TimeUnit.Iso8601), ("iso8601", TimeUnit.Iso8601), ("s", TimeUnit.Seconds), ("ms", TimeUnit.Milliseconds),
        ("us", TimeUnit.Microseconds), ("ns", TimeUnit.Nanoseconds), ("arrival", null),
    ];

    internal static ColumnsConfig? Read(ConfigMap map)
    {
        var own = map["own_units"].List(static e => e.Text().Required(), 0, 100).Or([]);
        var entry = map["columns"];
        if (entry.IsAbsent) { return null; }
        return map.Section("columns", columns => Read(columns, [.. own, .. Units.Known]));
    }

    private static ColumnsConfig Read(ConfigMap map, ImmutableArray<string> units)
    {
        List<ChannelConfig> channels = [];
        TimeConfig? time = null;
        LabelConfig? label = null;
        ValueConfig? value = null;
        foreach (var name in map.Keys)
        {
            map.Section(name, column =>
            {
                var path = column["path"].Text().Or($"$.{name}");
                if (column["time"] is { IsAbsent: false } when)
                {
                    if (time is not null) { column.Refuse($"expected one time, got '{time.Name}' and '{name}'"); }
                    time = Time(name, path, when);
                }
                else if (column["label"] is { IsAbsent: false } classes)
                {
                    if (label is not null) { column.Refuse($"expected one label, got '{label.Name}' and '{name}'"); }
                    label = Label(name, path, classes, column);
                }
                else if (column["target"] is { IsAbsent: false } range)
                {
                    if (value is not null) { column.Refuse($"expected one target, got '{value.Target.Name}' and '{name}'"); }
                    var (low, high) = TargetConfig.RangeOf(range);
                    value = new(new(name, new(UnitOf(column, units)), low, high), path);
                }
                else { channels.Add(Channel(name, path, column, units)); }
                return true;
            });
        }

        if (channels.Count == 0) { map.Refuse("expected a channel: a column without 'time', 'label' and 'target'"); }
        foreach (var taken in channels.Where(static c => c.Name is Schema.TimeColumn or Schema.LabelColumn or Schema.TargetColumn))
        {
            map[taken.Name].Refuse($"expected another name for a channel: the time, the class or the value is named '{taken.Name}'");
        }

        if (value is not null && label is not null)
        {
            map[value.Target.Name].Refuse($"expected a label or a target, got '{label.Name}' too: a model learns classes or a value");
        }

        if (label?.Next is { } next && !channels.Exists(c => c.Name == next.Channel))
        {
            map[label.Name].Refuse($"expected a channel of next.mean_of, one of {string.Join(", ", channels.Select(static c => c.Name))}, "
                + $"got '{next.Channel}'");
        }

        return new([.. channels], time, label) { Order = map.Keys, Value = value };
    }

    /// <summary>A unit word, or a custom .NET format, which has more than a word.</summary>
    private static TimeConfig Time(string name, string path, ConfigEntry entry)
    {
        if (entry.IsText && entry.Text().Required() is var format && format.AsSpan().ContainsAny(":/. "))
        {
            if (!FileColumn.IsTimeFormat(format)) { entry.Refuse($"expected a custom .NET date and time format, got '{format}'"); }
            return new(name, TimeUnit.Iso8601, path) { Format = format };
        }

        var word = entry.Word([.. Times.Select(static t => t.Word)]).Required();
        return new(name, Times.First(t => t.Word == word).Unit, path);
    }

    private static ChannelConfig Channel(string name, string path, ConfigMap map, ImmutableArray<string> units)
    {
        var unit = UnitOf(map, units);
        var range = map["range"].List(static e => e.Number().Required(), 2, 2).OrNull();
        var stuck = map["stuck"].Duration(TimeSpan.FromMilliseconds(1), StuckTime.Longest).OrNull();
        if (range is [var least, var most] && !(least <= most))
        {
            map["range"].Refuse(FormattableString.Invariant($"expected the lower value first, got {least} to {most}"));
            range = null;
        }

        var check = range is null && stuck is null ? null : new ChannelCheck(name) { Stuck = stuck };
        if (check is not null && range is [var min, var max]) { check = check with { Min = (float)min, Max = (float)max }; }
        return new(name, new(unit), path, check);
    }

    private static string UnitOf(ConfigMap map, ImmutableArray<string> units) =>
        map["unit"].Name("a unit of SenML, or one of own_units", units).Or("1");

    private static LaterConfig? Later(ConfigMap column, NextRule? rule)
    {
        var isLater = column["later"].Boolean().Or(false);
        var keep = column["keep"].Size(1 << 20, 1L << 40).OrNull();
        var wait = column["wait"].Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650)).OrNull();
        if (isLater && rule is not null)
        {
            column["later"].Refuse("expected 'next' or 'later', got both: the class is computed, or it is sent later");
        }

        if (!isLater && (keep ?? wait?.Ticks) is not null) { column.Refuse("expected 'later: true' with 'keep' and 'wait'"); }
        return isLater ? new(keep ?? LaterConfig.UsualKeep, wait ?? LaterConfig.UsualWait) : null;
    }

    private static LabelConfig Label(string name, string path, ConfigEntry classes, ConfigMap column)
    {
        var next = column["next"];
        var texts = classes.List(static e => e.Text().Required(), 2, 1024).Required();
        if (texts.Distinct(StringComparer.Ordinal).Count() < texts.Length) { classes.Refuse("expected each class once"); }
        var rule = next.Map(static m => new NextRule(
            m["mean_of"].Text().Required(), m["levels"].List(static e => e.Number().Required(), 1, 1023).Required())).OrNull();
        if (rule is not null && (rule.Levels.Length != texts.Length - 1 || !rule.Levels.SequenceEqual(rule.Levels.Distinct().Order())))
        {
            next.Refuse(FormattableString.Invariant(
                $"expected {texts.Length - 1} rising levels for {texts.Length} classes, got {string.Join(", ", rule.Levels)}"));
        }

        return new(name, texts, path, rule) { Later = Later(column, rule) };
    }
}
