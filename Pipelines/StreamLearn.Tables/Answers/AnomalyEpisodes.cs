namespace StreamLearn.Tables;

/// <summary>An episode: alerts close in time.</summary>
/// <param name="First">The time of the first alert, nanoseconds since 1970.</param>
/// <param name="Last">The time of the latest alert.</param>
/// <param name="Score">The highest score.</param>
/// <param name="Channel">The most unusual watched column there, from 0; −1: unknown.</param>
/// <param name="Alerts">The number of alert rows.</param>
internal readonly record struct AnomalyEpisode(long First, long Last, float Score, int Channel, long Alerts);

/// <summary>The effect of a row on the episode.</summary>
internal enum EpisodeChange
{
    /// <summary>No change.</summary>
    None,

    /// <summary>An episode began: the required alerts are reached.</summary>
    Begun,

    /// <summary>The episode ended.</summary>
    Ended,
}

/// <summary>Groups alert rows into episodes: one begins with nearby alerts and ends after rows without any.</summary>
/// <param name="minAlerts">Alerts that begin an episode, at least 1.</param>
/// <param name="quietRows">Rows without an alert that end it, at least 1.</param>
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

    /// <summary>True during an episode.</summary>
    public bool IsOpen => _alerts >= minAlerts && _quiet < quietRows;

    /// <summary>Adds a row.</summary>
    /// <param name="time">Its time, nanoseconds since 1970.</param>
    /// <param name="score">The anomaly score.</param>
    /// <param name="isAlert">True: beyond the threshold.</param>
    /// <param name="channel">The most unusual watched column, from 0; −1: unknown.</param>
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

    /// <summary>Saves or restores the state.</summary>
    /// <param name="s">The checkpoint.</param>
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
