namespace Quickstart;

/// <summary>Which host runs the fleet.</summary>
internal enum HostKind
{
    Simulation,
    Dataflow,
}

/// <summary>How updates become model versions.</summary>
internal enum AggregationKind
{
    FedBuff,
    FedAvg,
}

/// <summary>What the command line asks for.</summary>
internal sealed record QuickstartOptions
{
    /// <summary>Folder of recordings; null generates data.</summary>
    public DirectoryInfo? Data { get; init; }

    /// <summary>Devices asked for; null leaves the number to the data.</summary>
    public int? Devices { get; init; }

    /// <summary>Seed of every random stream.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Which host runs the fleet.</summary>
    public HostKind Host { get; init; }

    /// <summary>How updates become versions.</summary>
    public AggregationKind Aggregation { get; init; }

    /// <summary>File of speeds and links; null for the default world.</summary>
    public FileInfo? Scenario { get; init; }

    /// <summary><c>mermaid</c> or <c>dot</c> to print the graphs and end.</summary>
    public string? Graph { get; init; }

    /// <summary>True to print the explanation and end.</summary>
    public bool Explain { get; init; }

    /// <summary>Folder for all results.</summary>
    public DirectoryInfo? Out { get; init; }

    /// <summary>File for the result.</summary>
    public FileInfo? Json { get; init; }

    /// <summary>File for a recording of the run.</summary>
    public FileInfo? Record { get; init; }

    /// <summary>Recording to repeat.</summary>
    public FileInfo? Replay { get; init; }
}

/// <summary>The program cannot do what was asked; the message is one line with a fix, and the code is the exit code.</summary>
internal sealed class QuickstartException(string message, int exitCode) : Exception(message)
{
    /// <summary>What the program ends with.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>Exit codes.</summary>
internal static class ExitCode
{
    /// <summary>The fleet ran, no device failed, and every row is accounted for.</summary>
    public const int Done = 0;
    /// <summary>A device or the aggregator failed, or the row ledger does not add up.</summary>
    public const int Failed = 1;
    /// <summary>The command line cannot be understood.</summary>
    public const int BadCommandLine = 2;
    /// <summary>The data or the recording cannot be read.</summary>
    public const int DataRefused = 65;
    /// <summary>A result cannot be written.</summary>
    public const int CannotWrite = 73;
    /// <summary>The scenario is refused.</summary>
    public const int BadScenario = 78;
    /// <summary>The run was interrupted.</summary>
    public const int Interrupted = 130;
}
