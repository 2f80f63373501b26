using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Simulated;

internal enum ModeChoice { Both, Async, Barrier }

internal enum StepChoice { Continuous, Rows }

[SuppressMessage("Performance", "CA1852", Justification = "The tool derives from it.")]
internal record FleetOptions
{
    public string Program { get; init; } = "streamlearn";   // prefix of its lines on standard error
    public DirectoryInfo? Data { get; init; }               // folder of recordings; null for generated data
    public int? Devices { get; init; }
    public long Seed { get; init; } = 42;
    public ModeChoice? Mode { get; init; }      // null for both modes
    public StepChoice? Steps { get; init; }     // null for continuous steps
    public double Goal { get; init; } = 0.80;
    public double? Seconds { get; init; }       // seconds of virtual time per run; null: the scenario's
    public bool Contrast { get; init; }
    public FileInfo? Scenario { get; init; }    // null for the default scenario
    public string? Graph { get; init; }         // output format, mermaid or dot
    public bool Explain { get; init; }
    public DirectoryInfo Out { get; init; } = new("out");
    public FileInfo? Json { get; init; }
    public string CommandLine { get; init; } = "";

    internal virtual string Title => "StreamLearn quickstart";

    internal virtual string HostName => "simulation";

    internal virtual string DefaultScenario => "faults.json";

    /// <summary>The command that answers rows with the saved model; null: the rows are not the user's.</summary>
    internal virtual string? AnswerCommand(string model) => null;

    internal string ScenarioFile => Scenario?.FullName ?? Path.Join(AppContext.BaseDirectory, DefaultScenario);

    /// <summary>True if devices train at full speed; false if each labeled window earns a step.</summary>
    internal bool Continuous => Steps is not StepChoice.Rows;
}
