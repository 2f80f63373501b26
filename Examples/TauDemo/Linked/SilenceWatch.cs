namespace TauDemo;

/// <summary>Hears somebody, says when he has fallen silent and when he is heard again, and gives up after a time. From any
/// thread.</summary>
/// <param name="patience">After how long a silence it gives up; null: never.</param>
/// <param name="words">What it says of him.</param>
/// <param name="say">Takes a sentence for people.</param>
/// <param name="time">The clock; null: that of the system.</param>
internal sealed class SilenceWatch(TimeSpan? patience, SilenceWords words, Action<string> say, TimeProvider? time = null)
{
    /// <summary>How long somebody may be silent before it is mentioned.</summary>
    internal static readonly TimeSpan Mentioned = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private long _heardAt = (time ?? TimeProvider.System).GetTimestamp();
    private bool _isBack;

    /// <summary>What was said of a silence that lasts; null: there is none.</summary>
    internal string? Notice { get; private set; }

    /// <summary>How long he has been silent.</summary>
    internal TimeSpan Length
    {
        get
        {
            lock (_lock) { return _time.GetElapsedTime(_heardAt); }
        }
    }

    /// <summary>He is heard.</summary>
    internal void Hear()
    {
        lock (_lock)
        {
            _heardAt = _time.GetTimestamp();
            _isBack = Notice is not null;
        }
    }

    /// <summary>Silence up to now is not his own.</summary>
    internal void Excuse()
    {
        lock (_lock) { _heardAt = _time.GetTimestamp(); }
    }

    /// <summary>Looks, and says what has changed; a silence of less than three seconds is not mentioned.</summary>
    /// <exception cref="FleetEndException">He has been silent for too long.</exception>
    internal void Look()
    {
        TimeSpan silence;
        bool isBack;
        lock (_lock)
        {
            (silence, isBack) = (_time.GetElapsedTime(_heardAt), _isBack);
            _isBack = false;
            if (isBack) { Notice = null; }
        }

        if (isBack) { say(words.Back()); }
        if (silence >= patience) { throw words.Over(); }
        if (Notice is not null || silence < Mentioned) { return; }
        Notice = words.Silent();
        say(Notice);
    }
}

/// <summary>What is said of somebody who is silent.</summary>
/// <param name="Silent">When he has fallen silent.</param>
/// <param name="Back">When he is heard again.</param>
/// <param name="Over">When he has been silent for too long.</param>
internal sealed record SilenceWords(Func<string> Silent, Func<string> Back, Func<FleetEndException> Over);
