namespace StreamLearn;

/// <summary>A run's checkpoint settings.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Keeps checkpoints in a folder.</summary>
    /// <param name="folder">The folder, created if absent. Only one run at a time may use it.</param>
    public CheckpointOptions(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = folder;
    }

    /// <summary>Keeps checkpoints outside a folder, such as on another machine. Messages held for a checkpoint wait until it is
    /// stored.</summary>
    /// <param name="keep">Stores one checkpoint; never called concurrently. The bytes are valid until its task completes, which means a run
    /// can resume from them (<see cref="Checkpoint.Read(ReadOnlyMemory{byte})"/>); only the newest is needed. After an
    /// <see cref="IOException"/> another checkpoint is made. Its token is canceled when the run stops.</param>
    public CheckpointOptions(Func<ReadOnlyMemory<byte>, CancellationToken, Task> keep)
    {
        ArgumentNullException.ThrowIfNull(keep);
        (Folder, Elsewhere) = ("", keep);
    }

    /// <summary>The folder; empty: stored elsewhere.</summary>
    public string Folder { get; }

    /// <summary>Time between checkpoints; above 0, up to 24 days, default 10 s. <see cref="Timeout.InfiniteTimeSpan"/>: only on request, or
    /// when a message waits for one.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Newest checkpoints kept in a folder; at least 1, default 3. If the newest is damaged, a run resumes from the previous one.
    /// On a full disk fewer are kept.</summary>
    public int Keep { get; init; } = 3;

    /// <summary>Longest time that an acknowledgement or a publication waits before a checkpoint starts for it: 0 to 24 days, default 100
    /// ms. A checkpoint starts at once when half of the allowed messages wait.</summary>
    public TimeSpan HoldAtMost { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The program's own state, saved and restored together with the blocks while no block is being called. Default null:
    /// none.</summary>
    public IStateful? State { get; init; }

    /// <summary>Stores checkpoints; null: in the folder.</summary>
    internal Func<ReadOnlyMemory<byte>, CancellationToken, Task>? Elsewhere { get; }

    internal IStorage? Storage { get; init; }

    /// <summary>The longest period that timers support.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <summary>Extends <see cref="Pipeline.Explain()"/> with checkpoints: when they are made, their maximum size, the longest expected
    /// pause at 1 GB/s, the blocks that save nothing, and what cannot be saved.</summary>
    public string Explain(Pipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return CheckpointText.Explain(pipeline, this);
    }

    internal CheckpointOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Keep, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(HoldAtMost, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(HoldAtMost, Longest);
        if ((Every <= TimeSpan.Zero || Every > Longest) && Every != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Every), Every, "expected a time above 0 and up to 24 days, or Timeout.InfiniteTimeSpan");
        }

        return this;
    }
}
