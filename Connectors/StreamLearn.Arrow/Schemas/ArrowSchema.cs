using System.Collections.Immutable;

namespace StreamLearn.Arrow;

/// <summary>The columns of a stream or file.</summary>
/// <param name="Fields">The columns, in order.</param>
public sealed record ArrowSchema(ImmutableArray<ArrowField> Fields)
{
    /// <summary>The metadata of the schema; a key may occur more than once.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>The index of the first column with a name; −1 if there is none.</summary>
    /// <param name="name">The name.</param>
    public int IndexOf(string name)
    {
        for (var i = 0; i < Fields.Length; i++)
        {
            if (Fields[i].Name == name) { return i; }
        }

        return -1;
    }

    /// <inheritdoc />
    public bool Equals(ArrowSchema? other) => ReferenceEquals(this, other) || (other is not null
        && Fields.AsSpan().SequenceEqual(other.Fields.AsSpan()) && Metadata.AsSpan().SequenceEqual(other.Metadata.AsSpan()));

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Fields.Length, Metadata.Length, Fields.IsEmpty ? null : Fields[0]);

    /// <inheritdoc />
    public override string ToString() => string.Join(", ", Fields);
}
