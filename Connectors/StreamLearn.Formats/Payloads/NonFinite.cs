namespace StreamLearn.Formats;

/// <summary>The handling of NaN and infinities: in JSON, out-of-range numbers and the texts <c>"NaN"</c>, <c>"Infinity"</c>,
/// <c>"-Infinity"</c>; in raw numbers, IEEE 754 bits.</summary>
public enum NonFinite
{
    /// <summary>Refuses the payload: <see cref="RefusalReason.NotFinite"/>.</summary>
    Refuse,

    /// <summary>The value is missing if the column allows it, otherwise the payload is refused.</summary>
    Missing,
}
