using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Makes a fleet of the user's rows: roles of devices and window length.</summary>
internal static class OwnFleet
{
    private const string OneClassEach =
        "each device has rows of one class: a version waits for all, as one of some unlearns the others' classes";

    internal const string Shorter = "--window SECONDS makes shorter ones, --window row takes each row";

    /// <summary>Minimum of a device; starting within a recording costs up to two windows.</summary>
    private const int LeastWindows = FleetSettings.StartAfterWindows + 2;

    private const int MinSamples = 4;
    private const double RunSeconds = 300;
    private const double MostInWindows = 0.9;
    private const int NamesShown = 6;

    internal static FleetSource Read(JobOptions options) => Of(OwnRows.Read(Complete(FirstLook.At(options.Look))), options);

    /// <summary>The user's rows, recordings or generated ones.</summary>
    internal static FleetSource SourceOf(JobOptions options) => options.Rows is not null ? Read(options)
        : FleetSource.From(options, windowOf: options.Window is { } window ? rate => SamplesOf(window, rate) : null);

    internal static OwnColumns Complete(OwnColumns columns) => !columns.Unfit.IsEmpty
        ? throw new ProgramException($"{columns.Files.Option}: {string.Join("; ", columns.Unfit)}"
            + (columns.IgnoreOption is { } without ? $"; {without} leaves out what files lack" : ""), ExitCode.DataRefused)
        : columns.Missing.IsEmpty ? columns
        : throw new ProgramException($"{columns.Files.Option}: missing: {string.Join("; ", columns.Missing)}", ExitCode.BadCommandLine);

    internal static FleetSource Of(OwnRows rows, JobOptions options)
    {
        ImmutableArray<string> texts = [.. rows.Devices.Select(static d => d.Name)];
        var names = Printable.Names(texts);
        rows = rows with { Devices = [.. rows.Devices.Zip(names, static (d, name) => d with { Name = name })] };
        var unseen = Unseen(texts, names, options);
        var learning = names.RemoveRange(unseen);
        if (options.Devices is { } most) { learning = [.. learning.Take(most)]; }
        if (learning.IsEmpty) { throw new ProgramException("--unseen: no device is left to learn from", ExitCode.BadCommandLine); }
        var byName = rows.Devices.ToDictionary(static d => d.Name);
        var (rate, samples) = (rows.Columns.Rate!.Value, SamplesOf(rows, options.Window));
        var none = names.RemoveAll(n => HasWindow(byName[n], samples));
        if (learning.Any(n => !none.Contains(n)))       // else it is said when nothing can be learned
        {
            (learning, unseen) = (learning.RemoveRange(none), unseen.RemoveRange(none));
        }

        var few = options.IsAlone ? [] : learning.RemoveAll(n => Windows(byName[n], samples) >= LeastWindows);
        if (few.Length == learning.Length) { few = []; }
        learning = learning.RemoveRange(few);
        var longest = learning.Max(n => byName[n].Labels.Length) / rate;
        var ofClasses = rows.Columns.Target is null;
        var oneLabel = ofClasses && !rows.Columns.ForecastsClasses;     // of a window
        var oneEach = ofClasses && learning.Length > 1
            && learning.All(n => byName[n].Labels.Where(static l => l >= 0).Distinct().Take(2).Count() < 2);
        return new(
            FormattableString.Invariant($"{rows.Columns.Pattern}: {Devices(learning.Length)}, {rows.Columns.Channels.Length} channels")
                + (samples == 1 ? ", " : FormattableString.Invariant($" at {rate:G4} Hz, "))
                + Learned(rows.Columns)
                + (samples == 1 ? "each row by itself; "
                    : FormattableString.Invariant($"windows of {samples} rows, {samples / rate:0.###} s; "))
                + "judged on "
                + (unseen.IsEmpty ? samples == 1 ? "a fifth of the rows, in five blocks spread over them"
                        : ofClasses ? "the last fifth of each class" : "the last fifth"
                    : unseen.Length <= 6 ? string.Join(", ", unseen) : $"{unseen.Length} unseen devices"),
            learning,
            unseen,
            name => byName[name].Labels.Length,
            Printable.Distinct(rows.Columns.Classes),
            [.. rows.Columns.Channels.Select(static c => c.Field.Name)],
            "recording",
            (builder, name, play) => builder.FromOwn(rows, byName[name], play))
        {
            RowsPerSecond = rate,
            WindowSamples = samples,
            Schema = rows.Columns.Schema,
            Judges = "devices",
            Target = rows.Columns.Target is { } target ? target.Field with { Name = target.Source } : null,
            Ahead = rows.Columns.Said.Ahead,
            NowColumn = rows.Columns.ForecastsClasses ? OwnColumns.ClassOfNow : null,
            Notes =
            [
                .. rows.Columns.Told.Select(static t => PrintableText.Of(t)), .. Renamed(texts, names), .. rows.Notes,
                .. oneLabel ? TooShort(rows, samples) : [], .. WithoutWindow(none, oneLabel),
                .. TooFew(few), .. TargetTwins.Lines(rows), .. options.Bound is null ? [] : WithoutBound(learning.Length, unseen.Length),
                .. oneEach && !options.Alone ? new[] { OneClassEach } : [],
                .. ofClasses ? Judged(rows.Columns, [.. learning.Select(n => byName[n])], [.. unseen.Select(n => byName[n])]) : [],
            ],
            StuckRows = false,
            HasOneClassEach = oneEach,
            AdjustLogits = ofClasses && !oneEach
                && ClassBalance.IsEven(rows.Devices.SelectMany(static d => d.Labels.Select(static l => (int)l))),
            ReplaySpeed = Math.Max(8, 2 * longest / (options.Seconds ?? RunSeconds)),
        };
    }

    private static IEnumerable<string> WithoutBound(int learning, int unseen)
    {
        const int Least = ConformalScores.MinGroups;
        if (learning >= Least) { yield break; }
        yield return FormattableString.Invariant($"--bound: {Devices(learning)} judge by turns, of {Least} that a promise needs: ")
            + "there will be " + (learning + unseen > Least ? "none; --unseen names fewer who do not learn" : "none");
    }

    private static string Learned(OwnColumns columns) => (columns.Target is { } target
            ? $"value '{target.Source}'{(target.Field.Unit == Unit.One ? "" : $" in {target.Field.Unit}")}"
            : FormattableString.Invariant($"{columns.Classes.Length} classes of '{columns.Label}'"))
        + (columns.Said.Ahead is { TotalSeconds: var later } ? FormattableString.Invariant($" {later:0.###} s later, ") : ", ");

    /// <summary>2.56 s or 64 rows, at most half of a label's usual run.</summary>
    private static int SamplesOf(OwnRows rows, WindowLength? window)
    {
        var rate = rows.Columns.Rate!.Value;
        return window is { } asked ? SamplesOf(asked, rate) : WindowSamples.Of(rate, Runs(rows));
    }

    /// <summary>Even; 1 for single rows.</summary>
    /// <exception cref="ProgramException">They are too few or too many.</exception>
    internal static int SamplesOf(WindowLength window, double rate)
    {
        if (window.Seconds is not { } seconds) { return 1; }
        var samples = seconds * rate;
        if (samples is < MinSamples or > WindowSamples.Most)
        {
            throw new ProgramException(FormattableString.Invariant(
                $"--window: expected {MinSamples / rate:0.###} to {WindowSamples.Most / rate:0.###} s, {MinSamples} to ")
                + FormattableString.Invariant($"{WindowSamples.Most} rows at {rate:G4} Hz"), ExitCode.BadCommandLine);
        }

        return 2 * (int)Math.Round(samples / 2);
    }

    private static IEnumerable<string> Renamed(ImmutableArray<string> texts, ImmutableArray<string> names)
    {
        var others = texts.Zip(names).Where(static d => d.First != d.Second).ToList();
        if (others.Count == 0) { yield break; }
        yield return "devices are called here: "
            + string.Join(", ", others.Take(NamesShown).Select(static d => $"'{PrintableText.Of(d.First)}' {d.Second}"))
            + (others.Count > NamesShown ? ", …" : "");
    }

    private static IEnumerable<string> TooShort(OwnRows rows, int samples)
    {
        var share = WindowSamples.ShareLasting(Runs(rows), samples);
        if (share < MostInWindows)
        {
            yield return FormattableString.Invariant($"only {share:P0} of the labelled rows keep their label for a window: nothing is ")
                + $"learned from the others, and no accuracy is of them; {Shorter}";
        }
    }

    /// <summary>A device without a window of one label never sends anything, and a barrier would wait for it.</summary>
    private static bool HasWindow(OwnDevice device, int samples) =>
        device.TellsByLast ? Windows(device, samples) > 0 : Runs(device).Any(r => r >= samples);

    private static IEnumerable<string> WithoutWindow(ImmutableArray<string> devices, bool oneLabel)
    {
        if (devices.IsEmpty) { yield break; }
        yield return $"{Named(devices)}: no rows {(oneLabel ? "of one label for a window" : "enough for a window")}, so they count "
            + $"nothing; {Shorter}";
    }

    private static string Named(ImmutableArray<string> devices) =>
        string.Join(", ", devices.Take(NamesShown)) + (devices.Length > NamesShown ? ", …" : "");

    private static IEnumerable<string> TooFew(ImmutableArray<string> devices)
    {
        if (devices.IsEmpty) { yield break; }
        yield return FormattableString.Invariant($"{Named(devices)}: fewer than {LeastWindows} windows, too few to learn from in a ")
            + "fleet, so they are left out; --alone learns from them";
    }

    private static IEnumerable<string> Judged(OwnColumns columns, ImmutableArray<OwnDevice> learning, ImmutableArray<OwnDevice> unseen)
    {
        const string Remedy = "--device none takes the last fifth of each class to judge, --unseen names other devices";
        var (judged, names) = (ClassesOf(unseen), Printable.Distinct(columns.Classes));
        var strangers = judged.Except(ClassesOf(learning)).ToList();
        if (strangers.Count > 0)
        {
            yield return $"nobody learns {string.Join(", ", strangers.Select(k => names[k]))}, which unseen devices have, so no answer to "
                + $"that can be right; {Remedy}";
        }
        else if (judged is [var only])
        {
            yield return $"the unseen devices have rows of one class, {names[only]}: an accuracy on them says little; {Remedy}";
        }
    }

    private static List<int> ClassesOf(ImmutableArray<OwnDevice> devices) =>
        [.. devices.SelectMany(static d => d.Labels).Where(static l => l >= 0).Select(static l => (int)l).Distinct().Order()];

    /// <summary>Windows of one label, or with a target in the last row; they overlap by half.</summary>
    private static int Windows(OwnDevice device, int samples)
    {
        var (hop, count) = (Math.Max(1, samples / 2), 0);
        foreach (var part in device.Parts)
        {
            var labels = device.Labels.AsSpan(part.Offset, part.Rows);
            if (device.TellsByLast)
            {
                for (var last = samples - 1; last < labels.Length; last += hop) { count += labels[last] >= 0 ? 1 : 0; }
                continue;
            }

            for (var (first, row) = (0, 1); row <= labels.Length; row++)
            {
                if (row < labels.Length && labels[row] == labels[first]) { continue; }
                if (labels[first] >= 0 && row - first >= samples) { count += ((row - samples) / hop) - ((first + hop - 1) / hop) + 1; }
                first = row;
            }
        }

        return count;
    }

    private static IEnumerable<int> Runs(OwnRows rows) => rows.Devices.SelectMany(Runs);

    private static IEnumerable<int> Runs(OwnDevice device) => device.TellsByLast ? device.Parts.Select(static p => p.Rows)
        : device.Parts
        .SelectMany(p => LabelRuns.Of(device.Labels.Skip(p.Offset).Take(p.Rows).Select(static l => (int)l), isWhole: true));

    private static string Devices(int count) => count == 1 ? "one device" : FormattableString.Invariant($"{count} devices");

    private static ImmutableArray<string> Unseen(ImmutableArray<string> texts, ImmutableArray<string> names, JobOptions options)
    {
        if (options.Unseen is { } asked)
        {
            string[] unseen = texts.Contains(asked.Trim()) ? [asked.Trim()]
                : [.. asked.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
            if (unseen.Length == 0) { throw new ProgramException("--unseen: expected devices, got none", ExitCode.BadCommandLine); }
            var stranger = Array.Find(unseen, u => !texts.Contains(u) && !names.Contains(u));
            return stranger is null ? [.. names.Where((n, i) => unseen.Contains(texts[i]) || unseen.Contains(n))]
                : throw new ProgramException($"--unseen: there is no device '{stranger}', expected some of {string.Join(", ", texts)}",
                    ExitCode.BadCommandLine);
        }

        if (names.Length < 2) { return []; }
        var every = Math.Max(2, Math.Min(5, names.Length));
        return [.. names.Where((_, i) => i % every == every - 1)];
    }
}
