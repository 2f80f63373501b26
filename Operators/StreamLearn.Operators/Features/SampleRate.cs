using System.Collections.Immutable;

namespace StreamLearn.Operators;

internal static class SampleRate
{
    /// <summary>Returns the rows per second; null if they are not given and the times do not rise.</summary>
    internal static double? Of(Batch window, double? given)
    {
        if (given is not null) { return given; }
        var time = window[Schema.TimeColumn];
        if (!time.IsValid(0) || !time.IsValid(window.Rows - 1)) { return null; }
        var span = (double)time.Values<long>()[^1] - time.Values<long>()[0];
        return span > 0 ? (window.Rows - 1) * 1e9 / span : null;
    }

    /// <exception cref="SchemaException">A rate is needed, but is neither given nor can be computed.</exception>
    internal static void Require(Schema input, double? given, bool needed)
    {
        if (!needed || given is not null) { return; }
        var time = input.IndexOf(Schema.TimeColumn);
        if (time >= 0 && input.Fields[time].Type == ColumnType.Int64) { return; }
        throw new SchemaException($"expected {nameof(FeaturesOptions.SamplesPerSecond)} or a column 'time' int64, got {input}");
    }

    internal static void Check(double? given, ImmutableArray<FrequencyBand> bands, string parameter)
    {
        if (given is { } rate && !(rate > 0 && double.IsFinite(rate)))
        {
            throw new ArgumentOutOfRangeException(parameter, rate, "expected more than 0 rows a second");
        }

        if (bands.IsDefault) { throw new ArgumentException("expected bands, or none", parameter); }
        foreach (var band in bands)
        {
            ArgumentNullException.ThrowIfNull(band, parameter);
            band.Check(parameter);
        }
    }
}
