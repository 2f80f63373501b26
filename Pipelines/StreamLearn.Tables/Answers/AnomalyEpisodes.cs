namespace StreamLearn.Tables;

/// <summary>An episode: alerts close in time. Times are nanoseconds since 1970; the channel is that of the highest score, −1:
/// unknown.</summary>
internal readonly record struct AnomalyEpisode(long First, long Last, float Score, int Channel, long Alerts);

internal enum EpisodeChange
{
    None,
    Begun,
    Ended,
}

/// <summary>Groups alert rows into episodes: one begins with nearby alerts and ends after rows without any.</summary>
internal sealed class AnomalyEpisodes(int minAlerts, int quietRows)
{
    private long _first;
    private long _last;
    private long _alerts;
    private float _score;
    private int _channel;
    private int _quiet;

    /// <summary>The latest episode, or the alerts that may become one.</summary>
    public AnomalyEpisode Current => new(_first, _last, _score, _channel, _alerts);

    public bool IsOpen => _alerts >= minAlerts && _quiet < quietRows;

    public EpisodeChange Add(long time, float score, bool isAlert, int channel)
    {
        if (!isAlert)
        {
            var wasOpen = IsOpen;
            if (_quiet < quietRows) { _quiet++; }
            return wasOpen && !IsOpen ? EpisodeChange.Ended : EpisodeChange.None;
        }

        if (_alerts == 0 || _quiet >= quietRows) { (_first, _alerts, _score) = (time, 0, float.NegativeInfinity); }
        (_last, _quiet) = (time, 0);
        if (score > _score) { (_score, _channel) = (score, channel); }
        return ++_alerts == minAlerts ? EpisodeChange.Begun : EpisodeChange.None;
    }

    public void State(ref StateStream s)
    {
        s.Value(ref _first);
        s.Value(ref _last);
        s.Value(ref _alerts);
        s.Value(ref _score);
        s.Value(ref _channel);
        s.Value(ref _quiet);
    }
}
