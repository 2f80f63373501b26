namespace StreamLearn.Learning;

/// <summary>A message about one batch or update of a device, or its answer; (device, epoch, sequence) identify it. Immutable.</summary>
public abstract record DeviceMessage
{
    /// <summary>The device that asks or owns the rows, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device { get; init => field = DeviceName.Checked(value, nameof(Device)); }

    /// <summary>The start of the device; it rises with each start.</summary>
    public required long Epoch { get; init; }

    /// <summary>Number within the epoch, from 1; rises, may skip. An answer has the number of what it answers.</summary>
    public required long Sequence { get; init; }
}
