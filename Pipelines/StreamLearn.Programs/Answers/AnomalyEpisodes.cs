namespace StreamLearn.Programs;

/// <summary>Alerts of rows that belong together.</summary>
/// <param name="First">The time of the first alert, nanoseconds since 1970.</param>
/// <param name="Last">The time of the last one so far.</param>
/// <param name="Score">The highest score.</param>
/// <param name="Channel">The watched column that stood out most there, from 0; −1: the rule cannot tell.</param>
/// <param name="Alerts">Rows that were alerts.</param>
public readonly record struct AnomalyEpisode(long First, long Last, float Score, int Channel, long Alerts);

/// <summary>What a row changed.</summary>
public enum EpisodeChange
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>An episode began: it has as many alerts as one needs.</summary>
    Begun,

    /// <summary>The episode is over.</summary>
    Ended,
}

/// <summary>Joins alerts of rows to episodes: one begins with some alerts that are close to each other, and ends when none has come for
/// some rows.</summary>
/// <param name="minAlerts">Alerts that make an episode, at least 1.</param>
/// <param name="quietRows">Rows without an alert that end it, at least 1.</param>
public sealed class AnomalyEpisodes(int minAlerts, int quietRows)
{
    private long _first;
    private long _last;
    private long _alerts;
    private float _score;
    private int _channel;
    private int _quiet;

    /// <summary>The episode that began or ended last, or the alerts that may become one.</summary>
    public AnomalyEpisode Current => new(_first, _last, _score, _channel, _alerts);

    /// <summary>True while an episode lasts.</summary>
    public bool IsOpen => _alerts >= minAlerts && _quiet < quietRows;

    /// <summary>Takes a row in.</summary>
    /// <param name="time">Its time, nanoseconds since 1970.</param>
    /// <param name="score">How unusual it is.</param>
    /// <param name="isAlert">True: beyond the threshold.</param>
    /// <param name="channel">The watched column that stands out most, from 0; −1: not known.</param>
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

    /// <summary>The state, in a checkpoint.</summary>
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
