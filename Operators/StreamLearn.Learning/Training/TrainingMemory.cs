namespace StreamLearn.Learning;

/// <summary>Control message that limits the memory of steps in <c>Train</c> with <see cref="BatchTuning"/>. Immutable.</summary>
/// <remarks>It applies from the next step on; excess memory is released. A step has at least one row.</remarks>
internal sealed record TrainingMemory
{
    /// <summary>Memory in bytes as in <see cref="BatchTuning.FreeBytes"/>, above 0.</summary>
    public required long FreeBytes
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(FreeBytes), value, "expected more than 0 bytes");
    }
}
