using System.Collections.Immutable;
using StreamLearn.Programs;
using StreamLearn.Tables;

namespace Tool;

internal enum HostKind { Simulation, Dataflow }

internal enum ModeChoice { Both, Async, Barrier }

/// <summary>What earns a device a step.</summary>
internal enum StepChoice { Continuous, Rows }

/// <summary>Path of rows from a sensor to its device.</summary>
internal enum RowsChoice { Inside, Link }

internal sealed record JobOptions
{
    public FitCommand Kind { get; init; } = FitCommand.Fit;
    public string Program { get; init; } = "streamlearn";   // its lines on standard error begin with it
    public DirectoryInfo? Data { get; init; }               // recordings; null generates data
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
    public int? Devices { get; init; }          // null leaves the number to the data
    public long Seed { get; init; } = 42;
    public int Seeds { get; init; } = 1;        // from Seed on
    public HostKind Host { get; init; }
    public Uri? Link { get; init; }             // null: the fleet meets in the process
    public bool RowsOverLink { get; init; }
    public FileInfo? Login { get; init; }
    public TimeSpan LinkTimeout { get; init; } = TimeSpan.FromSeconds(60);
    public ModeChoice? Mode { get; init; }      // null: both in the simulation, async elsewhere
    public StepChoice? Steps { get; init; }     // null: continuous in the simulation, rows elsewhere
    public double Goal { get; init; } = 0.80;
    public double? Seconds { get; init; }       // of virtual time of a run; null: the scenario's
    public bool Contrast { get; init; }
    public FileInfo? Scenario { get; init; }    // null: the default world
    public string? Graph { get; init; }         // mermaid or dot
    public bool Explain { get; init; }
    public DirectoryInfo Out { get; init; } = new("out");
    public FileInfo? Json { get; init; }
    public FileInfo? Record { get; init; }
    public ImmutableArray<(string Option, string Value)> Recorded { get; init; } = [];      // those that a recording keeps for its replay
    public DirectoryInfo? Checkpoint { get; init; }         // where the job is saved, and from where it goes on; null: nowhere
    public FileInfo? Replay { get; init; }
    public string CommandLine { get; init; } = "";          // the words that repeat the job

    /// <summary>A value is learned on one machine unless a fleet mode is named.</summary>
    internal bool IsAlone => Alone || (Columns.Target is not null && Mode is null);

    /// <summary>Null: no recording.</summary>
    internal Func<Recording>? Recording => Record is { } file ? () => new(file, Recorded) : null;

    internal string Title => Kind == FitCommand.Demo ? "StreamLearn quickstart" : "StreamLearn fit";

    /// <summary><c>simulation</c>, <c>dataflow</c> or <c>replay</c>.</summary>
    internal string HostName => Replay is null ? Host.ToString().ToLowerInvariant() : "replay";

    /// <summary>Without secrets; null: in-process.</summary>
    internal string? LinkName => Link is null ? null : EdgeServer.NameOf(Link);

    internal string? Rows => Csv ?? Arrow;

    internal string RowsOption => Look.RowsOption;

    /// <summary>Speeds, links and faults.</summary>
    internal string ScenarioFile =>
        Scenario?.FullName ?? Path.Join(AppContext.BaseDirectory, Rows is null ? "faults.json" : "straggler.json");

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

    internal ModelKind Model => ModelAsked ?? (Rows is null ? ModelKind.Conv : ModelKind.Auto);

    internal bool IsVirtual => Host == HostKind.Simulation && Replay is null;

    /// <summary>True: trains at full speed; false: each labeled window earns a step.</summary>
    internal bool Continuous => (Steps ?? (IsVirtual ? StepChoice.Continuous : StepChoice.Rows)) == StepChoice.Continuous;
}
