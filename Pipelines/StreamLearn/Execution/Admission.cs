namespace StreamLearn;

/// <summary>What an edge did with a message.</summary>
internal enum Admission
{
    /// <summary>It queued it, or dropped and counted it.</summary>
    Taken,

    /// <summary>It has no space; the sender waits.</summary>
    Full,

    /// <summary>It gave the queued message out; the two are to be merged, and what comes of it added.</summary>
    Merge,

    /// <summary>The receiver has ended and takes nothing more.</summary>
    Ended,
}
