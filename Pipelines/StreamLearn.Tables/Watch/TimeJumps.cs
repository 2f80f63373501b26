namespace StreamLearn.Tables;

/// <summary>Finds times that go backward and missing hours. Times are nanoseconds since 1970.</summary>
/// <remarks>A gap exceeds an hour and ten mean steps, since rows may be daily.</remarks>
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

    /// <summary>Nanoseconds covered, without gaps and backward jumps.</summary>
    internal double Covered => _covered;

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
                : $"the time decreases by {Text(-step)}, to {At(time)}; the rows are scored in order of arrival";
        }

        if (step > Hour && _steps > 0 && step > TimesMean * _covered / _steps)
        {
            _longest = Math.Max(_longest, step);
            return ++_gaps == 1 ? $"no row for {Text(step)}, until {At(time)}" : null;
        }

        (_steps, _covered) = (_steps + 1, _covered + step);
        return null;
    }

    /// <summary>Returns the counts, one per line; empty if times are regular.</summary>
    internal IEnumerable<string> Summary()
    {
        if (_backs > 0) { yield return $"the time went back {Times(_backs)}, by {Text(_farthest)} at most"; }
        if (_gaps > 0) { yield return $"rows were missing {Times(_gaps)}, for {Text(_longest)} at most"; }
    }

    private static string At(long time) => TimeText.Of(time);

    private static string Times(long count) => count == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} times");

    private static string Text(long nanoseconds) => nanoseconds < Hour
        ? FormattableString.Invariant($"{nanoseconds / 1e9:0.###} s")
        : FormattableString.Invariant($"{nanoseconds / (double)Hour:0.#} hours");
}
