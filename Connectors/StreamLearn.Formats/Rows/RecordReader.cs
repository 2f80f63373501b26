namespace StreamLearn.Formats;

/// <summary>Why a reader stopped.</summary>
internal enum RecordEnd
{
    /// <summary>No whole row is in memory.</summary>
    NeedsMore,

    /// <summary>The stage has as many rows as it takes.</summary>
    IsFull,

    /// <summary>A row was refused, and passed.</summary>
    Refused,
}

/// <summary>Reads rows from the bytes of a file.</summary>
internal abstract class RecordReader
{
    /// <summary>Why the last row was refused, if one was.</summary>
    internal FileFault Fault { get; private protected set; }

    /// <summary>The column concerned, or null.</summary>
    internal string? FaultColumn { get; private protected set; }

    /// <summary>The line at which it begins.</summary>
    internal long FaultLine { get; private protected set; }

    /// <summary>The bytes of the row, up to where reading stopped.</summary>
    internal Range FaultBytes { get; private protected set; }

    /// <summary>True if a file begins with something that says what its columns are.</summary>
    internal virtual bool HasHead => false;

    /// <summary>Reads the head of a file: refused if it does not have the columns; full if it was read.</summary>
    internal virtual RecordEnd ReadHead(ByteWindow window) => RecordEnd.IsFull;

    /// <summary>Reads rows until the stage is full, no whole one is left, or one is refused.</summary>
    internal abstract RecordEnd Read(ByteWindow window, RowStage stage);
}
