using System.Numerics;

namespace StreamLearn.Tables;

/// <summary>Determines which of the rows of files are for learning and which for evaluation, and the length of a window.</summary>
internal static class FitRoles
{
    private const int MinSamples = 4;
    private const int NamesShown = 6;
    private const int UnseenShare = 5;      // one device in five is held out
    private const int MaxWindows = 20_000;      // approximate maximum windows of a forecast, unless they overlap by half
    private const double Week = 7 * 86_400;

    /// <summary><paramref name="minWindows"/>: minimum windows per device of a fleet; 0 if one machine learns.</summary>
    internal static FitRows Of(OwnRows rows, TableFitOptions options, int minWindows = 0)
    {
        ImmutableArray<string> texts = [.. rows.Devices.Select(static d => d.Name)];
        var names = Printable.Names(texts);
        var asked = Asked(texts, names, options.Unseen);
        var copies = Copies(rows, names, asked);
        rows = rows with { Devices = [.. rows.Devices.Zip(names, static (d, name) => d with { Name = name })] };
        var whole = names.RemoveRange(copies.Select(static c => c.Name));
        var byName = rows.Devices.ToDictionary(static d => d.Name);
        var unseen = asked.IsEmpty ? OneInFive(whole, byName) : [.. asked.Where(whole.Contains)];
        var learning = whole.RemoveRange(unseen);
        if (options.MaxDevices is { } most) { learning = [.. learning.Take(most)]; }
        if (learning.IsEmpty) { throw new ProgramException("--unseen: no device is left to learn from", ProgramExit.BadCommandLine); }
        var samples = SamplesOf(rows, options);
        var isFleet = minWindows > 0 && names.Length > 1;
        var hop = HopOf(rows, samples, isFleet);
        var none = WithoutWindow(rows, samples, hop);
        if (learning.Any(n => !none.Contains(n)))       // otherwise a later error reports it
        {
            (learning, unseen) = (learning.RemoveRange(none), unseen.RemoveRange(none));
        }

        var few = learning.RemoveAll(n => byName[n].Windows(samples, hop) >= minWindows);
        if (few.Length == learning.Length) { few = []; }
        learning = learning.RemoveRange(few);
        var columns = rows.Columns;
        var ofClasses = columns.Target is null;
        var oneEach = ofClasses && learning.Length > 1
            && learning.All(n => byName[n].Labels.Where(static l => l >= 0).Distinct().Take(2).Count() < 2);
        var calendar = !isFleet && columns is { Target: not null, Said.Ahead: { } ahead } ? CalendarInputs.Of(learning
            .Select(n => byName[n].Times).Where(static t => t.Length > 0).Select(static t => (t[0], t[^1])), ahead,
            columns.Time?.TimeUnit == TimeUnit.Iso8601) : null;
        return new(Description(columns, learning, unseen, samples, hop), learning, unseen, Printable.Distinct(columns.Classes),
            PreparationOf(columns, samples, hop), name => byName[name].Labels.Length,
            (builder, name) => builder.FromOwn(rows, byName[name], OwnPlay.Plain, OwnPlay.Plain))
        {
            Own = rows,
            Learned = card => LearnedDevices.On(
                FormCard.On(card, columns.Files), columns.DeviceOption, learning.Select(n => byName[n].Source).ToList()),
            Option = columns.Files.Option,
            Segment = "recording",
            Target = columns.Target is { } target ? target.Field with { Name = target.Source } : null,
            Ahead = columns.Said.Ahead,
            NowColumn = columns.ForecastsClasses ? OwnColumns.ClassOfNow : null,
            Calendar = calendar,
            HasOneClassEach = oneEach,
            ChangingShare = ChangingOf(rows, samples, hop),
            Notes =
            [
                .. columns.Told.Select(static t => PrintableText.Of(t)), .. FitNotes.Renamed(texts, names), .. rows.Notes,
                .. Notes(rows, options, isFleet),
                .. FitNotes.TooFew(few, minWindows), .. copies.Select(static c => c.Note), .. FitNotes.ByCalendar(calendar),
                .. options.Bound is { } bound ? FitNotes.WithoutBound(bound, learning.Length, unseen.Length) : [],
                .. oneEach && minWindows > 0 ? new[] { FitNotes.OneClassEach } : [],
                .. ofClasses ? FitNotes.Judged(columns, learning.Select(n => byName[n]), unseen.Select(n => byName[n])) : [],
            ],
        };
    }

    /// <summary>Returns what a look and a fit say: devices without a window, and channels that give the answer away.</summary>
    internal static IEnumerable<string> Notes(OwnRows rows, TableFitOptions options, bool isFleet = false)
    {
        var samples = SamplesOf(rows, options);
        var oneLabel = rows.Columns is { Target: null, ForecastsClasses: false };
        var hop = HopOf(rows, samples, isFleet);
        return rows.Unreadable.Concat(oneLabel ? FitNotes.TooShort(rows, samples) : [])
            .Concat(FitNotes.Changing(ChangingOf(rows, samples, hop)))
            .Concat(FitNotes.WithoutWindow(WithoutWindow(rows, samples, hop), oneLabel))
            .Concat(TargetTwins.Lines(rows)).Concat(TargetTwins.OfClasses(rows));
    }

    /// <summary>Returns the share of windows that have no label of their own.</summary>
    private static double ChangingOf(OwnRows rows, int samples, int hop)
    {
        if (rows.Columns is { Target: not null } or { ForecastsClasses: true }) { return 0; }
        var (own, all) = (0L, 0L);
        foreach (var device in rows.Devices)
        {
            own += device.Windows(samples, hop);
            all += device.Parts.Sum(p => p.Rows < samples ? 0 : ((p.Rows - samples) / hop) + 1);
        }

        return all == 0 ? 0 : 1 - ((double)own / all);
    }

    private static ImmutableArray<string> WithoutWindow(OwnRows rows, int samples, int hop) =>
        [.. rows.Devices.Where(d => !d.HasWindow(samples, hop)).Select(static d => d.Name)];

    /// <summary>Returns the samples per window: even; 1 for single rows.</summary>
    /// <exception cref="ProgramException">There are too few or too many samples.</exception>
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

    /// <summary>Returns 2.56 s or 64 rows, at most half of a label's usual run.</summary>
    private static int SamplesOf(OwnRows rows, TableFitOptions options)
    {
        var rate = rows.Columns.Rate!.Value;
        return options.EachRow ? 1 : options.WindowSeconds is { } seconds ? SamplesOf(seconds, rate)
            : WindowSamples.Of(rate, rows.Runs);
    }

    /// <summary>Returns half a window. For a forecast, rows with which all hours of a week are seen: one if windows are not too many, and
    /// about half a window in a fleet.</summary>
    private static int HopOf(OwnRows rows, int samples, bool isFleet)
    {
        var (half, week) = (Math.Max(1, samples / 2), (BigInteger)Math.Round(Week * rows.Columns.Rate!.Value));
        if (rows.Columns.Said.Ahead is null) { return half; }
        var least = isFleet ? half : 1 + ((rows.Devices.Sum(static d => (long)d.Labels.Length) - 1) / MaxWindows);
        int[] hops = [.. Enumerable.Range(1, half).Where(h => BigInteger.GreatestCommonDivisor(h, week).IsOne)];
        return hops.FirstOrDefault(h => h >= least, hops[^1]);
    }

    private static Preparation PreparationOf(OwnColumns columns, int samples, int hop) =>
        new([.. columns.Schema.Fields.Where(static f => f.Type == ColumnType.Float32)], samples, hop)
        {
            RowsPerSecond = samples == 1 ? null : columns.Rate,
            FilledRows = Math.Min(OwnRows.MaxFilled, samples - 1),
            SpanTolerance = double.PositiveInfinity,        // rows have the rate
        };

    private static string Description(
        OwnColumns columns, ImmutableArray<string> learning, ImmutableArray<string> unseen, int samples, int hop)
    {
        var rate = columns.Rate!.Value;
        var learned = columns.Target is { } target
            ? $"value '{target.Source}'{(target.Field.Unit == Unit.One ? "" : $" in {target.Field.Unit}")}"
            : FormattableString.Invariant($"{columns.Classes.Length} classes of '{columns.Label}'");
        return FormattableString.Invariant($"{columns.Title}: {FitNotes.Devices(learning.Length)}, {columns.Channels.Length} channels")
            + (samples == 1 ? ", " : (rate >= 1 ? FormattableString.Invariant($" at {rate:G4} Hz, ") : $", {RateText.Of(rate)}, "))
            + learned
            + (columns.Said.Ahead is { TotalSeconds: var later } ? FormattableString.Invariant($" {later:0.###} s later, ") : ", ")
            + (samples == 1 ? "each row by itself; "
                : FormattableString.Invariant($"windows of {samples} rows, {samples / rate:0.###} s")
                    + (columns.Said.Ahead is null ? "; " : hop == 1 ? ", one at each row; " : $", one every {hop} rows; "))
            + "judged on "
            + (unseen.IsEmpty ? samples == 1 ? "a fifth of the rows, in five blocks spread over them"
                    : columns.Target is null ? "the last fifth of each class" : "the last fifth"
                : unseen.Length <= NamesShown ? string.Join(", ", unseen) : $"{unseen.Length} unseen devices");
    }

    /// <summary>Returns devices whose rows another one has, which would judge what it learned: those asked for stay, and otherwise the
    /// longer one.</summary>
    private static List<(string Name, string Note)> Copies(OwnRows rows, ImmutableArray<string> names, ImmutableArray<string> asked)
    {
        var (columns, kept, left) = (rows.Columns, new HashSet<int>(), new List<(string Name, string Note)>());
        if (columns.Copies.IsEmpty) { return left; }
        foreach (var (name, device) in names.Zip(rows.Devices).OrderByDescending(d => asked.Contains(d.First))
            .ThenByDescending(static d => d.Second.Labels.Length))
        {
            var at = columns.Devices.IndexOf(device.Name);
            var copy = columns.Copies.FirstOrDefault(c =>
                (c.First == at && kept.Contains(c.Second)) || (c.Second == at && kept.Contains(c.First)));
            if (copy == default) { kept.Add(at); }
            else
            {
                var other = columns.Devices[copy.First == at ? copy.Second : copy.First];
                left.Add((name, PrintableText.Of($"{copy.Text(device.Name, other)}: it is left out")));
            }
        }

        return left;
    }

    /// <summary>Returns the devices that an option names; empty: none.</summary>
    private static ImmutableArray<string> Asked(ImmutableArray<string> texts, ImmutableArray<string> names, ImmutableArray<string> asked)
    {
        if (asked.IsEmpty) { return []; }
        string[] unseen = [.. (asked is [var list] && !texts.Contains(list.Trim())
            ? list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : asked.Select(static a => a.Trim())).Distinct()];
        if (unseen.Length == 0) { throw new ProgramException("--unseen: expected devices, got none", ProgramExit.BadCommandLine); }
        var stranger = Array.Find(unseen, u => !texts.Contains(u) && !names.Contains(u));
        return stranger is null ? [.. names.Where((n, i) => unseen.Contains(texts[i]) || unseen.Contains(n))]
            : throw new ProgramException($"--unseen: there is no device '{stranger}', expected some of {string.Join(", ", texts)}",
                ProgramExit.BadCommandLine);
    }

    /// <summary>Returns the last of each five devices, or others without which more classes are learned.</summary>
    private static ImmutableArray<string> OneInFive(ImmutableArray<string> names, Dictionary<string, OwnDevice> devices)
    {
        if (names.Length < 2) { return []; }
        var every = Math.Max(2, Math.Min(UnseenShare, names.Length));
        var classes = names.Select(n => FitNotes.ClassesOf([devices[n]])).ToList();
        var held = Enumerable.Range(1, every).MaxBy(last =>
            classes.Where((_, i) => i % every != every - last).SelectMany(static c => c).Distinct().Count());
        return [.. names.Where((_, i) => i % every == every - held)];
    }
}
