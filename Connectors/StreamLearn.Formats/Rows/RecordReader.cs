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

    /// <summary>Reads the header. Refused: columns are absent; full: it was read.</summary>
    internal virtual RecordEnd ReadHead(ByteWindow window) => RecordEnd.IsFull;

    /// <summary>Reads until the stage is full, no complete row is left, or a row is refused.</summary>
    internal abstract RecordEnd Read(ByteWindow window, RowStage stage);
}
