using System.Buffers;

namespace StreamLearn.Formats;

internal interface IRowEncoder
{
    /// <summary>Prepares for the first batch's columns; returns an error or null.</summary>
    string? Begin(Schema schema);

    /// <summary>The header for a row count; its length is fixed.</summary>
    ReadOnlySpan<byte> Head(long rows);

    /// <summary>True if the header has the row count.</summary>
    bool CountsRows { get; }

    /// <summary>Why a batch is refused, or null.</summary>
    string? Refusal(Batch batch) => null;

    void Encode(Batch batch, ArrayBufferWriter<byte> bytes);
}
