namespace StreamLearn.Operators;

/// <summary>Event times and watermarks are nanoseconds.</summary>
internal interface IWindowing
{
    /// <summary>Watermark of the next emission or release; the end of time if nothing is held.</summary>
    long Due { get; }

    /// <summary>Watermark at which everything held is due.</summary>
    long End { get; }

    RowAdmission Admit(long time, int place, long watermark);

    void Added(long time, int place, long watermark);

    /// <summary>Windows come by end, revised ones first.</summary>
    bool TryTake(long watermark, out DueWindow window);

    /// <summary>Call when no window is due.</summary>
    void Release(long watermark);

    void State(ref StateStream s);
}

internal enum RowAdmission
{
    Taken,

    Late,

    Between,
}

/// <summary><paramref name="Start"/>: in nanoseconds.</summary>
internal readonly record struct DueWindow(int From, int To, long Start, int Revision);
