using System.Text;

namespace StreamLearn.Arrow;

/// <summary>A column of dictionary indices. Columns with the same ID share the dictionary.</summary>
internal sealed record ArrowDictionary(long Id, ArrowKind Places = ArrowKind.Int32, bool Ordered = false);

/// <summary>A column, possibly nested. With a dictionary, the type is that of the entries.</summary>
internal sealed record ArrowField(string Name, ArrowType Type, bool Nullable = true)
{
    internal ImmutableArray<ArrowField> Children { get; init; } = [];

    internal ArrowDictionary? Dictionary { get; init; }

    /// <summary>Keys can repeat.</summary>
    internal ImmutableArray<KeyValuePair<string, string>> Metadata { get; init; } = [];

    internal ArrowKind Stored => Dictionary?.Places ?? Type.Kind;

    /// <summary>Bytes per stored value; 0: the width is not fixed.</summary>
    internal int StoredBytes => ArrowType.BytesOf(Stored, Type.Width);

    internal bool IsRead => Type.Kind != ArrowKind.Unread && Children.All(static c => c.IsRead)
        && (Type.Kind != ArrowKind.Struct || !Children.IsEmpty)
        && (Type.Width > 0 || Type.Kind is not (ArrowKind.FixedSizeBinary or ArrowKind.FixedSizeList));

    /// <summary>For example <c>'price': decimal128(10, 2)</c>.</summary>
    internal string NameAndType => $"'{Name}': {TypeText}";

    internal bool HasDictionaries => Dictionary is not null || Children.Any(static c => c.HasDictionaries);

    internal string? Find(string key)
    {
        foreach (var (name, value) in Metadata)
        {
            if (name == key) { return value; }
        }

        return null;
    }

    public bool Equals(ArrowField? other) => ReferenceEquals(this, other) || (other is not null && Name == other.Name
        && Type == other.Type && Nullable == other.Nullable && Dictionary == other.Dictionary
        && Children.AsSpan().SequenceEqual(other.Children.AsSpan()) && Metadata.AsSpan().SequenceEqual(other.Metadata.AsSpan()));

    public override int GetHashCode() => HashCode.Combine(Name, Type, Nullable, Dictionary, Children.Length, Metadata.Length);

    /// <summary>For example <c>spot list&lt;x float32&gt;?</c>.</summary>
    public override string ToString() => Write(new(), isTypeAlone: false).ToString();

    internal string TypeText => Write(new(), isTypeAlone: true).ToString();

    /// <summary>Uses one builder, so deep nesting is not copied at each level.</summary>
    private StringBuilder Write(StringBuilder text, bool isTypeAlone)
    {
        if (!isTypeAlone) { text.Append(Name).Append(' '); }
        if (Dictionary is not null) { text.Append("dictionary<").Append(new ArrowType(Dictionary.Places)).Append(", "); }
        text.Append(Type);
        for (var i = 0; i < Children.Length; i++) { Children[i].Write(text.Append(i == 0 ? "<" : ", "), isTypeAlone: false); }
        if (!Children.IsEmpty) { text.Append('>'); }
        if (Dictionary is not null) { text.Append('>'); }
        return isTypeAlone || !Nullable ? text : text.Append('?');
    }
}
