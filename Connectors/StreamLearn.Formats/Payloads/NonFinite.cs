namespace StreamLearn.Formats;

/// <summary>What becomes of NaN and infinities: in JSON numbers beyond the column's range and the texts <c>"NaN"</c>,
/// <c>"Infinity"</c>, <c>"-Infinity"</c>; in raw numbers the bits of IEEE 754.</summary>
public enum NonFinite
{
    /// <summary>The payload is refused as <see cref="RefusalReason.NotFinite"/>.</summary>
    Refuse,

    /// <summary>The value is missing where the column may be missing; otherwise the payload is refused.</summary>
    Missing,
}
