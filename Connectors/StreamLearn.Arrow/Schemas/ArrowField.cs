using System.Collections.Immutable;
using System.Text;

namespace StreamLearn.Arrow;

/// <summary>A column of a schema, or one within another.</summary>
/// <param name="Name">Its name, which may be empty and need not be the only one.</param>
/// <param name="Type">The type of its values; of a dictionary's values where there is one.</param>
/// <param name="Nullable">True (default) if values may be missing.</param>
public sealed record ArrowField(string Name, ArrowType Type, bool Nullable = true)
{
    /// <summary>The columns within: one of a list, any number of a struct, otherwise none.</summary>
    public ImmutableArray<ArrowField> Children { get; init; } = [];

    /// <summary>Where the values stand if the column has their places alone; null (default): it has the values.</summary>
    public ArrowDictionary? Dictionary { get; init; }

    /// <summary>What else is known of it; keys may come twice.</summary>
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
