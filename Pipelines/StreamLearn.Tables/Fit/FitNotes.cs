namespace StreamLearn.Tables;

/// <summary>Notes on rows before learning, one per line.</summary>
internal static class FitNotes
{
    internal const string Shorter = "use a shorter --window SECONDS, or --window row";

    internal const string OneClassEach =
        "each device has rows of one class, so each version waits for all devices: otherwise the model forgets classes";

    private const double MinInWindows = 0.9;
    private const double MinOfClass = 0.5;
    private const double MinChanging = 0.05;
    private const int NamesShown = 6;

    internal static string Devices(int count) => count == 1 ? "one device" : FormattableString.Invariant($"{count} devices");

    internal static IEnumerable<string> WithoutBound(double coverage, int learning, int unseen)
    {
        var least = ConformalScores.GroupsFor(coverage);
        if (learning >= least) { yield break; }
        yield return FormattableString.Invariant($"no bound: it needs {least} devices, there are {Devices(learning)}; ")
            + (learning + unseen > least ? "hold out fewer with --unseen" : "none is measured");
    }

    internal static string Scored(ConformalScores? scores) =>
        scores is null ? "no scores" : $"too few scores, of {Devices(scores.Groups)},";

    internal static IEnumerable<string> ByCalendar(CalendarInputs? calendar)
    {
        if (calendar is null) { yield break; }
        yield return $"the hour{(calendar.OfWeek ? " and the day of the week" : "")} of the forecast, in UTC, is an input of lags";
    }

    internal static IEnumerable<string> Renamed(ImmutableArray<string> texts, ImmutableArray<string> names)
    {
        var others = texts.Zip(names).Where(static d => d.First != d.Second).ToList();
        if (others.Count == 0) { yield break; }
        yield return "names of devices: "
            + Printable.Listed(others.ConvertAll(static d => $"'{PrintableText.Of(d.First)}' {d.Second}"), NamesShown);
    }

    /// <summary>Says of windows with a change of label, which <c>answer</c> answers too, that no accuracy counts them.</summary>
    internal static IEnumerable<string> Changing(double share)
    {
        if (share < MinChanging) { yield break; }
        yield return FormattableString.Invariant($"{share:P0} of the windows have a change of label inside: they are neither learned from ")
            + $"nor judged, and answers to them may be wrong; {Shorter}";
    }

    internal static IEnumerable<string> TooShort(OwnRows rows, int samples)
    {
        var share = WindowSamples.ShareLasting(rows.Runs, samples);
        if (share < MinInWindows)
        {
            yield return FormattableString.Invariant($"only {share:P0} of the labelled rows keep their label for a window: the ")
                + $"others are neither learned from nor judged; {Shorter}";
        }

        foreach (var same in rows.Devices.SelectMany(static d => d.RunsOfLabels).GroupBy(static r => r.Label).OrderBy(static g => g.Key))
        {
            if (WindowSamples.ShareLasting(same.Select(static r => r.Rows), samples) is < MinOfClass and var lasting)
            {
                yield return FormattableString.Invariant($"'{rows.Columns.Classes[same.Key]}' lasts for a window in {lasting:P0} of its ")
                    + $"rows: it is hardly learned; {Shorter}";
            }
        }
    }

    internal static IEnumerable<string> WithoutWindow(ImmutableArray<string> devices, bool oneLabel)
    {
        if (devices.IsEmpty) { yield break; }
        yield return $"{Named(devices)}: no rows {(oneLabel ? "of one label for a window" : "enough for a window")}, or too few a "
            + $"second for the rate, so they are not used; {Shorter}";
    }

    internal static IEnumerable<string> TooFew(ImmutableArray<string> devices, int minWindows)
    {
        if (devices.IsEmpty) { yield break; }
        yield return FormattableString.Invariant($"{Named(devices)}: fewer than {minWindows} windows, too few for a ")
            + "fleet, so they are left out; one machine, without --fleet, learns from them";
    }

    internal static IEnumerable<string> Judged(OwnColumns columns, IEnumerable<OwnDevice> learning, IEnumerable<OwnDevice> unseen)
    {
        const string Remedy = "--device none holds out the last fifth of each class, --unseen chooses other devices";
        var (learned, judged, names) = (ClassesOf(learning), ClassesOf(unseen), Printable.Distinct(columns.Classes));
        if (judged.Except(learned).ToList() is { Count: > 0 } strangers)
        {
            yield return $"no device learns {Listed(strangers)}, a class of unseen devices, so no "
                + $"answer for it can be right; {Remedy}";
        }
        else if (judged is [var only])
        {
            yield return $"the unseen devices have rows of one class, {names[only]}: their accuracy says little; {Remedy}";
        }
        else if (judged.Count > 0 && learned.Except(judged).ToList() is { Count: > 0 } others)
        {
            yield return $"no unseen device has {Listed(others)}: how right answers are for it is not judged; {Remedy}";
        }

        string Listed(List<int> classes) => Printable.Listed(classes.ConvertAll(k => names[k]), NamesShown);
    }

    internal static List<int> ClassesOf(IEnumerable<OwnDevice> devices) =>
        [.. devices.SelectMany(static d => d.Labels).Where(static l => l >= 0).Select(static l => (int)l).Distinct().Order()];

    private static string Named(ImmutableArray<string> devices) => Printable.Listed(devices, NamesShown);
}
