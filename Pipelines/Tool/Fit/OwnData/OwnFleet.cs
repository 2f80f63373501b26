using StreamLearn.Tables;

namespace Tool;

/// <summary>Makes a fleet from the rows of files, and rows for one machine from those of a fleet.</summary>
internal static class OwnFleet
{
    /// <summary>Minimum windows of a device; starting within a recording costs up to two windows.</summary>
    private const int MinWindows = FleetSettings.StartAfterWindows + 2;

    private const double RunSeconds = 300;
    private const double MinSpeed = 8;

    /// <summary>Reads the user's rows: who learns, who judges, and how long a window is.</summary>
    /// <exception cref="ProgramException">Something is missing, or no label is said and the found one is not certain.</exception>
    internal static FitRows RowsOf(JobOptions options)
    {
        var look = OwnRows.Complete(FirstLook.At(options.Look));
        var why = options.From is { Label: null, Target: null } ? LookAtLabels.Certain(look, out var candidates)
            ?? throw new ProgramException($"--label: choose the column with the class: {candidates}; or --target, the column with the "
                + $"value; streamlearn look {look.Files.Option} {OwnColumns.Quoted(look.Pattern)} shows them all", ExitCode.BadCommandLine)
            : null;
        return RolesOf(OwnRows.Read(look), options) with { LabelFound = why };
    }

    internal static FleetSource Read(JobOptions options) => Of(RowsOf(options), options);

    internal static FleetSource Of(OwnRows rows, JobOptions options) => Of(RolesOf(rows, options), options);

    /// <summary>Returns the user's rows, recordings or generated rows.</summary>
    internal static FleetSource SourceOf(JobOptions options) => options.Rows is not null ? Read(options)
        : FleetSource.From(options, windowOf: options.Window is not { } window ? null
            : rate => window.Seconds is { } seconds ? FitRoles.SamplesOf(seconds, rate) : 1);

    private static FitRows RolesOf(OwnRows rows, JobOptions options) =>
        FitRoles.Of(rows, options.Fit, options.IsAlone ? 0 : MinWindows) with { Option = options.RowsOption };

    internal static FleetSource Of(FitRows rows, JobOptions options)
    {
        var own = rows.Own!;
        var (columns, byName) = (own.Columns, own.Devices.ToDictionary(static d => d.Name));
        var rate = columns.Rate!.Value;
        var longest = rows.Devices.Max(n => byName[n].Labels.Length) / rate;
        return new(rows.Description, rows.Devices, rows.Unseen, rows.RowsOf, rows.Classes,
            [.. columns.Channels.Select(static c => c.Field.Name)], rows.Segment,
            (builder, name, play) => builder.FromOwn(own, byName[name], play, new(play.Speed, play.Phase, play.Start, play.StayOpen)))
        {
            RowsPerSecond = rate,
            WindowSamples = rows.Preparation.WindowRows,
            HopSamples = rows.Preparation.HopRows,
            Schema = columns.Schema,
            Judges = "devices",
            Target = rows.Target,
            Ahead = rows.Ahead,
            NowColumn = rows.NowColumn,
            Notes = rows.Notes,
            Learned = rows.Learned,
            StuckRows = false,
            HasOneClassEach = rows.HasOneClassEach,
            AdjustLogits = rows is { Target: null, HasOneClassEach: false }
                && ClassBalance.IsEven(own.Devices.SelectMany(static d => d.Labels.Select(static l => (int)l))),
            ReplaySpeed = Math.Max(MinSpeed, 2 * longest / (options.Seconds ?? RunSeconds)),
        };
    }

    extension(FleetSource source)
    {
        /// <summary><paramref name="option"/>: names the rows in error messages.</summary>
        internal FitRows ToRows(string option = OwnCsv.Name) => new(source.Description, source.Devices, source.Unseen, source.Classes,
            source.Preparation, source.RowsOf, (builder, name) => source.Open(builder, name, Playback.Plain))
        {
            Option = option,
            Segment = source.Segment,
            Target = source.Target,
            Ahead = source.Ahead,
            NowColumn = source.NowColumn,
            Objective = source.Objective,
            Notes = source.Notes,
            Learned = source.Learned,
        };
    }

    internal static FitAnswers ToFit(this HeldAnswers answers) => new(answers.Probabilities, answers.Labels, [], answers.Owners);

    extension(LabelledWindows windows)
    {
        internal FitWindows ToFit() => new(windows.Features, windows.Labels, windows.Owners, windows.Names) { Now = windows.Now };
    }
}
