namespace StreamLearn.Operators;

/// <summary>Event times and watermarks are nanoseconds.</summary>
internal interface IWindowing
{
    /// <summary>Watermark at which the next window is emitted or released; the end of time if nothing is held.</summary>
    long Due { get; }

    /// <summary>Watermark at which everything that is held is due.</summary>
    long End { get; }

    RowAdmission Admit(long time, int place, long watermark);

    void Added(long time, int place, long watermark);

    /// <summary>Returns windows in the order of their ends, revised ones first.</summary>
    bool TryTake(long watermark, out DueWindow window);

    /// <summary>Releases rows; call it when no window is due.</summary>
    void Release(long watermark);

    void State(ref StateStream s);
}

internal enum RowAdmission
{
    Taken,

    Late,

    Between,
}

/// <summary><paramref name="Start"/>: start of the window in nanoseconds.</summary>
internal readonly record struct DueWindow(int From, int To, long Start, int Revision);
