using System.Collections.Immutable;
using StreamLearn.Tables;

namespace Sensor;

/// <summary><paramref name="To"/>: null if alerts are not sent.</summary>
internal sealed record AnomaliesConfig(AnomalyWatch Watch, PlaceConfig? To)
{
    private const int MostRows = 100_000_000;

    /// <summary>Warns if there are too few rows for the threshold; null if there are enough or it is fixed.</summary>
    internal string? Caveat => ThresholdCaveat.Of(
        Watch.Options,
        rows => Watch.Options.UsualRows.IsEmpty ? $"anomalies.learn_rows: {rows}" : $"anomalies.usual with {rows} rows",
        "a larger anomalies.false_alarm_rate");

    /// <summary>Reads the section <c>anomalies</c>. <paramref name="channels"/>: empty if unknown; <paramref name="isSource"/>: whether
    /// messages sent there return as rows; <paramref name="unitOf"/>: null for any unit.</summary>
    internal static AnomaliesConfig? Read(
        ConfigMap map, ImmutableArray<string> channels, Func<PlaceConfig, bool>? isSource = null, Func<string, Unit>? unitOf = null) =>
        map["anomalies", "watches rows without labels"].Optional(m =>
        {
            var rule = m["rule", "[rule](../guides/anomalies.md#rules) that scores rows"]
                .Word(AnomalyWatch.Rules).Or(AnomalyWatch.Rules[0].Rule);
            var threshold = m["threshold", "instead: score above which a row is an alert"].As("0 or more")
                .Number(0, float.MaxValue).OrNull();
            var rate = m["false_alarm_rate", "share of usual rows that are alerts"].As(fallback: "{0}; of `trees` 0.001")
                .Number(1e-9, 0.49);
            var rows = m["learn_rows", "good rows of a device taken as usual"].As(fallback: "{0}, more for many columns")
                .Whole(40, MostRows);
            var columns = m["columns", "watched channels; one for `profile`"].As("channels", "all")
                .List(e => ChannelOf(e, channels), 1, Schema.MaxColumns).OrNull() ?? [];
            var watched = columns.IsEmpty ? channels : columns;
            var compares = m["compare", "names devices with [other usual rows](../guides/anomalies.md#a-fleet)"].Boolean().Or(false);
            var ofRule = AnomalyWatch.MinLearnRows(rule, Math.Max(1, watched.Length), threshold is not null);
            var least = compares ? Math.Max(ofRule, MergeMomentsOptions.UsualMinRows(Math.Max(1, watched.Length))) : ofRule;
            var files = m["usual", "instead: files of usual rows with named channels, unchecked by `check`"].As("files", "none");
            var usual = files.IsAbsent ? [] : UsualOf(files, watched, rule, unitOf);
            if (!usual.IsEmpty && rows.IsGiven)
            {
                m["learn_rows"].Refuse("expected none with usual files, whose rows are all used");
            }

            var options = new AnomalyOptions
            {
                Columns = columns,
                LearnRows = !usual.IsEmpty ? usual.Length / watched.Length
                    : (int)rows.Or(Math.Max(least, new AnomalyOptions().LearnRows)),
                UsualRows = usual,
                FalseAlarmRate = threshold is null ? rate.Or(AnomalyWatch.UsualRateOf(rule)) : AnomalyWatch.UsualRateOf(rule),
                Threshold = threshold,
                Smoothing = (int)m["smoothing", "rows over which scores are averaged"].Whole(1, MostRows).Or(1),
            };
            if (options.LearnRows < least)
            {
                m[usual.IsEmpty ? "learn_rows" : "usual"].Refuse(FormattableString.Invariant(
                    $"expected at least {least} {(least > ofRule ? "to compare devices by" : "for this rule")}, got {options.LearnRows}"));
            }

            if (threshold is not null && rate.IsGiven)
            {
                m["false_alarm_rate"].Refuse("expected a threshold or a false alarm rate, not both");
            }

            if (rule.Channels is { } only && watched.Length > 0 && watched.Length != only)
            {
                m["columns"].Refuse(FormattableString.Invariant($"expected {only} for this rule, got {watched.Length}"));
            }

            var topic = m["topic", "destination of begin and end of episodes"].As(fallback: "none");
            var to = topic.IsLeftOut ? null : AnswersConfig.PlaceOf(m, topic);
            if (to is not null && isSource?.Invoke(to) == true)
            {
                topic.Refuse($"expected a topic other than that of the rows, where alerts would be read as rows, got '{to.Topic}'");
            }

            return new AnomaliesConfig(new(rule, options)
            {
                MinAlerts = (int)m["min_alerts", "close alerts that make an episode"].Whole(1, 1_000_000).Or(AnomalyWatch.UsualAlerts),
                QuietRows = (int)m["quiet_rows", "rows without alert that end it"].Whole(1, MostRows).Or(AnomalyWatch.UsualQuiet),
                Compares = compares,
            }, to);
        });

    private static ImmutableArray<float> UsualOf(
        ConfigEntry entry, ImmutableArray<string> watched, AnomalyRule rule, Func<string, Unit>? unitOf)
    {
        var files = entry.PathOf(entry.Text().Required());
        if (watched.IsEmpty)
        {
            entry.Refuse("expected 'columns' too, the columns to watch");
            return [];
        }

        try
        {
            FileColumn[] columns = [.. watched.Select(name =>
                FileColumn.Channel(name, unitOf?.Invoke(name), nullable: true) with { AnyUnit = unitOf is null })];
            var rows = UsualFiles.Read(files, new(), columns, rule);
            if (rows.IsEmpty) { entry.Refuse($"expected rows, got none in {files}"); }
            return rows;
        }
        catch (ProgramException e)
        {
            entry.Refuse(e.Message);
            return [];
        }
    }

    private static string ChannelOf(ConfigEntry entry, ImmutableArray<string> channels) =>
        channels.IsEmpty ? entry.Text().Required() : entry.Word(channels).Required();
}
