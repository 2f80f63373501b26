using System.Collections.Immutable;

namespace StreamLearn.Operators;

internal sealed class ImuAxes(Schema input)
{
    /// <summary>Columns x, y and z; none without such a sensor. <paramref name="prefix"/>: start of their names, ignoring case.</summary>
    /// <exception cref="SchemaException">A named channel is missing, or the three are ambiguous.</exception>
    internal ImmutableArray<int> Find(ImmutableArray<string> names, string[] units, string prefix)
    {
        if (!names.IsEmpty) { return [.. names.Select(n => input.Require(n, ColumnType.Float32))]; }
        var byUnit = Channels(f => units.Contains(f.Unit.Symbol));
        if (byUnit.Length == 3) { return byUnit; }
        var byName = Channels(f => f.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
        if (byName.Length == 3) { return byName; }
        if (byUnit.Length + byName.Length == 0) { return []; }
        throw new SchemaException(
            $"expected three channels in {string.Join(" or ", units)}, or three named {prefix}…: set their names; got {input}");
    }

    private ImmutableArray<int> Channels(Func<Field, bool> isMeant) =>
        [.. Enumerable.Range(0, input.Fields.Length).Where(c => input.Fields[c].Type == ColumnType.Float32 && isMeant(input.Fields[c]))];
}
