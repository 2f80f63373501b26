namespace StreamLearn.Learning;

/// <summary>Numbers the messages of a device by its start and a rising number.</summary>
public sealed class MessageNumbers(long? start, OperatorContext context)
{
    /// <summary>How many numbers are skipped when a checkpoint is lost, so that no number that was sent is reused.</summary>
    public const long Reserved = 1L << 32;

    /// <summary>The greatest number that a state can hold, and therefore the greatest in use.</summary>
    public const long MaxSaved = long.MaxValue / 2;

    /// <summary>The number that distinguishes the starts of a participant; null: the run's start in milliseconds since 1970, equal
    /// for all its blocks.</summary>
    public static long EpochOf(long? set, OperatorContext context) => set ?? context.Now.ToUnixTimeMilliseconds();

    /// <summary>Restored from the state if there is one, so that messages in flight keep their identity.</summary>
    public long Epoch { get; private set; } = EpochOf(start, context);

    /// <summary>The last number; 0 before the first.</summary>
    public long Last { get; private set; }

    /// <summary>Saves or restores the state.</summary>
    public void State(ref StateStream s)
    {
        Epoch = s.Value(Epoch);
        Last = s.Value(Last);
        if (s.IsWriting) { return; }
        if (Last is < 0 or > MaxSaved) { throw new StateException($"expected a number from 0, got {Last}"); }
        Last += Reserved * context.LostCheckpoints;
    }

    /// <summary>Skips numbers that a peer has seen after the restored state.</summary>
    public void PassOver(long last) => Last = Math.Max(Last, last);

    /// <summary>The next number, from 1.</summary>
    public long Next() => ++Last;
}
