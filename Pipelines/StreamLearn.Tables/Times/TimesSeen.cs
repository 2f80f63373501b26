namespace StreamLearn.Tables;

internal sealed record TimesSeen(long Rows, long Missing, long Repeated, long Falls, double? StepRate, double? RowRate)
{
    private const int MaxSteps = 20_000;       // maximum steps to find a rate
    private const double MaxStray = 0.1;       // share of rows
    private const int MinCoarse = 10;         // minimum rows to judge a rate
    private const int MinOwnSteps = 10;       // minimum steps to judge a device's rate
    private const int MaxOwnSteps = 500;       // that show it
    private const int DateLength = 10;          // 2026-03-01

    /// <summary>Usual seconds between rows, per device and file with enough rows.</summary>
    internal ImmutableArray<(int File, int Device, double Seconds)> Steps { get; init; } = [];

    internal long Stray { get; init; }

    /// <summary>First and last time per device and file, in nanoseconds since 1970; empty if clocks start at zero.</summary>
    internal ImmutableArray<((int File, int Device) Of, double First, double Last)> Spans { get; init; } = [];

    /// <summary>The first row's time, in seconds; null: none.</summary>
    internal double? First { get; init; }

    /// <summary>The latest time, in seconds.</summary>
    internal double Last { get; init; }

    /// <summary>Says how long steps are, if they differ so much that windows of rows have no length; null: they do not.</summary>
    internal string? Irregular { get; init; }

    /// <summary>The seconds between rows in the parts of a recording whose rates differ, longest first; empty: they do not.</summary>
    internal ImmutableArray<double> Changing { get; init; } = [];

    internal long Total => Rows + Missing + Stray;

    /// <summary>True if rows are out of order so often that the file must mix devices.</summary>
    internal bool IsMixed => Stray >= MinCoarse && Stray > MaxStray * Total;

    /// <summary>True if times are too coarse to tell rows apart.</summary>
    internal bool IsCoarse => Repeated + Missing >= MinCoarse && RowRate > 1.1 * StepRate;

    internal static TimesSeen Of(IOwnFiles files, FileColumn time, string? device, ImmutableArray<string> devices, bool isFirstOnly)
    {
        var isTime = time.Value == FileValue.Time;
        var read = isTime ? time
            : FileColumn.Number("v", ColumnType.Float64, time.Field.Unit, nullable: true) with { Source = time.Source };
        var counting = new Counting();
        var refused = OwnReader.ReadRows(files, [read], device, devices, (batch, row, of) =>
        {
            if (isTime) { counting.Add(of, batch.Columns[0].Values<long>()[row]); }
            else if (batch.Columns[0].IsValid(row)) { counting.Add(of, batch.Columns[0].Values<double>()[row]); }
            else { counting.Missing++; }
        }, isFirstOnly);
        counting.Missing += refused.Count(r => IsOf(r, time));
        return counting.Seen();
    }

    /// <summary>True if times are texts of which the first has no zone.</summary>
    internal static bool LackZone(IOwnFiles files, FileColumn time)
    {
        if (files is OwnCsv { JoinedLackZone: true }) { return true; }
        if (files is not OwnCsv || time.TimeUnit != TimeUnit.Iso8601) { return false; }
        if (time.TimeFormat is { } format)
        {
            return !format.AsSpan().ContainsAny("zKZ") && !format.Contains("GMT", StringComparison.Ordinal);
        }

        string? first = null;
        var text = FileColumn.Class("t") with { Source = time.Source, PlaceOf = t => (first ??= t) is null ? -1 : 0 };
        OwnReader.ReadRows(files, [text], device: null, [], static (_, _, _) => { }, isFirstOnly: true, most: 1);
        return first?.Length > DateLength && !first.Skip(DateLength).Any(static c => "Zz+-UG".Contains(c, StringComparison.Ordinal));
    }

    public static bool IsOf(RefusedRow row, FileColumn time) => row.Column == time.Source && row.Reason < FileFault.BadHeader;

    internal IEnumerable<string> Lines(string time)
    {
        if (Repeated > 0) { yield return $"{Of(Repeated)} repeat the time of the previous row in '{time}': they are left out"; }
        if (Stray > 0) { yield return $"{Of(Stray)} have a time in '{time}' far from the surrounding rows: they are left out"; }
        if (Irregular is { } irregular) { yield return irregular; }
        if (Changing is [var slow, ..])
        {
            yield return $"steps differ, for a part of the rows each: {string.Join(", ", Changing.Select(RateText.Period))}; --rate "
                + FormattableString.Invariant($"{1 / slow:G4} resamples all to the slowest, or {LookAtTimes.ByRow["or ".Length..]}");
        }

        if (Falls > 0) { yield return $"{FallsText(time, Of(Falls))}"; }
        if (Missing > 0) { yield return $"{Of(Missing)} have no readable time in '{time}': they are left out"; }
    }

    private const double LowestDay = 20_000;      // days since 1900: of 1954
    private const double HighestDay = 80_000;
    private const double MinDayRate = 20;         // rows a second of such seconds: a row an hour, or more often

    /// <summary>Says that seconds may be days, as spreadsheets count them; null: they may not.</summary>
    internal string? MayBeDays(FileColumn time) => time.TimeUnit != TimeUnit.Seconds
        || First is not (>= LowestDay and < HighestDay and var first) || !(StepRate > MinDayRate) ? null
        : FormattableString.Invariant($"the unit of '{time.Source}': {first:0.#####} may be days, as spreadsheets count them: write ")
            + "dates and times; if it is seconds, set --rate";

    public static string FallsText(string time, string rows) => $"the time in '{time}' falls at {rows}: a recording starts at each, and "
        + "no window spans two; sort the rows by time, or name the column of their devices, --device COLUMN";

    internal string Of(long count) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} of {Printable.Rows(Total)}");

    internal const long LatestZero = 365L * 86_400 * 1_000_000_000;        // a clock that counts from a start has fewer

    private sealed class Counting
    {
        private readonly Dictionary<(int File, int Device), Last> _last = [];
        private readonly Dictionary<(int File, int Device), double> _held = [];     // times that may be wrong, which the next time decides
        private readonly List<(double Step, long Rows, bool IsWhole)> _steps = [];
        private readonly Dictionary<(int File, int Device), (List<double> First, StepSpread All)> _own = [];
        private readonly Dictionary<(int File, int Device), (double First, double Last)> _spans = [];
        private long? _origin;
        private (long Rows, long Repeated, long Falls) _count;
        private long _stray;

        internal long Missing { get; set; }

        internal void Add((int File, int Device) key, long time)
        {
            _origin ??= time;
            Add(key, (double)((Int128)time - _origin.Value));      // close enough to zero that no step is rounded
        }

        internal void Add((int File, int Device) key, double time)
        {
            if (_held.Remove(key, out var held))
            {
                if (RowFilling.IsStray(_last[key].Time, held, time)) { _stray++; }
                else { Follow(key, held); }
            }

            if (_last.TryGetValue(key, out var last) && (time < last.Time || time - last.Time > RowFilling.GapRows * last.Step))
            {
                _held[key] = time;
            }
            else { Follow(key, time); }
        }

        private void Follow((int File, int Device) key, double time)
        {
            _count.Rows++;
            var (from, to) = _spans.GetValueOrDefault(key, (time, time));
            _spans[key] = (Math.Min(from, time), Math.Max(to, time));
            if (!_last.TryGetValue(key, out var last)) { _last[key] = new(time, 1, false, double.PositiveInfinity); }
            else if (time == last.Time)
            {
                _count.Repeated++;
                _last[key] = last with { Rows = last.Rows + 1 };
            }
            else
            {
                if (time < last.Time) { _count.Falls++; }
                else
                {
                    if (_steps.Count < MaxSteps) { _steps.Add((time - last.Time, last.Rows, last.IsWhole)); }
                    AddOwn(key, time - last.Time);
                }

                _last[key] = new(time, 1, time > last.Time, time > last.Time ? time - last.Time : last.Step);
            }
        }

        private void AddOwn((int File, int Device) key, double step)
        {
            if (!_own.TryGetValue(key, out var own)) { _own[key] = own = ([], new()); }
            if (own.First.Count < MaxOwnSteps) { own.First.Add(step); }
            own.All.Add(step);
        }

        internal TimesSeen Seen()
        {
            foreach (var (key, held) in _held) { Follow(key, held); }
            var (rows, repeated, falls) = _count;
            if (_steps.Count == 0) { return new(rows, Missing, repeated, falls, null, null) { Stray = _stray }; }
            var step = StepLength.Usual([.. _steps.Select(static s => s.Step)]);
            var even = _steps.FindAll(s => s.IsWhole && s.Step <= RowFilling.GapRows * step);
            var byRows = even.Count == 0 ? 1 / step : even.Sum(static s => (double)s.Rows) / even.Sum(static s => s.Step);
            return new(rows, Missing, repeated, falls, 1e9 / step, 1e9 * byRows * (rows + Missing) / rows)
            {
                Stray = _stray,
                Spans = _origin is { } origin && origin > LatestZero
                    ? [.. _spans.Select(s => (s.Key, origin + s.Value.First, origin + s.Value.Last))] : [],
                First = _origin / 1e9,
                Last = ((_origin ?? 0) + _spans.Values.Max(static s => s.Last)) / 1e9,
                Irregular = StepSpread.Irregular([.. _own.Values.Where(static o => o.First.Count >= MinOwnSteps)]),
                Changing = StepSpread.Changing([.. _own.Values.Select(static o => o.All)]),
                Steps = [.. _own.Where(static o => o.Value.First.Count >= MinOwnSteps)
                    .Select(static o => (o.Key.File, o.Key.Device, StepLength.Of(o.Value.First).Step / 1e9))],
            };
        }

        private readonly record struct Last(double Time, long Rows, bool IsWhole, double Step);
    }
}
