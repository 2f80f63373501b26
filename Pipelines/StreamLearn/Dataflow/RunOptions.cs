namespace StreamLearn;

/// <summary>How fast local sources go in the dataflow host.</summary>
public enum Pace
{
    /// <summary>Each message waits for its time (<see cref="Source.NextAt"/>). The default.</summary>
    Original,

    /// <summary>As fast as the pipeline takes them.</summary>
    AsFastAsPossible,
}

/// <summary>Settings of one run in the dataflow host.</summary>
public sealed record RunOptions
{
    /// <summary>Seed of every named random stream; default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Which start of the pipeline this is, 0 or more; rises at each. It belongs to the identity of what the run publishes, so
    /// that a new start never uses an old one's again. Null, the default: the time of the start, in milliseconds since 1970.</summary>
    public long? Epoch { get; init; }

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Pace of local sources; default original.</summary>
    public Pace Pace { get; init; }

    /// <summary>How many times slower than this machine the device is: each call is followed by a wait of (factor − 1) × its measured
    /// time, and its outputs leave after that. At least 1; default 1.</summary>
    public double Slowdown { get; init; } = 1;

    /// <summary>Where the run is recorded for replay in the simulation; null records nothing.</summary>
    public RunRecorder? Recorder { get; init; }

    /// <summary>Where the run saves its state, so that another can go on from it; null, the default: nowhere.</summary>
    public CheckpointOptions? Checkpoints { get; init; }

    /// <summary>The state that the run goes on from, such as <see cref="Checkpoint.Newest"/>; null, the default: it begins anew.</summary>
    public Checkpoint? StartFrom { get; init; }

    /// <summary>True: for tests. Batches are never used again and their memory is spoiled when it comes back.</summary>
    public bool GuardMemory { get; init; }
}
