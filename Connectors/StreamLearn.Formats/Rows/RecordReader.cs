namespace StreamLearn.Formats;

internal enum RecordEnd
{
    /// <summary>No complete row is in memory.</summary>
    NeedsMore,

    IsFull,

    /// <summary>A row was refused and skipped.</summary>
    Refused,
}

internal abstract class RecordReader
{
    internal FileFault Fault { get; private protected set; }

    internal string? FaultColumn { get; private protected set; }

    internal long FaultLine { get; private protected set; }

    /// <summary>The row's bytes, up to where reading stopped.</summary>
    internal Range FaultBytes { get; private protected set; }

    internal virtual bool HasHead => false;

    /// <summary>Refused: columns are absent; full: it was read.</summary>
    internal virtual RecordEnd ReadHead(ByteWindow window) => RecordEnd.IsFull;

    /// <summary>Reads until the stage is full, no complete row is left, or one is refused.</summary>
    internal abstract RecordEnd Read(ByteWindow window, RowStage stage);
}
