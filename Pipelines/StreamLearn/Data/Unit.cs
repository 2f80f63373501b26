namespace StreamLearn;

/// <summary>A column's unit, by its SenML or SI symbol: <c>m/s2</c>, <c>rad/s</c>, <c>Cel</c>.</summary>
/// <remarks>Units are equal when their symbols are; nothing is converted implicitly. Source: RFC 8428, section 12.1.</remarks>
/// <param name="Symbol">The symbol; <c>1</c>: no unit.</param>
public sealed record Unit(string Symbol)
{
    /// <summary>No unit: <c>1</c>.</summary>
    public static Unit One { get; } = new("1");

    /// <summary>Multiples of standard gravity, 9.80665 m/s²: <c>gn</c>.</summary>
    public static Unit StandardGravity { get; } = new("gn");

    /// <summary>Radians per second: <c>rad/s</c>.</summary>
    public static Unit RadianPerSecond { get; } = new("rad/s");

    /// <summary>Nanoseconds since 1970-01-01T00:00Z, the unit of event time: <c>ns</c>.</summary>
    public static Unit Nanosecond { get; } = new("ns");

    /// <summary>Standard deviations, scaled: <c>sd</c>.</summary>
    public static Unit StandardDeviation { get; } = new("sd");

    /// <inheritdoc />
    public override string ToString() => Symbol;
}
