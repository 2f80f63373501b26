namespace StreamLearn.Tables;

/// <summary><paramref name="Time"/>: nanoseconds since 1970, or the number of the row. <paramref name="Channel"/>: the channel of an alert;
/// null if unknown.</summary>
internal readonly record struct RowScore(string Device, long Time, float Score, bool IsAlert, string? Channel);

internal sealed class Watching(string device, AnomalyDetector detector, TableWatchOptions options, ImmutableArray<string> channels,
    bool hasTime)
{
    private const int EpisodesShown = 10;
    private const int MinJudged = 200;
    private const int MovedOn = 5;      // a fifth of the rows
    private const int ColumnsShown = 4;

    private readonly AnomalyEpisodes _episodes = new(options.MinAlerts, options.QuietRows);
    private readonly List<AnomalyEpisode> _shown = [];
    private readonly float[] _row = new float[channels.Length];
    private readonly TimeJumps _jumps = new();
    private double _before;     // nanoseconds from the first row to the first scored one
    private long _count;        // number of episodes
    private long _rows;
    private long _judged;
    private long _leftOut;
    private long _alerts;

    internal string Device => device;

    internal ImmutableArray<string> Channels => channels;

    /// <summary>Number of rows, including those not scored.</summary>
    internal long Rows => _rows;

    internal long Judged => _judged;

    internal AnomalyEpisode Episode => _episodes.Current;

    /// <summary>Alert threshold; null while learning.</summary>
    internal double? Threshold => detector.Threshold;

    /// <summary>Warns that too few rows set the threshold; null if there are enough, or it is given.</summary>
    internal string? Caveat => ThresholdCaveat.Of(
        detector.Options, static rows => $"--usual or --learn with {rows} rows", "a larger --false-alarms");

    /// <summary>Receives each scored row; null for none.</summary>
    internal Action<RowScore>? Scored { get; set; }

    internal LearnedRanges Ranges { get; init; } = new(channels.Length);

    internal string? Jump { get; private set; }

    internal AnomalyAlert Alert => AnomalyAlert.Of(device, _episodes.Current, channels, isOver: !_episodes.IsOpen);

    internal static bool CanJudge(AnomalyRule rule, Batch batch, int row, ImmutableArray<string> channels, float[] values)
    {
        Gather(batch, row, channels, values);
        return rule.Takes(values);
    }

    internal EpisodeChange Add(Batch batch, int row)
    {
        Gather(batch, row);
        _rows++;
        var time = hasTime ? batch[Schema.TimeColumn].Values<long>()[row] : _rows;
        Jump = hasTime ? _jumps.Add(time) : null;
        if (!detector.Takes(_row))
        {
            _leftOut++;
            return EpisodeChange.None;
        }

        var isLearning = detector.Threshold is null;
        var (score, isAlert, channel) = detector.Judge(_row);
        if (isLearning)
        {
            Ranges.Add(_row);
            _before = _jumps.Covered;
            return EpisodeChange.None;
        }

        _judged++;
        if (isAlert) { _alerts++; }
        Scored?.Invoke(new(device, time, score, isAlert, isAlert && channel >= 0 ? channels[channel] : null));
        var change = _episodes.Add(time, score, isAlert, channel);
        if (change != EpisodeChange.None) { Keep(change == EpisodeChange.Begun); }
        return change;
    }

    internal IEnumerable<string> Summary()
    {
        if (_episodes.IsOpen) { Keep(isBegin: false); }
        if (device.Length > 0) { yield return $"{device}:"; }
        var learned = _rows - _leftOut - _judged;
        yield return (detector.Threshold is { } threshold
            ? string.Create(CultureInfo.InvariantCulture, $"{options.Rule} of {Watched}: ")
                + (learned == 0 ? "" : $"the first {Printable.Rows(learned)} are the baseline, ")
                + string.Create(CultureInfo.InvariantCulture, $"alert above a score of {threshold:G6}")
                + (options.Threshold is not null ? "" : string.Create(CultureInfo.InvariantCulture,
                    $", one false alarm in {1 / options.Rate:N0} rows"))
            : $"{Printable.Rows(learned)} learned, none scored yet");
        if (_leftOut > 0) { yield return $"{Printable.Rows(_leftOut)} left out: a value is missing or infinite"; }

        foreach (var line in _jumps.Summary()) { yield return line; }
        foreach (var c in detector.Threshold is null ? [] : Ranges.ConstantChannels)
        {
            yield return $"{channels[c]} had one value in the whole baseline: without a deviation, the score of another value is bounded";
        }

        foreach (var c in detector.Threshold is null ? [] : Ranges.Coarse)
        {
            yield return $"{channels[c]} changes little compared with its size: float32 loses small changes. Subtract its offset first";
        }

        var hours = (_jumps.Covered - _before) / 3.6e12;
        yield return $"{Printable.Rows(_judged)} scored: {Counted(_alerts, "alert")}{PerHour(_alerts, hours)}, "
            + $"{Counted(_count, "episode")} of {options.MinAlerts} or more{PerHour(_count, hours)}";
        if (_judged >= MinJudged && _alerts * MovedOn > _judged)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{(double)_alerts / _judged:P0} of the rows are alerts: ")
                + "if the machine is normal, the baseline is out of date. Use an adaptive rule (ewma, window) or newer normal rows";
        }

        foreach (var episode in _shown)
        {
            yield return $"  {Text(episode.First)} to {Text(episode.Last)}: {Counted(episode.Alerts, "alert")}, "
                + string.Create(CultureInfo.InvariantCulture, $"highest score {episode.Score:G6}")
                + (episode.Channel < 0 ? "" : $", {channels[episode.Channel]} stands out");
        }

        if (_count > _shown.Count) { yield return string.Create(CultureInfo.InvariantCulture, $"  and {_count - _shown.Count:N0} more"); }
    }

    /// <summary>the last one is shown with its final state</summary>
    private void Keep(bool isBegin)
    {
        if (isBegin) { _count++; }
        if (_count > EpisodesShown) { return; }
        if (isBegin) { _shown.Add(_episodes.Current); }
        else { _shown[^1] = _episodes.Current; }
    }

    private void Gather(Batch batch, int row) => Gather(batch, row, channels, _row);

    private static void Gather(Batch batch, int row, ImmutableArray<string> channels, float[] values)
    {
        for (var c = 0; c < channels.Length; c++)
        {
            var column = batch[channels[c]];
            values[c] = column.IsValid(row) ? column.Values<float>()[row] : float.NaN;
        }
    }

    private string Watched => channels.Length <= ColumnsShown + 1 ? string.Join(", ", channels)
        : string.Create(CultureInfo.InvariantCulture,
            $"{string.Join(", ", channels.Take(ColumnsShown))} and {channels.Length - ColumnsShown:N0} more");

    private string Text(long time) => hasTime ? TimeText.Of(time)
        : time.ToString(CultureInfo.InvariantCulture);

    private static string Counted(long count, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(count == 1 ? "" : "s")}");

    private static string PerHour(long count, double hours) =>
        hours <= 0 || count == 0 ? ""
            : $" ({(count / hours).ToString(count < 1000 * hours ? "G3" : "N0", CultureInfo.InvariantCulture)} an hour)";
}
