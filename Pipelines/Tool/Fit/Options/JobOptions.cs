using System.Collections.Immutable;
using StreamLearn.Programs;
using StreamLearn.Tables;

namespace Tool;

internal enum HostKind { Simulation, Dataflow }

/// <summary>Path of rows from a sensor to its device.</summary>
internal enum RowsChoice { Inside, Link }

internal sealed record JobOptions : FleetOptions
{
    public FitCommand Kind { get; init; } = FitCommand.Fit;
    public string? Csv { get; init; }
    public string? Arrow { get; init; }
    public string? Label { get; init; }         // null: only a look is taken at the files
    public string? Device { get; init; }        // a column, file or none; null: it is found
    public double? Rate { get; init; }          // rows a second; null: the times say it
    public LookOptions Columns { get; init; } = new();      // what else is known of the columns
    public string? Unseen { get; init; }        // devices that judge, with commas between; null: a fifth of them
    public WindowLength? Window { get; init; }  // null: 2.56 s, or what the data allow
    public ModelKind? ModelAsked { get; init; }
    public bool Alone { get; init; }
    public double? Bound { get; init; }         // share of the answers whose set holds the right class; null: none
    public FileInfo? Answers { get; init; }     // that answers go to; null: standard output
    public FileInfo? Answer { get; init; }      // a saved model that answers the rows of the files; null: something is learned
    public bool Follow { get; init; }
    public int Seeds { get; init; } = 1;        // from Seed on
    public HostKind Host { get; init; }
    public Uri? Link { get; init; }             // null: the fleet meets in the process
    public bool RowsOverLink { get; init; }
    public FileInfo? Login { get; init; }
    public TimeSpan LinkTimeout { get; init; } = TimeSpan.FromSeconds(60);
    public FileInfo? Record { get; init; }
    public ImmutableArray<(string Option, string Value)> Recorded { get; init; } = [];      // those that a recording keeps for its replay
    public DirectoryInfo? Checkpoint { get; init; }         // where the job is saved, and from where it goes on; null: nowhere
    public FileInfo? Replay { get; init; }

    /// <summary>A value is learned on one machine unless a fleet mode is named.</summary>
    internal bool IsAlone => Alone || (Columns.Target is not null && Mode is null);

    /// <summary>Null: no recording.</summary>
    internal Func<Recording>? Recording => Record is { } file ? () => new(file, Recorded) : null;

    internal override string Title => "StreamLearn fit";

    /// <summary><c>simulation</c>, <c>dataflow</c>, <c>replay</c> or <c>alone</c>.</summary>
    internal override string HostName => Alone ? "alone" : Replay is null ? Host.ToString().ToLowerInvariant() : "replay";

    internal override string HostText => HostName + (Link is { } link ? $" over {link.ToString().TrimEnd('/')}" : "");

    internal override string? LinkName => Link is null ? null : EdgeServer.NameOf(Link);

    internal override bool IsVirtual => Host == HostKind.Simulation && Replay is null;

    internal override bool HasSpeeds => Replay is null;

    internal override string DefaultScenario => Rows is null ? base.DefaultScenario : "straggler.json";

    internal override string? AnswerCommand(string model) => Rows is null ? null
        : $"streamlearn answer {model} {RowsOption} '{Rows}'"
            + (Device is null or "none" ? "" : $" --device {OwnColumns.Quoted(Device)}")
            + (Columns.TimeFormat is { } format ? $" --time-format {OwnColumns.Quoted(format)}" : "")
            + string.Concat(Columns.Form.Options.Select(static o => $" {o}"))
            + (Arrow is null ? "" : " --out answers.arrow");

    internal string? Rows => Csv ?? Arrow;

    internal string RowsOption => Look.RowsOption;

    internal LookOptions Look => Columns with
    {
        Csv = Csv,
        Arrow = Arrow,
        Label = Label,
        Device = Device,
        Rate = Rate,
        EachRow = Window is { Seconds: null },
        TakesAll = Kind == FitCommand.Answer,
    };

    /// <summary>For one machine, or the rows of a fleet.</summary>
    internal TableFitOptions Fit => new()
    {
        Model = Model,
        Unseen = Unseen is { } asked ? [asked] : [],
        WindowSeconds = Window?.Seconds,
        EachRow = Window is { Seconds: null },
        Bound = Bound,
        MaxDevices = Devices,
        Seed = Seed,
    };

    internal ModelKind Model => ModelAsked ?? (Rows is null ? ModelKind.Conv : ModelKind.Auto);
}
