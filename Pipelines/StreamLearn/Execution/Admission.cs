namespace StreamLearn;

internal enum Admission
{
    Taken,

    Full,

    /// <summary>Returned the queued message to merge with; the caller adds the result.</summary>
    Merge,

    Ended,
}
