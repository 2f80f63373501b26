using System.Buffers;

namespace StreamLearn.Formats;

internal interface IRowEncoder
{
    /// <summary>For the columns of the first batch; returns a fault or null.</summary>
    string? Begin(Schema schema);

    /// <summary>Its length is fixed.</summary>
    ReadOnlySpan<byte> Head(long rows);

    bool CountsRows { get; }

    string? Refusal(Batch batch) => null;

    void Encode(Batch batch, ArrayBufferWriter<byte> bytes);
}
