namespace StreamLearn.Programs;

/// <summary>The value that a fleet learns.</summary>
/// <param name="Name">Its name, such as its column's.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Low">The usual minimum.</param>
/// <param name="High">The usual maximum, above <paramref name="Low"/>. Values beyond are learned too.</param>
internal sealed record TargetConfig(string Name, Unit Unit, double Low, double High)
{
    /// <summary>The objective, scaled by mean and deviation of a uniform distribution over the range.</summary>
    public SquaredError Objective => new((float)((Low + High) / 2), (float)((High - Low) / Math.Sqrt(12)));

    /// <summary>Reads the usual range; reports errors.</summary>
    /// <param name="entry">The list of both.</param>
    public static (double Low, double High) RangeOf(ConfigEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.List(static e => e.Number().Required(), 2, 2).Required() is not [var low, var high]) { return (0, 1); }
        if (low < high && float.IsFinite((float)low) && float.IsFinite((float)high)) { return (low, high); }
        entry.Refuse(FormattableString.Invariant($"expected the usual minimum and a greater maximum, got {low} and {high}"));
        return (0, 1);
    }

    internal static TargetConfig? Read(ConfigEntry entry)
    {
        if (entry.IsAbsent) { return null; }
        return entry.Map(static m =>
        {
            var (low, high) = RangeOf(m["range"]);
            return new TargetConfig(m["name"].Text().Required(), new(m["unit"].Text().Or("1")), low, high);
        }).OrNull();
    }

    /// <summary>Returns the section on a line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{{ name: {YamlWriting.Quoted(Name)}, unit: {YamlWriting.Quoted(Unit.Symbol)}, range: [{Low}, {High}] }}");
}
