using System.Collections.Immutable;
using System.Text;

namespace StreamLearn.Arrow;

/// <summary>Says that a column holds indices into a dictionary; columns with the same id share it.</summary>
internal sealed record ArrowDictionary(long Id, ArrowKind Places = ArrowKind.Int32, bool Ordered = false);

/// <summary>A column of a schema, or a nested one. With a dictionary, the type is that of its entries.</summary>
internal sealed record ArrowField(string Name, ArrowType Type, bool Nullable = true)
{
    internal ImmutableArray<ArrowField> Children { get; init; } = [];

    internal ArrowDictionary? Dictionary { get; init; }

    /// <summary>The metadata; a key may occur more than once.</summary>
    internal ImmutableArray<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>What is in the column itself: places in a dictionary, or values.</summary>
    internal ArrowKind Stored => Dictionary?.Places ?? Type.Kind;

    /// <summary>Bytes of what is in the column itself; 0 if there is no such number.</summary>
    internal int StoredBytes => ArrowType.BytesOf(Stored, Type.Width);

    /// <summary>True if values of the column can be handed out: it, and what is within, is of a type that is read.</summary>
    internal bool IsRead => Type.Kind != ArrowKind.Unread && Children.All(static c => c.IsRead)
        && (Type.Kind != ArrowKind.Struct || !Children.IsEmpty)
        && (Type.Width > 0 || Type.Kind is not (ArrowKind.FixedSizeBinary or ArrowKind.FixedSizeList));

    /// <summary>Name and type, as of a column that is left out: <c>'price': decimal128(10, 2)</c>.</summary>
    internal string NameAndType => $"'{Name}': {TypeText}";

    /// <summary>True if it, or a column within, has places in a dictionary.</summary>
    internal bool HasDictionaries => Dictionary is not null || Children.Any(static c => c.HasDictionaries);

    /// <summary>The first value of a key; null if it is not there.</summary>
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

    /// <summary>Name and type: <c>spot list&lt;x float32&gt;?</c>.</summary>
    public override string ToString() => Write(new(), isTypeAlone: false).ToString();

    /// <summary>The type with what is within.</summary>
    internal string TypeText => Write(new(), isTypeAlone: true).ToString();

    /// <summary>Writes it piece by piece: what is deep within is not copied for each column around it.</summary>
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
