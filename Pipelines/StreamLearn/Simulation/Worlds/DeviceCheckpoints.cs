namespace StreamLearn.Simulation;

/// <summary>A virtual device's checkpoint settings.</summary>
public sealed record DeviceCheckpoints
{
    /// <summary>Time between checkpoints, default 10 s; a device without calls saves nothing.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest time that an acknowledgement or a publication waits before a checkpoint starts for it; default 100
    /// ms.</summary>
    public TimeSpan HoldAtMost { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Simulated time to write a checkpoint to disk; default 0.</summary>
    public TimeSpan SyncTime { get; init; }

    internal DeviceCheckpoints Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Every, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(HoldAtMost, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(SyncTime, TimeSpan.Zero);
        return this;
    }
}
