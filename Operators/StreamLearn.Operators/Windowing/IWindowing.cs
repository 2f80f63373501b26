namespace StreamLearn.Operators;

/// <summary>Which rows make a window, and when. Event times and watermarks are nanoseconds.</summary>
internal interface IWindowing
{
    /// <summary>The watermark at which there is something to emit or to give up; the end of time if nothing is held.</summary>
    long Due { get; }

    /// <summary>The watermark at which all that is held is due.</summary>
    long End { get; }

    /// <summary>What becomes of a row of this time, whose place among the rows held is known.</summary>
    RowAdmission Admit(long time, int place, long watermark);

    /// <summary>Takes note of a row that is now held at a place.</summary>
    void Added(long time, int place, long watermark);

    /// <summary>Finds the next window that is due; windows come in order of their ends, those that late rows have changed first.</summary>
    bool TryTake(long watermark, out DueWindow window);

    /// <summary>Gives up the rows that no window needs any more; called when no window is due.</summary>
    void Release(long watermark);

    void State(ref StateStream s);
}

/// <summary>What becomes of a row.</summary>
internal enum RowAdmission
{
    /// <summary>It is held.</summary>
    Taken,

    /// <summary>All its windows are over.</summary>
    Late,

    /// <summary>It is in no window.</summary>
    Between,
}

/// <summary>A window that is due. <paramref name="Start"/>: when it starts, in nanoseconds.</summary>
internal readonly record struct DueWindow(int From, int To, long Start, int Revision);
