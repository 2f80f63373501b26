namespace StreamLearn.Simulation;

/// <summary>Settings of a link that is played.</summary>
public sealed record PlayedLinkOptions
{
    /// <summary>Bytes that may leave at once after a time without messages, 1,600 to 65,536; default 16,384.</summary>
    public int BurstBytes { get; init; } = 16 << 10;

    /// <summary>Seed of the losses and of the delays that vary; default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Whose link it is: another name draws other numbers. Default none.</summary>
    public string Device { get; init; } = "";

    /// <summary>The clock; default that of the system.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal PlayedLinkOptions Checked()
    {
        ArgumentNullException.ThrowIfNull(Device);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        Profiles.Require(BurstBytes is >= 1_600 and <= 65_536, nameof(BurstBytes), "1600 to 65536", BurstBytes);
        return this;
    }
}
