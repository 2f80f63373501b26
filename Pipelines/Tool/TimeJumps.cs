using System.Globalization;

namespace Tool;

/// <summary>Where the times of rows go back, and where hours are missing between two of them. A time is nanoseconds since 1970.</summary>
/// <remarks>A gap is longer than an hour, and than ten times the mean of the steps before it: rows may come once a day.</remarks>
internal sealed class TimeJumps
{
    private const long Hour = 3_600_000_000_000;
    private const int TimesMean = 10;

    private long? _last;
    private long _steps;
    private double _covered;
    private long _backs;
    private long _farthest;
    private long _gaps;
    private long _longest;

    /// <summary>Nanoseconds that rows cover: without gaps, and times that go back.</summary>
    internal double Covered => _covered;

    /// <summary>Takes the time of a row in.</summary>
    internal string? Add(long time)
    {
        var step = time - (_last ?? time);
        var before = _last;
        _last = time;
        if (before is null) { return null; }
        if (step < 0)
        {
            _farthest = Math.Max(_farthest, -step);
            return ++_backs > 1 ? null
                : $"the time goes back by {Text(-step)}, to {At(time)}; the rows are judged in the order in which they come";
        }

        if (step > Hour && _steps > 0 && step > TimesMean * _covered / _steps)
        {
            _longest = Math.Max(_longest, step);
            return ++_gaps == 1 ? $"no row for {Text(step)}, until {At(time)}" : null;
        }

        (_steps, _covered) = (_steps + 1, _covered + step);
        return null;
    }

    /// <summary>How often, a line each; none where times only rise and none are missing.</summary>
    internal IEnumerable<string> Summary()
    {
        if (_backs > 0) { yield return $"the time went back {Times(_backs)}, by {Text(_farthest)} at most"; }
        if (_gaps > 0) { yield return $"rows were missing {Times(_gaps)}, for {Text(_longest)} at most"; }
    }

    private static string At(long time) => AnswerFile.Text(DateTime.UnixEpoch.AddTicks(time / TimeSpan.NanosecondsPerTick));

    private static string Times(long count) => count == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} times");

    private static string Text(long nanoseconds) => nanoseconds < Hour
        ? FormattableString.Invariant($"{nanoseconds / 1e9:0.###} s")
        : FormattableString.Invariant($"{nanoseconds / (double)Hour:0.#} hours");
}
