namespace StreamLearn.Programs;

/// <summary>The value that a fleet learns, with its usual range; values beyond are learned too.</summary>
internal sealed record TargetConfig(string Name, Unit Unit, double Low, double High)
{
    /// <summary>The objective, scaled by mean and standard deviation of a uniform distribution over the range.</summary>
    public SquaredError Objective => new((float)((Low + High) / 2), (float)((High - Low) / Math.Sqrt(12)));

    public static (double Low, double High) RangeOf(ConfigEntry entry)
    {
        if (entry.As("least, most").List(static e => e.Number().Required(), 2, 2).Required() is not [var low, var high]) { return (0, 1); }
        if (low < high && float.IsFinite((float)low) && float.IsFinite((float)high)) { return (low, high); }
        entry.Refuse(FormattableString.Invariant($"expected the usual minimum and a greater maximum, got {low} and {high}"));
        return (0, 1);
    }

    internal static TargetConfig? Read(ConfigEntry entry) => entry.Map(static m =>
    {
        var (low, high) = RangeOf(m["range", "usual range; values beyond are learned too"]);
        return new TargetConfig(m["name", "its name"].Text().Required(), new(m["unit", "its unit"].Text().Or("1")), low, high);
    }).OrNull();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{{ name: {YamlWriting.Quoted(Name)}, unit: {YamlWriting.Quoted(Unit.Symbol)}, range: [{Low}, {High}] }}");
}
