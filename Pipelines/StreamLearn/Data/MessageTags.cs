namespace StreamLearn;

/// <summary>Metadata that a message provides for carriers that do not read its payload. Default: none.</summary>
/// <param name="Round">Its training round; null: none.</param>
/// <param name="BaseVersion">The model version it is or was made from; null: none.</param>
/// <param name="SchemaHash">Hash of its columns or model structure; 0: none.</param>
/// <param name="EventTime">Event time of its last row, nanoseconds UTC; null: none.</param>
/// <param name="TraceId">Its trace; 0: none. Source: W3C Trace Context, trace-id.</param>
public readonly record struct MessageTags(
    long? Round = null, long? BaseVersion = null, ulong SchemaHash = 0, long? EventTime = null, UInt128 TraceId = default);

/// <summary>A message with tags.</summary>
public interface ITagged
{
    /// <summary>The tags.</summary>
    MessageTags Tags { get; }
}
