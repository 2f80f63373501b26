using System.Buffers;

namespace StreamLearn.Formats;

/// <summary>How a file of rows is written: lines of text, or numbers.</summary>
internal interface IRowEncoder
{
    /// <summary>Prepares for batches with these columns, the first that have come; says why not, or null.</summary>
    string? Begin(Schema schema);

    /// <summary>What a file of so many rows begins with; always as long.</summary>
    ReadOnlySpan<byte> Head(long rows);

    /// <summary>True if what a file begins with says how many rows follow.</summary>
    bool CountsRows { get; }

    /// <summary>Why a batch cannot be written, or null.</summary>
    string? Refusal(Batch batch) => null;

    /// <summary>Writes rows.</summary>
    void Encode(Batch batch, ArrayBufferWriter<byte> bytes);
}
