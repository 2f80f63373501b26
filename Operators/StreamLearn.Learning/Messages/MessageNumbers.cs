namespace StreamLearn.Learning;

/// <summary>The identity of what a device sends: its start, and a number that rises within it.</summary>
public sealed class MessageNumbers(long? start, OperatorContext context)
{
    /// <summary>Numbers that nobody gives between two checkpoints. Where one is lost so many are passed over, so that no number that may
    /// have been sent is given to another message.</summary>
    public const long Reserved = 1L << 32;

    /// <summary>The greatest number that a state can hold, and so the greatest that anybody can have been given.</summary>
    public const long MaxSaved = long.MaxValue / 2;

    /// <summary>The start; that of the state, where one was taken up: what is on the way keeps its identity.</summary>
    public long Epoch { get; private set; } = StartEpoch.Of(start, context);

    /// <summary>The number that was given last; 0 before the first.</summary>
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

    /// <summary>Goes on after a number that somebody knows of this start, given before the state that was taken up was lost.</summary>
    public void PassOver(long last) => Last = Math.Max(Last, last);

    /// <summary>The next number, from 1.</summary>
    public long Next() => ++Last;
}
