namespace StreamLearn.Learning;

/// <summary>
/// Tells <c>Train</c> with <see cref="BatchTuning"/> what memory its steps may take from now on: a control message. Immutable.
/// </summary>
/// <remarks>The next step keeps to it, and what was reserved for larger ones is given back. A step has one row at least.</remarks>
public sealed record TrainingMemory
{
    /// <summary>Memory as in <see cref="BatchTuning.FreeBytes"/>, above 0. Bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0.</exception>
    public required long FreeBytes
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(FreeBytes), value, "expected some bytes");
    }
}
