namespace StreamLearn.Tables;

/// <summary>The columns that are inputs, and why others are not.</summary>
internal sealed record ChannelRoles(ImmutableArray<FileColumn> Channels, ImmutableArray<(FileColumn Column, string Why)> LeftOut)
{
    private const int ChannelsShown = 24;
    private const int MaxNamedColumns = 8;
    private static readonly string[] PlaceNames = ["", "index", "idx", "row", "id", "unnamed: 0", "sample", "seq"];

    /// <summary>Values that may be missing, a line each.</summary>
    internal ImmutableArray<string> Doubts { get; private init; } = [];

    internal static ChannelRoles Of(
        TableOptions options, IOwnFiles rows, DeviceRole device, FileColumn? time, AnswerRole answer, ColumnSample sample, Leaks leaks)
    {
        var left = Remaining(options, rows, device, time, answer);
        ChannelRoles roles = options.Channels.Length > 0 ? new([.. left.Where(c => options.Channels.Contains(c.Source))], [])
            : options.TakesAll ? new([.. left.Where(static c => c.Value == FileValue.Number)], [])
            : Measured(rows, left, time is not null, answer, sample, leaks);
        if (options.TakesAll) { roles = roles with { Channels = [.. roles.Channels.Where(static c => !IsReserved(c))] }; }
        if (roles.Channels.FirstOrDefault(IsReserved) is { } reserved)
        {
            throw new ProgramException($"{rows.Option}: column '{reserved.Source}' has numbers to learn from, and a name that has another "
                + "meaning: rename it, or leave it out with --ignore", ProgramExit.DataRefused);
        }

        return roles with
        {
            Channels = [.. roles.Channels.Zip(Printable.Distinct([.. roles.Channels.Select(static c => c.Field.Name)]),
                static (c, name) => FileColumn.Channel(name, c.Field.Unit, nullable: true) with { Source = c.Source })],
            Doubts =
            [
                .. sample.Doubts(roles.Channels), .. answer.Target is not { } target || roles.Channels.Any(c => c.Source == target.Source)
                    ? [] : ColumnSample.Of(rows, [target], device: null, [], isFirstOnly: true).Sentinels([target]),
                .. roles.Channels.Where(c => leaks.Rising.Contains(c.Source)).Select(static c => $"'{c.Source}' rises or falls all along: "
                    + $"if it says when a row was, drop it with --ignore {OwnColumns.Quoted(c.Source)}"),
            ],
        };
    }

    private static bool IsReserved(FileColumn column) =>
        column.Field.Name is Schema.TimeColumn or Schema.LabelColumn or Schema.TargetColumn or "device" or "recording";

    /// <summary>Returns the columns without another role.</summary>
    internal static ImmutableArray<FileColumn> Remaining(
        TableOptions options, IOwnFiles rows, DeviceRole device, FileColumn? time, AnswerRole answer) =>
        [.. rows.Columns.Where(c => c.Source != time?.Source && c.Source != answer.Label && c.Source != device.Name
            && !options.Leaves(c.Source))];

    internal string? Missing => Channels.IsEmpty ? "a numeric column to learn from" : null;

    /// <summary>As a reason; null: there are none.</summary>
    internal string? Text(bool isAsked) => Channels.IsEmpty ? null
        : $"channels  {string.Join(", ", Channels.Take(ChannelsShown).Select(UnitText))}"
            + (Channels.Length > ChannelsShown ? FormattableString.Invariant($" and {Channels.Length - ChannelsShown} more") : "")
            + (isAsked ? ": --channels says so" : ": the remaining numeric columns");

    /// <summary>Why others are not, as reasons.</summary>
    internal IEnumerable<string> Reasons() =>
        LeftOut.Select(static c => $"left out  {Text(c)}").Concat(Doubts.Select(static d => $"noted     {d}"));

    /// <summary>Warnings about omitted and doubtful numeric columns.</summary>
    internal IEnumerable<string> Told()
    {
        var numbers = LeftOut.Where(static c => c.Column.Value is FileValue.Number or FileValue.Flag).ToList();
        var more = numbers.Count - MaxNamedColumns;
        return [
            .. numbers.Take(MaxNamedColumns).Select(static c => $"left out {Text(c)}"),
            .. more > 0 ? [FormattableString.Invariant($"left out {more} more, which streamlearn look lists")] : Array.Empty<string>(),
            .. Doubts,
        ];
    }

    private static ChannelRoles Measured(
        IOwnFiles rows, ImmutableArray<FileColumn> left, bool hasTime, AnswerRole answer, ColumnSample sample, Leaks leaks)
    {
        var judged = left.Select(c => (Column: c, Why: WhyNot(c, rows, hasTime, sample,
            leaks.SecondLabels.Contains(c.Source) ? answer.Label : null) ?? (leaks.Clocks.Contains(c.Source)
                ? "rises or falls all along nearly every recording, as a clock or a counter; --channels includes it" : null))).ToList();
        return new([.. judged.Where(static c => c.Why is null).Select(static c => c.Column)],
            [.. judged.Where(static c => c.Why is not null).Select(static c => (c.Column, c.Why!))]);
    }

    /// <summary>Returns why a column is not an input; null: it is one.</summary>
    private static string? WhyNot(FileColumn column, IOwnFiles rows, bool hasTime, ColumnSample sample, string? sameAs) =>
        column.Value switch
        {
            FileValue.Time => "a second time",
            FileValue.Flag => "true or false, not a number",
            FileValue.Class when AreNumbers(column) => $"numbers such as {column.Classes[^1]} and {column.Classes[0]}, of which the point "
                + "may separate thousands: write them without it",
            FileValue.Class when LookAtTimes.IsTimeText(column) => "texts that look like times; set --time-format",
            FileValue.Class => LookAtLabels.Offered(column) ?? "it is not numeric",
            _ when column.Field.Type == ColumnType.Int32 && PlaceNames.Any(n => FirstLook.Same(column.Field.Name, n)) =>
                "it numbers the rows; --channels includes it",
            _ when sameAs is not null => $"the same as '{sameAs}'; --channels includes it",
            _ when LookAtLabels.Names.Any(n => n.Length > 1 && FirstLook.Same(column.Source, n)) && FirstLook.IsDiscrete(column) =>
                "named like a label, a second one; --channels includes it",
            _ when LookAtLabels.SaysFaults(column, rows) => $"looks like a label: --label {OwnColumns.Quoted(column.Source)}",
            _ when LookAtTimes.IsNamedSo(column) => $"{LookAtTimes.NamedSo}, " + (hasTime ? "of which one is enough; --channels includes it"
                : LookAtTimes.WhyNot(TimesSeen.Of(rows, column, device: null, [], isFirstOnly: true))),
            _ => sample.WhyNot(column),
        };

    private static bool AreNumbers(FileColumn column) =>
        column.Classes.Length > 0 && column.Classes.All(static t => double.TryParse(t, CultureInfo.InvariantCulture, out _));

    private static string Text((FileColumn Column, string Why) leftOut) => $"'{leftOut.Column.Source}': {leftOut.Why}";

    private static string UnitText(FileColumn column) =>
        column.Field.Unit == Unit.One ? column.Field.Name : $"{column.Field.Name} [{column.Field.Unit}]";
}
