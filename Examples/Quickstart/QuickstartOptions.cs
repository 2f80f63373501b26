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
    public DirectoryInfo? Data { get; init; }

    public int? Devices { get; init; }

    public long Seed { get; init; } = 42;

    public HostKind Host { get; init; }

    public AggregationKind Aggregation { get; init; }

    public FileInfo? Scenario { get; init; }

    public string? Graph { get; init; }

    public bool Explain { get; init; }

    public DirectoryInfo? Out { get; init; }

    public FileInfo? Json { get; init; }

    public FileInfo? Record { get; init; }

    public FileInfo? Replay { get; init; }
}

/// <summary>The program cannot do what was asked; the message is one line with a fix, and the code is the exit code.</summary>
internal sealed class QuickstartException(string message, int exitCode) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>Exit codes.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int BadCommandLine = 2;
    public const int DataRefused = 65;
    public const int CannotWrite = 73;
    public const int BadScenario = 78;
    public const int Interrupted = 130;
}
