namespace StreamLearn.Simulation;

/// <summary>When a virtual device saves its state, and what that costs.</summary>
public sealed record DeviceCheckpoints
{
    /// <summary>Time from one checkpoint to the next; a device that makes no calls saves nothing. Default 10 s.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an acknowledgement or a publication waits at most before a checkpoint is begun for it; default 100 ms.</summary>
    public TimeSpan HoldAtMost { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How fast the state is saved to memory, in bytes a second; no call begins meanwhile. Default without limit.</summary>
    public double PauseBytesPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>How fast the disk is, in bytes a second; default without limit.</summary>
    public double DiskBytesPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>Time until a written checkpoint is on disk, beside its bytes; default none.</summary>
    public TimeSpan SyncTime { get; init; }

    internal DeviceCheckpoints Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Every, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(HoldAtMost, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(SyncTime, TimeSpan.Zero);
        foreach (var rate in new[] { PauseBytesPerSecond, DiskBytesPerSecond })
        {
            if (!(rate > 0)) { throw new ArgumentOutOfRangeException(nameof(DiskBytesPerSecond), rate, "expected a rate above 0"); }
        }

        return this;
    }
}
