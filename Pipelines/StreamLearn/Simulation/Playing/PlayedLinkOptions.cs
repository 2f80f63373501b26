namespace StreamLearn.Simulation;

/// <summary>Settings of an emulated link.</summary>
public sealed record PlayedLinkOptions
{
    /// <summary>Maximal burst after idle time in bytes, 1,600 to 65,536; default 16,384.</summary>
    public int BurstBytes { get; init; } = 16 << 10;

    /// <summary>Seed of losses and delay variation; default 0.</summary>
    public long Seed { get; init; }

    /// <summary>The device, whose name varies the random numbers. Default none.</summary>
    public string Device { get; init; } = "";

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal PlayedLinkOptions Checked()
    {
        ArgumentNullException.ThrowIfNull(Device);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        Profiles.Require(BurstBytes is >= 1_600 and <= 65_536, nameof(BurstBytes), "1600 to 65536", BurstBytes);
        return this;
    }
}
