using System.Collections.Immutable;
using StreamLearn.Programs;

namespace Tool;

/// <summary>Which host runs the fleet.</summary>
internal enum HostKind
{
    Simulation,
    Dataflow,
}

/// <summary>Which ways of training run.</summary>
internal enum ModeChoice
{
    Both,
    Async,
    Barrier,
}

/// <summary>What earns a device a step.</summary>
internal enum StepChoice
{
    Continuous,
    Rows,
}

/// <summary>How rows come from a sensor to its device.</summary>
internal enum RowsChoice
{
    Inside,
    Link,
}

/// <summary>What is learned.</summary>
internal enum ModelKind
{
    Conv,
    Features,
    Auto,
    Linear,
}

/// <summary>What a command line asks for.</summary>
internal sealed record JobOptions
{
    /// <summary>What the command does.</summary>
    public FitCommand Kind { get; init; } = FitCommand.Fit;

    /// <summary>The name of the program: its lines on standard error begin with it.</summary>
    public string Program { get; init; } = "streamlearn";

    /// <summary>Folder of recordings; null generates data.</summary>
    public DirectoryInfo? Data { get; init; }

    /// <summary>Files of somebody's rows; null: none.</summary>
    public string? Csv { get; init; }

    /// <summary>Files of somebody's rows in Arrow; null: none.</summary>
    public string? Arrow { get; init; }

    /// <summary>The column with the class; null: only a look is taken at the files.</summary>
    public string? Label { get; init; }

    /// <summary>The column with the device, <c>file</c> or <c>none</c>; null: it is found.</summary>
    public string? Device { get; init; }

    /// <summary>Rows a second; null: the times say it.</summary>
    public double? Rate { get; init; }

    /// <summary>Names of the devices that judge, with commas between; null: a fifth of them.</summary>
    public string? Unseen { get; init; }

    /// <summary>Length of a window in seconds; null: 2.56 s, or what the data allow.</summary>
    public double? Window { get; init; }

    /// <summary>What is learned; null: auto for files of rows, else conv.</summary>
    public ModelKind? ModelAsked { get; init; }

    /// <summary>True: no fleet; one machine learns from all rows.</summary>
    public bool Alone { get; init; }

    /// <summary>The file that answers go to; null: standard output.</summary>
    public FileInfo? Answers { get; init; }

    /// <summary>A saved model that answers the rows of the files; null: something is learned.</summary>
    public FileInfo? Answer { get; init; }

    /// <summary>True: answers go on as the file grows.</summary>
    public bool Follow { get; init; }

    /// <summary>Devices asked for; null leaves the number to the data.</summary>
    public int? Devices { get; init; }

    /// <summary>Seed of every random stream.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>How many seeds the job is made with, from <see cref="Seed"/> on. Default 1.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>Which host runs the fleet.</summary>
    public HostKind Host { get; init; }

    /// <summary>The server that the fleet meets at; null: it meets in the process.</summary>
    public Uri? Link { get; init; }

    /// <summary>True: sensors send their rows to their devices over the server.</summary>
    public bool RowsOverLink { get; init; }

    /// <summary>File of user name and password for the server.</summary>
    public FileInfo? Login { get; init; }

    /// <summary>How long a run waits for a server that is away. Default 60 s.</summary>
    public TimeSpan LinkTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Which ways of training run; null: both in the simulation, async elsewhere.</summary>
    public ModeChoice? Mode { get; init; }

    /// <summary>What earns a device a step; null: continuous in the simulation, rows elsewhere.</summary>
    public StepChoice? Steps { get; init; }

    /// <summary>Accuracy whose time is measured.</summary>
    public double Target { get; init; } = 0.80;

    /// <summary>Virtual time of a run; null for the scenario's.</summary>
    public double? Seconds { get; init; }

    /// <summary>True to run both ways with recordings at their own speed too.</summary>
    public bool Contrast { get; init; }

    /// <summary>File of speeds and links; null for the default world.</summary>
    public FileInfo? Scenario { get; init; }

    /// <summary><c>mermaid</c> or <c>dot</c> to print the graphs and end.</summary>
    public string? Graph { get; init; }

    /// <summary>True to print the explanation and end.</summary>
    public bool Explain { get; init; }

    /// <summary>Folder for the report and all results.</summary>
    public DirectoryInfo Out { get; init; } = new("out");

    /// <summary>File for the result.</summary>
    public FileInfo? Json { get; init; }

    /// <summary>File for a recording of the run.</summary>
    public FileInfo? Record { get; init; }

    /// <summary>The options that a recording keeps for its replay.</summary>
    public ImmutableArray<(string Option, string Value)> Recorded { get; init; } = [];

    /// <summary>Folder where the job is saved, and from where it goes on; null: nowhere.</summary>
    public DirectoryInfo? Checkpoint { get; init; }

    /// <summary>Recording to repeat.</summary>
    public FileInfo? Replay { get; init; }

    /// <summary>The words that repeat the job.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>Begins a recording; null: none is asked for.</summary>
    internal Func<Recording>? Recording => Record is { } file ? () => new(file, Recorded) : null;

    /// <summary>What the first line for people begins with.</summary>
    internal string Title => Kind == FitCommand.Demo ? "StreamLearn quickstart" : "StreamLearn fit";

    /// <summary><c>simulation</c>, <c>dataflow</c> or <c>replay</c>.</summary>
    internal string HostName => Replay is null ? Host.ToString().ToLowerInvariant() : "replay";

    /// <summary>The server that the fleet meets at, without anything secret; null: it meets in the process.</summary>
    internal string? LinkName => Link is null ? null : EdgeServer.NameOf(Link);

    /// <summary>Files of somebody's rows, of whatever form; null: none.</summary>
    internal string? Rows => Csv ?? Arrow;

    /// <summary>The option that names them.</summary>
    internal string RowsOption => Look.RowsOption;

    /// <summary>What is known of somebody's files.</summary>
    internal LookOptions Look => new() { Csv = Csv, Arrow = Arrow, Label = Label, Device = Device, Rate = Rate };

    /// <summary>What is learned.</summary>
    internal ModelKind Model => ModelAsked ?? (Rows is null ? ModelKind.Conv : ModelKind.Auto);

    /// <summary>True if the run is one in virtual time.</summary>
    internal bool IsVirtual => Host == HostKind.Simulation && Replay is null;

    /// <summary>True if devices train as fast as they can; false if each labelled window earns a step.</summary>
    internal bool Continuous => (Steps ?? (IsVirtual ? StepChoice.Continuous : StepChoice.Rows)) == StepChoice.Continuous;
}
