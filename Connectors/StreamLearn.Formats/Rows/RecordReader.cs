namespace StreamLearn.Formats;

internal enum RecordEnd
{
    NeedsMore,

    IsFull,

    Refused,
}

internal abstract class RecordReader
{
    internal FileFault Fault { get; private protected set; }

    internal string? FaultColumn { get; private protected set; }

    internal long FaultLine { get; private protected set; }

    /// <summary>The bytes of the row, up to where reading stopped.</summary>
    internal Range FaultBytes { get; private protected set; }

    internal virtual bool HasHead => false;

    /// <summary>Offset of the header of the rows, if a file has several; 0: the first.</summary>
    internal virtual long HeadAt => 0;

    /// <summary>Reads the header. Refused: columns are absent; full: it was read.</summary>
    internal virtual RecordEnd ReadHead(ByteWindow window) => RecordEnd.IsFull;

    /// <summary>Continues below a header that is not the first, at the position of the window.</summary>
    internal virtual RecordEnd ReadLaterHead(ByteWindow window) => ReadHead(window);

    /// <summary>Reads until the stage is full, no complete row is left, or a row is refused.</summary>
    internal abstract RecordEnd Read(ByteWindow window, RowStage stage);
}
