using System.Collections.Immutable;

namespace StreamLearn.Operators;

/// <summary>Finds the three axes of a sensor among the channels of a window.</summary>
internal sealed class ImuAxes(Schema input)
{
    /// <summary>The columns x, y and z; none where the window has no such sensor. <paramref name="units"/>: the units of such channels.
    /// <paramref name="prefix"/>: how the names of such channels begin, whether in capitals or not.</summary>
    /// <exception cref="SchemaException">A channel that was named is not there, or it cannot be said which three are meant.</exception>
    internal ImmutableArray<int> Find(ImmutableArray<string> names, string[] units, string prefix)
    {
        if (!names.IsEmpty) { return [.. names.Select(n => input.Require(n, ColumnType.Float32))]; }
        var byUnit = Channels(f => units.Contains(f.Unit.Symbol));
        if (byUnit.Length == 3) { return byUnit; }
        var byName = Channels(f => f.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
        if (byName.Length == 3) { return byName; }
        if (byUnit.Length + byName.Length == 0) { return []; }
        throw new SchemaException(
            $"expected three channels in {string.Join(" or ", units)}, or three named {prefix}…: name those that are meant; got {input}");
    }

    private ImmutableArray<int> Channels(Func<Field, bool> isMeant) =>
        [.. Enumerable.Range(0, input.Fields.Length).Where(c => input.Fields[c].Type == ColumnType.Float32 && isMeant(input.Fields[c]))];
}
