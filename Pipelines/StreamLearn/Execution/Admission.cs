namespace StreamLearn;

internal enum Admission
{
    Taken,

    Full,

    /// <summary>Returned the queued message to merge; the result is to be added.</summary>
    Merge,

    Ended,
}
