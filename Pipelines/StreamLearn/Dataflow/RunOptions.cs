namespace StreamLearn;

/// <summary>The pace of local sources in the dataflow host.</summary>
public enum Pace
{
    /// <summary>Each message waits for its time (<see cref="Source.NextAt"/>); the default.</summary>
    Original,

    /// <summary>Messages are emitted as fast as the pipeline accepts them.</summary>
    AsFastAsPossible,
}

/// <summary>Settings of a dataflow host run.</summary>
public sealed record RunOptions
{
    /// <summary>Random seed; default 0.</summary>
    public long Seed { get; init; }

    /// <summary>The number of this start of the pipeline, 0 or more, increasing. It makes the identities of published messages unique
    /// across starts. Default null: the start time in milliseconds since 1970.</summary>
    public long? Epoch { get; init; }

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Pace of local sources; default original.</summary>
    public Pace Pace { get; init; }

    /// <summary>How many times slower the device is than this machine; at least 1, default 1. The outputs of each call are delayed by
    /// (factor − 1) × its measured time.</summary>
    public double Slowdown { get; init; } = 1;

    /// <summary>Records the run for replay in the simulation; null: not recorded.</summary>
    public RunRecorder? Recorder { get; init; }

    /// <summary>Where the run saves its state; default null: nowhere.</summary>
    public CheckpointOptions? Checkpoints { get; init; }

    /// <summary>The checkpoint to resume from, such as <see cref="Checkpoint.Newest"/>; default null: a fresh start.</summary>
    public Checkpoint? StartFrom { get; init; }

    /// <summary>True, for tests: returned batch memory is overwritten and never reused.</summary>
    public bool GuardMemory { get; init; }
}
