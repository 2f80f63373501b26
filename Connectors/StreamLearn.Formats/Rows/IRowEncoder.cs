using System.Buffers;

namespace StreamLearn.Formats;

internal interface IRowEncoder
{
    /// <summary>Prepares for the columns of the first batch; returns a fault or null.</summary>
    string? Begin(Schema schema);

    /// <summary>Returns the header for a number of rows; its length is fixed.</summary>
    ReadOnlySpan<byte> Head(long rows);

    /// <summary>True if the header contains the number of rows.</summary>
    bool CountsRows { get; }

    string? Refusal(Batch batch) => null;

    void Encode(Batch batch, ArrayBufferWriter<byte> bytes);
}
