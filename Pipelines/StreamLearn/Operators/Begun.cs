namespace StreamLearn;

/// <summary>Work on a message that was begun before the block's call with it.</summary>
internal abstract class Begun
{
    /// <summary>True once the work has succeeded, failed or been given up.</summary>
    internal abstract bool IsOver { get; }

    /// <summary>Ends the result of work that is over; nobody takes it.</summary>
    internal abstract void End();
}

/// <summary>An operator whose work on a message may be begun while the message still waits. A host that does so makes the calls in order
/// all the same, each once its work is over; in one that does not, the call does the work itself.</summary>
internal interface IBeginsAhead
{
    /// <summary>Works that may be begun and not taken by a call.</summary>
    int MaxBegun { get; }

    /// <summary>Begins the work on a message that waits.</summary>
    Begun Begin(object item, Action over);

    /// <summary>Gives the work on the message of the next call, which is over.</summary>
    void Take(Begun work);
}
