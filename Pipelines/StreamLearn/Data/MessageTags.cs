namespace StreamLearn;

/// <summary>What a message says of itself to those who carry it and do not read its payload. The default says nothing.</summary>
/// <param name="Round">The training round it belongs to; null: none.</param>
/// <param name="BaseVersion">The model version it was made from, or is; null: none.</param>
/// <param name="SchemaHash">Hash of its columns or of its model's structure; 0: none.</param>
/// <param name="EventTime">The event time of its last row, nanoseconds UTC; null: none.</param>
/// <param name="TraceId">The trace it belongs to; 0: none. Source: W3C Trace Context, trace-id.</param>
public readonly record struct MessageTags(
    long? Round = null, long? BaseVersion = null, ulong SchemaHash = 0, long? EventTime = null, UInt128 TraceId = default);

/// <summary>A message that has tags.</summary>
public interface ITagged
{
    /// <summary>The tags.</summary>
    MessageTags Tags { get; }
}
