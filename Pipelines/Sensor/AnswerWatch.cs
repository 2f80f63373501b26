using System.Globalization;

namespace Sensor;

/// <summary>Reports unanswered updates and their recovery. <paramref name="why"/>: a hint if no update was ever answered.</summary>
internal sealed class AnswerWatch(Action<string> say, Func<string> why, TimeProvider time)
{
    private static readonly TimeSpan FirstWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan NextWithin = TimeSpan.FromSeconds(30);

    private long _answered;
    private long? _since;       // since when updates have been waiting for an answer
    private bool _saysSilent;

    /// <summary>Seconds that the oldest update has waited for an answer; null: none pending.</summary>
    internal double? WaitingSeconds => _since is { } since ? Math.Round(time.GetElapsedTime(since).TotalSeconds) : null;

    /// <summary><paramref name="unanswered"/>: number of sent updates without an answer.</summary>
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
            ? string.Create(CultureInfo.InvariantCulture, $"no answer yet: {Updates(unanswered)} unanswered; {why()}")
            : string.Create(CultureInfo.InvariantCulture, $"no answer for {elapsed.TotalSeconds:0} s: {Updates(unanswered)} unanswered, ")
                + $"and learning waits; {why()}");
    }

    private static string Updates(long count) => count == 1 ? "1 update" : string.Create(CultureInfo.InvariantCulture, $"{count} updates");
}
