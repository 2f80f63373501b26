namespace StreamLearn;

/// <summary>Where and when a run saves its state.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Keeps checkpoints in a folder.</summary>
    /// <param name="folder">The folder; it is made if it is absent. One run at a time uses it.</param>
    public CheckpointOptions(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Folder = folder;
    }

    /// <summary>Keeps checkpoints elsewhere than in a folder: where another machine finds them when this one is gone. What waits for a
    /// checkpoint waits until it is there.</summary>
    /// <param name="keep">Called with the bytes of each checkpoint, which are good until it is done; never twice at once. Done when a run
    /// can go on from it elsewhere (<see cref="Checkpoint.Read(ReadOnlyMemory{byte})"/>); only the newest is needed. After an
    /// <see cref="IOException"/> another checkpoint is made. Its token is canceled when the run is stopped.</param>
    public CheckpointOptions(Func<ReadOnlyMemory<byte>, CancellationToken, Task> keep)
    {
        ArgumentNullException.ThrowIfNull(keep);
        (Folder, Elsewhere) = ("", keep);
    }

    /// <summary>The folder; empty: they are kept elsewhere.</summary>
    public string Folder { get; }

    /// <summary>Time from one checkpoint to the next; above 0 and up to 24 days. <see cref="Timeout.InfiniteTimeSpan"/>: only when one is
    /// asked for, or a message waits for it. Default 10 s.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Checkpoints kept in a folder, the newest ones; at least 1, default 3. If the newest is damaged, a run goes on from the one
    /// before. On a full disk fewer are kept: a new one takes the room of the oldest.</summary>
    public int Keep { get; init; } = 3;

    /// <summary>How long an acknowledgement or a publication waits at most before a checkpoint is begun for it: 0 to 24 days, default
    /// 100 ms. Where half of what may wait does, one is begun at once.</summary>
    public TimeSpan HoldAtMost { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Something of the program's own that is saved with the run, at the same moment as its blocks, such as what an action has
    /// counted; a run that goes on loads it. No call of any block is under way meanwhile. Null, the default: nothing.</summary>
    public IStateful? State { get; init; }

    /// <summary>Keeps them where there is no folder; null: there is one.</summary>
    internal Func<ReadOnlyMemory<byte>, CancellationToken, Task>? Elsewhere { get; }

    /// <summary>Where the files are; null: in the folder.</summary>
    internal IStorage? Storage { get; init; }

    /// <summary>What a timer can be set to.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <summary>What <see cref="Pipeline.Explain()"/> says, and of a run that keeps these checkpoints: when they are made, how large they
    /// may be, the longest pause expected at 1 GB/s, of which blocks nothing is saved, and what of the pipeline cannot be saved.</summary>
    /// <param name="pipeline">The pipeline.</param>
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
