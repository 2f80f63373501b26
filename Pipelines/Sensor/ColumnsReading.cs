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
        var own = map["own_units", "units that SenML lacks"].Texts(0, 100).Or([]);
        return map["columns", "the columns"].As(fallback: "required with own data").Optional(
            columns => Read(columns, [.. own, .. Units.Known]));
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
                var path = column["path", "place in a message"].As("JSON path", "`$.` and the name").Text().Or($"$.{name}");
                return column.Case<object>(
                    KindOf(column), ("time", TimeOf), ("label", LabelOf), ("target", ValueOf), ("", ChannelOf));

                object TimeOf(ConfigMap c)
                {
                    if (time is not null) { c.Refuse($"expected one time, got '{time.Name}' and '{name}'"); }
                    return time = Time(name, path, c);
                }

                object LabelOf(ConfigMap c)
                {
                    if (label is not null) { c.Refuse($"expected one label, got '{label.Name}' and '{name}'"); }
                    return label = Label(name, path, c);
                }

                object ValueOf(ConfigMap c)
                {
                    if (value is not null) { c.Refuse($"expected one target, got '{value.Target.Name}' and '{name}'"); }
                    return value = Value(name, path, c, units);
                }

                object ChannelOf(ConfigMap c)
                {
                    channels.Add(Channel(name, path, c, units));
                    return channels;
                }
            });
        }

        Check(map, channels, label, value);
        return new([.. channels], time, label) { Order = map.Keys, Value = value };
    }

    private static string KindOf(ConfigMap column) => !column["time"].IsAbsent ? "time"
        : !column["label"].IsAbsent ? "label" : !column["target"].IsAbsent ? "target" : "";

    private static void Check(ConfigMap map, List<ChannelConfig> channels, LabelConfig? label, ValueConfig? value)
    {
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
    }

    /// <summary>Reads a unit, or a custom .NET format, which has more than one word.</summary>
    private static TimeConfig Time(string name, string path, ConfigMap column)
    {
        var entry = column["time", "event time; `arrival`: on receipt; `csv`: also .NET formats, `d/M/yyyy H:mm:ss.FFF`"]
            .As("{0}, or a format", "none");
        if (entry.IsText && entry.Text().Required() is var format && format.AsSpan().ContainsAny(":/. "))
        {
            if (!FileColumn.IsTimeFormat(format)) { entry.Refuse($"expected a custom .NET date and time format, got '{format}'"); }
            return new(name, TimeUnit.Iso8601, path) { Format = format };
        }

        var word = entry.Word([.. Times.Select(static t => t.Word)]).Required();
        return new(name, Times.First(t => t.Word == word).Unit, path);
    }

    private static ValueConfig Value(string name, string path, ConfigMap column, ImmutableArray<string> units)
    {
        const string meaning = "[value to learn](../start/own-data.md#values-and-forecasts) instead of a label, usual range; one column";
        var (low, high) = TargetConfig.RangeOf(column["target", meaning].As(fallback: "none"));
        return new(new(name, new(UnitOf(column, units)), low, high), path);
    }

    private static ChannelConfig Channel(string name, string path, ConfigMap map, ImmutableArray<string> units)
    {
        var unit = UnitOf(map, units);
        var range = map["range", "values beyond are faulty"].As("least, most").List(static e => e.Number().Required(), 2, 2).OrNull();
        var stuck = map["stuck", "longest time without a change"].As(fallback: "that of `check`")
            .Duration(TimeSpan.FromMilliseconds(1), StuckTime.Longest).OrNull();
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
        map["unit", "must match a unit in the file's header"].As("SenML unit, or of `own_units`")
            .Name("a unit of SenML, or one of own_units", units).Or("1");

    private static LaterConfig? Later(ConfigMap column, NextRule? rule)
    {
        var isLater = column["later", "[labels come later](../start/own-data.md#labels-that-come-later)"].Boolean().Or(false);
        var keep = column["keep", "`later`: most disk for a device's waiting windows; drops the oldest"].Size(1 << 20, 1L << 40);
        var wait = column["wait", "`later`: longest wait"].Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650));
        LaterConfig later = new(keep.Or(LaterConfig.UsualKeep, isShown: false), wait.Or(LaterConfig.UsualWait, isShown: false));
        if (isLater && rule is not null)
        {
            column["later"].Refuse("expected 'next' or 'later', got both: the class is computed, or it is sent later");
        }

        if (!isLater && (keep.IsRight || wait.IsRight)) { column.Refuse("expected 'later: true' with 'keep' and 'wait'"); }
        return isLater ? later : null;
    }

    private static LabelConfig Label(string name, string path, ConfigMap column)
    {
        var classes = column["label", "classes; one column"].As(fallback: "none");
        var next = column["next", "class from the following window"];
        var texts = classes.Texts(2, 1024).Required();
        if (texts.Distinct(StringComparer.Ordinal).Count() < texts.Length) { classes.Refuse("expected each class once"); }
        var rule = next.Map(static m => new NextRule(m["mean_of", "whose mean"].As("channel").Text().Required(),
            m["levels", "one fewer than classes"].As("rising numbers").List(static e => e.Number().Required(), 1, 1023).Required()))
            .OrNull();
        if (rule is not null && (rule.Levels.Length != texts.Length - 1 || !rule.Levels.SequenceEqual(rule.Levels.Distinct().Order())))
        {
            next.Refuse(FormattableString.Invariant(
                $"expected {texts.Length - 1} rising levels for {texts.Length} classes, got {string.Join(", ", rule.Levels)}"));
        }

        return new(name, texts, path, rule) { Later = Later(column, rule) };
    }
}
