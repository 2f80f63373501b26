namespace StreamLearn.Tables;

/// <summary>The hour, in UTC, of the time that is forecast; <paramref name="OfWeek"/>: also the day of the week, and the hour on Saturdays
/// and Sundays, when most loads differ.</summary>
internal sealed record CalendarInputs(TimeSpan Ahead, bool OfWeek)
{
    private const string DayWord = "day", WeekWord = "week";
    private const int Hours = 24, Days = 7, Monday = 3;         // 1970-01-01 was a Thursday
    private const int LeastPeriods = 3;
    private const long Hour = TimeSpan.TicksPerHour * TimeSpan.NanosecondsPerTick, Day = Hours * Hour;

    /// <summary>Numbers before it are no dates, but count from a start.</summary>
    private static readonly long FirstDate = (DateTime.UnixEpoch.AddYears(20) - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>True if times are written as dates, of any year; default false: they are numbers. Not stored.</summary>
    internal bool AreWritten { get; init; }

    private int Count => OfWeek ? Hours + Days + Hours : Hours;

    internal string Text => FormattableString.Invariant($"{(OfWeek ? WeekWord : DayWord)} {Ahead.TotalSeconds:R}");

    /// <summary>Returns what recordings are long enough for; null: they have no dates, or last less than three days.</summary>
    internal static CalendarInputs? Of(IEnumerable<(long First, long Last)> spans, TimeSpan ahead, bool areWritten)
    {
        var (all, calendar) = (spans.ToList(), new CalendarInputs(ahead, OfWeek: false) { AreWritten = areWritten });
        var days = all.Count == 0 || !all.TrueForAll(s => calendar.IsDate(s.First)) ? 0 : all.Max(static s => s.Last - s.First) / Day;
        return days < LeastPeriods ? null : calendar with { OfWeek = days >= LeastPeriods * Days };
    }

    internal static CalendarInputs? Parse(string text) => text.Split(' ') is [var word, var number] && word is DayWord or WeekWord
        && double.TryParse(number, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e9
            ? new(TimeSpan.FromSeconds(seconds), word == WeekWord) : null;

    internal bool IsDate(long time) => AreWritten || time >= FirstDate;

    /// <summary>The inputs of a window, a value per row, as channels.</summary>
    internal int Channels(int rows) => (Count + rows - 1) / rows;

    /// <summary>An hour and a half is half of each of the two hours around it.</summary>
    internal void Write(long time, Span<float> to)
    {
        to.Clear();
        time += Ahead.Ticks * TimeSpan.NanosecondsPerTick;
        var ofDay = ((time % Day) + Day) % Day;         // also before 1970
        var (hour, share) = ((int)(ofDay / Hour), (float)(ofDay % Hour) / Hour);
        to[hour] = 1 - share;
        to[(hour + 1) % Hours] += share;
        if (!OfWeek) { return; }
        var weekday = (int)(((((time - ofDay) / Day) + Monday) % Days) + Days) % Days;
        to[Hours + weekday] = 1;
        if (weekday >= Days - 2) { to[..Hours].CopyTo(to[(Hours + Days)..]); }
    }
}

internal static class CalendarInputsExtensions
{
    /// <summary>Adds the inputs to windows; drops those without a date as <c>no-date</c>.</summary>
    internal static Flow<Batch> Calendar(this Flow<Batch> windows, CalendarInputs inputs, int rows) => windows.Via("calendar",
        new CalendarBlock(inputs, rows), static (CalendarBlock block, OperatorContext context, IOutput<Batch> output) =>
            new AddCalendar(block, context, output));
}

internal sealed record CalendarBlock(CalendarInputs Inputs, int Rows) : IBlockOptions
{
    public Schema Output(Schema input) => new([.. input.Fields,
        .. Enumerable.Range(1, Inputs.Channels(Rows)).Select(static n => Field.Channel($"hour and day {n}", Unit.One))]);

    public int? MaxRows(int? input) => input;

    public override string ToString() => Inputs.Text;
}

internal sealed class AddCalendar(CalendarBlock block, OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    private readonly float[] _values = new float[block.Inputs.Channels(block.Rows) * block.Rows];
    private Schema? _input;
    private Schema? _output;

    public override void Process(Batch input)
    {
        if (input.Rows != block.Rows || input[Schema.TimeColumn].Values<long>()[^1] is var time && !block.Inputs.IsDate(time))
        {
            context.Drop(input, "no-date");
            return;
        }

        if (!ReferenceEquals(input.Schema, _input)) { (_input, _output) = (input.Schema, block.Output(input.Schema)); }
        var window = context.Pool.Rent(_output!, input.Rows);
        for (var c = 0; c < input.Columns.Count; c++) { window.Columns[c].CopyFrom(0, input.Columns[c], 0, input.Rows); }
        block.Inputs.Write(time, _values);
        for (var c = input.Columns.Count; c < window.Columns.Count; c++)
        {
            _values.AsSpan((c - input.Columns.Count) * block.Rows, block.Rows).CopyTo(window.Columns[c].Writable<float>());
        }

        input.Dispose();
        output.Emit(window);
    }
}
