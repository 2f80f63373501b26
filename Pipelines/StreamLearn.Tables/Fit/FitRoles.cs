namespace StreamLearn.Tables;

/// <summary>Finds who learns and who judges of the rows of files, and how long a window is.</summary>
internal static class FitRoles
{
    private const int MinSamples = 4;
    private const int NamesShown = 6;
    private const int UnseenShare = 5;      // one device in five is held out

    /// <summary><paramref name="minWindows"/>: of a device of a fleet; 0: one machine learns.</summary>
    internal static FitRows Of(OwnRows rows, TableFitOptions options, int minWindows = 0)
    {
        ImmutableArray<string> texts = [.. rows.Devices.Select(static d => d.Name)];
        var names = Printable.Names(texts);
        rows = rows with { Devices = [.. rows.Devices.Zip(names, static (d, name) => d with { Name = name })] };
        var unseen = Unseen(texts, names, options.Unseen);
        var learning = names.RemoveRange(unseen);
        if (options.MaxDevices is { } most) { learning = [.. learning.Take(most)]; }
        if (learning.IsEmpty) { throw new ProgramException("--unseen: no device is left to learn from", ProgramExit.BadCommandLine); }
        var byName = rows.Devices.ToDictionary(static d => d.Name);
        var samples = SamplesOf(rows, options);
        var none = names.RemoveAll(n => byName[n].HasWindow(samples));
        if (learning.Any(n => !none.Contains(n)))       // otherwise a later error reports it
        {
            (learning, unseen) = (learning.RemoveRange(none), unseen.RemoveRange(none));
        }

        var few = learning.RemoveAll(n => byName[n].Windows(samples) >= minWindows);
        if (few.Length == learning.Length) { few = []; }
        learning = learning.RemoveRange(few);
        var columns = rows.Columns;
        var ofClasses = columns.Target is null;
        var oneLabel = ofClasses && !columns.ForecastsClasses;     // one label per window
        var oneEach = ofClasses && learning.Length > 1
            && learning.All(n => byName[n].Labels.Where(static l => l >= 0).Distinct().Take(2).Count() < 2);
        return new(Description(columns, learning, unseen, samples), learning, unseen, Printable.Distinct(columns.Classes),
            PreparationOf(columns, samples), name => byName[name].Labels.Length,
            (builder, name) => builder.FromOwn(rows, byName[name], OwnPlay.Plain, OwnPlay.Plain))
        {
            Own = rows,
            Option = columns.Files.Option,
            Segment = "recording",
            Target = columns.Target is { } target ? target.Field with { Name = target.Source } : null,
            Ahead = columns.Said.Ahead,
            NowColumn = columns.ForecastsClasses ? OwnColumns.ClassOfNow : null,
            HasOneClassEach = oneEach,
            Notes =
            [
                .. columns.Told.Select(static t => PrintableText.Of(t)), .. FitNotes.Renamed(texts, names), .. rows.Notes,
                .. oneLabel ? FitNotes.TooShort(rows, samples) : [], .. FitNotes.WithoutWindow(none, oneLabel),
                .. FitNotes.TooFew(few, minWindows), .. TargetTwins.Lines(rows),
                .. options.Bound is null ? [] : FitNotes.WithoutBound(learning.Length, unseen.Length),
                .. oneEach && minWindows > 0 ? new[] { FitNotes.OneClassEach } : [],
                .. ofClasses ? FitNotes.Judged(columns, learning.Select(n => byName[n]), unseen.Select(n => byName[n])) : [],
            ],
        };
    }

    /// <summary>Samples of a window: even; 1 for single rows.</summary>
    /// <exception cref="ProgramException">They are too few or too many.</exception>
    internal static int SamplesOf(double seconds, double rate)
    {
        var samples = seconds * rate;
        if (samples is < MinSamples or > WindowSamples.Most)
        {
            throw new ProgramException(FormattableString.Invariant(
                $"--window: expected {MinSamples / rate:0.###} to {WindowSamples.Most / rate:0.###} s, {MinSamples} to ")
                + FormattableString.Invariant($"{WindowSamples.Most} rows at {rate:G4} Hz"), ProgramExit.BadCommandLine);
        }

        return 2 * (int)Math.Round(samples / 2);
    }

    /// <summary>2.56 s or 64 rows, at most half of a label's usual run.</summary>
    private static int SamplesOf(OwnRows rows, TableFitOptions options)
    {
        var rate = rows.Columns.Rate!.Value;
        return options.EachRow ? 1 : options.WindowSeconds is { } seconds ? SamplesOf(seconds, rate)
            : WindowSamples.Of(rate, rows.Devices.SelectMany(static d => d.Runs));
    }

    private static Preparation PreparationOf(OwnColumns columns, int samples) =>
        new([.. columns.Schema.Fields.Where(static f => f.Type == ColumnType.Float32)], samples, Math.Max(1, samples / 2))
        {
            RowsPerSecond = samples == 1 ? null : columns.Rate,
            FilledRows = Math.Min(OwnRows.MaxFilled, samples - 1),
            SpanTolerance = double.PositiveInfinity,        // played rows have the exact rate
        };

    private static string Description(
        OwnColumns columns, ImmutableArray<string> learning, ImmutableArray<string> unseen, int samples)
    {
        var rate = columns.Rate!.Value;
        var learned = columns.Target is { } target
            ? $"value '{target.Source}'{(target.Field.Unit == Unit.One ? "" : $" in {target.Field.Unit}")}"
            : FormattableString.Invariant($"{columns.Classes.Length} classes of '{columns.Label}'");
        return FormattableString.Invariant($"{columns.Pattern}: {FitNotes.Devices(learning.Length)}, {columns.Channels.Length} channels")
            + (samples == 1 ? ", " : FormattableString.Invariant($" at {rate:G4} Hz, "))
            + learned
            + (columns.Said.Ahead is { TotalSeconds: var later } ? FormattableString.Invariant($" {later:0.###} s later, ") : ", ")
            + (samples == 1 ? "each row by itself; "
                : FormattableString.Invariant($"windows of {samples} rows, {samples / rate:0.###} s; "))
            + "judged on "
            + (unseen.IsEmpty ? samples == 1 ? "a fifth of the rows, in five blocks spread over them"
                    : columns.Target is null ? "the last fifth of each class" : "the last fifth"
                : unseen.Length <= NamesShown ? string.Join(", ", unseen) : $"{unseen.Length} unseen devices");
    }

    private static ImmutableArray<string> Unseen(
        ImmutableArray<string> texts, ImmutableArray<string> names, ImmutableArray<string> asked)
    {
        if (!asked.IsEmpty)
        {
            string[] unseen = [.. (asked is [var list] && !texts.Contains(list.Trim())
                ? list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                : asked.Select(static a => a.Trim())).Distinct()];
            if (unseen.Length == 0) { throw new ProgramException("--unseen: expected devices, got none", ProgramExit.BadCommandLine); }
            var stranger = Array.Find(unseen, u => !texts.Contains(u) && !names.Contains(u));
            return stranger is null ? [.. names.Where((n, i) => unseen.Contains(texts[i]) || unseen.Contains(n))]
                : throw new ProgramException($"--unseen: there is no device '{stranger}', expected some of {string.Join(", ", texts)}",
                    ProgramExit.BadCommandLine);
        }

        if (names.Length < 2) { return []; }
        var every = Math.Max(2, Math.Min(UnseenShare, names.Length));
        return [.. names.Where((_, i) => i % every == every - 1)];
    }
}
