using System.Collections.Immutable;
using System.Text;

namespace StreamLearn.Arrow;

/// <summary>A column of a schema, or a nested column.</summary>
/// <param name="Name">The name, which may be empty and need not be unique.</param>
/// <param name="Type">The type of the values; for a column with a dictionary, that of the dictionary's entries.</param>
/// <param name="Nullable">True (default) if values may be missing.</param>
public sealed record ArrowField(string Name, ArrowType Type, bool Nullable = true)
{
    /// <summary>The nested columns: one for a list, any number for a struct, otherwise none.</summary>
    public ImmutableArray<ArrowField> Children { get; init; } = [];

    /// <summary>The dictionary, if the column holds indices into one; null (default): it holds the values themselves.</summary>
    public ArrowDictionary? Dictionary { get; init; }

    /// <summary>The metadata of the column; a key may occur more than once.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>What is in the column itself: places in a dictionary, or values.</summary>
    internal ArrowKind Stored => Dictionary?.Places ?? Type.Kind;

    /// <summary>The column and those within.</summary>
    internal int Columns => 1 + Children.Sum(static c => c.Columns);

    /// <summary>True if it, or a column within, has places in a dictionary.</summary>
    internal bool HasDictionaries => Dictionary is not null || Children.Any(static c => c.HasDictionaries);

    /// <summary>The first value of a key; null if it is not there.</summary>
    /// <param name="key">The key.</param>
    public string? Find(string key)
    {
        foreach (var (name, value) in Metadata)
        {
            if (name == key) { return value; }
        }

        return null;
    }

    /// <inheritdoc />
    public bool Equals(ArrowField? other) => ReferenceEquals(this, other) || (other is not null && Name == other.Name
        && Type == other.Type && Nullable == other.Nullable && Dictionary == other.Dictionary
        && Children.AsSpan().SequenceEqual(other.Children.AsSpan()) && Metadata.AsSpan().SequenceEqual(other.Metadata.AsSpan()));

    /// <inheritdoc />
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
