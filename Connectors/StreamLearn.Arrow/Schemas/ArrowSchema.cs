namespace StreamLearn.Arrow;

internal sealed record ArrowSchema(ImmutableArray<ArrowField> Fields)
{
    /// <summary>Keys can repeat.</summary>
    internal ImmutableArray<KeyValuePair<string, string>> Metadata { get; init; } = [];

    internal ImmutableArray<string> LeftOut => [.. Fields.Where(static f => !f.IsRead).Select(static f => f.NameAndType)];

    internal int IndexOf(string name)
    {
        for (var i = 0; i < Fields.Length; i++)
        {
            if (Fields[i].Name == name) { return i; }
        }

        return -1;
    }

    public bool Equals(ArrowSchema? other) => ReferenceEquals(this, other) || (other is not null
        && Fields.AsSpan().SequenceEqual(other.Fields.AsSpan()) && Metadata.AsSpan().SequenceEqual(other.Metadata.AsSpan()));

    public override int GetHashCode() => HashCode.Combine(Fields.Length, Metadata.Length, Fields.IsEmpty ? null : Fields[0]);

    public override string ToString() => string.Join(", ", Fields);
}
