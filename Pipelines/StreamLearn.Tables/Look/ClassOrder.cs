namespace StreamLearn.Tables;

internal static class ClassOrder
{
    /// <summary>Sorts classes of a model without a file: numbers by value, other strings by characters.</summary>
    internal static IEnumerable<string> InOrder(ImmutableArray<string> classes) =>
        classes.All(static c => double.TryParse(c, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            ? classes.OrderBy(static c => double.Parse(c, CultureInfo.InvariantCulture)).ThenBy(static c => c, StringComparer.Ordinal)
            : classes.Order(StringComparer.Ordinal);
}
