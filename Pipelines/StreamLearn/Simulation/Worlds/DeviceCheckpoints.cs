namespace StreamLearn.Simulation;

/// <summary>When a virtual device saves its state, and what that costs.</summary>
public sealed record DeviceCheckpoints
{
    /// <summary>Time from one checkpoint to the next; a device that makes no calls saves nothing. Default 10 s.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an acknowledgement or a publication waits at most before a checkpoint is begun for it; default 100 ms.</summary>
    public TimeSpan HoldAtMost { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Time until a checkpoint is on disk; default none.</summary>
    public TimeSpan SyncTime { get; init; }

    internal DeviceCheckpoints Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Every, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(HoldAtMost, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(SyncTime, TimeSpan.Zero);
        return this;
    }
}
