using System.Globalization;

namespace Sensor;

/// <summary>Says that nobody answers the updates of a program, and that somebody does again.</summary>
/// <param name="say">Takes a sentence for people.</param>
/// <param name="why">What to look at when nobody has answered.</param>
/// <param name="time">The time.</param>
internal sealed class AnswerWatch(Action<string> say, Func<string> why, TimeProvider time)
{
    private static readonly TimeSpan FirstWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan NextWithin = TimeSpan.FromSeconds(30);

    private long _answered;
    private long? _since;       // since when updates wait for their first, or their next answer
    private bool _saysSilent;

    /// <summary>Seconds since an update began to wait without any answer; null: none waits.</summary>
    internal double? WaitingSeconds => _since is { } since ? Math.Round(time.GetElapsedTime(since).TotalSeconds) : null;

    /// <summary>Looks, and says what has changed.</summary>
    /// <param name="unanswered">Updates that were sent and wait for an answer.</param>
    /// <param name="answered">Updates that were answered, so far.</param>
    internal void Look(long unanswered, long answered)
    {
        var isFirst = _answered == 0;
        if (answered > _answered || unanswered == 0)
        {
            if (_saysSilent && answered > _answered) { say(isFirst ? "the aggregator answers now" : "the aggregator answers again"); }
            _saysSilent &= answered == _answered;
            (_answered, _since) = (answered, unanswered == 0 ? null : time.GetTimestamp());
            return;
        }

        _since ??= time.GetTimestamp();
        var elapsed = time.GetElapsedTime(_since.Value);
        if (_saysSilent || elapsed < (isFirst ? FirstWithin : NextWithin)) { return; }
        _saysSilent = true;
        say(isFirst
            ? string.Create(CultureInfo.InvariantCulture, $"nobody has answered yet: {Updates(unanswered)} unanswered; {why()}")
            : string.Create(CultureInfo.InvariantCulture, $"no answer for {elapsed.TotalSeconds:0} s: {Updates(unanswered)} unanswered, ")
                + $"and nothing more is learned until then; {why()}");
    }

    private static string Updates(long count) => count == 1 ? "1 update" : string.Create(CultureInfo.InvariantCulture, $"{count} updates");
}
