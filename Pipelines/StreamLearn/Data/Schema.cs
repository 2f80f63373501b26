using System.Collections.Immutable;
using System.Text;

namespace StreamLearn;

/// <summary>The ordered columns of a batch with their types and units. Two schemas are equal when all their fields are.</summary>
public sealed class Schema : IEquatable<Schema>
{
    /// <summary>The name of the event-time column.</summary>
    public const string TimeColumn = "time";

    /// <summary>The name of the class-label column.</summary>
    public const string LabelColumn = "label";

    /// <summary>The name of the column that holds the values that a regression learns, float64.</summary>
    public const string TargetColumn = "target";

    /// <summary>The name of the int32 column that holds the label of each row, a <see cref="PrivacyLabel"/>. A row whose label is missing
    /// or out of range is <see cref="PrivacyLabel.DeviceOnly"/>.</summary>
    public const string PrivacyColumn = "privacy";

    /// <summary>Columns a schema may have.</summary>
    public const int MaxColumns = 1024;

    private readonly int[] _channels;

    /// <summary>Makes a schema of at least one field.</summary>
    /// <param name="fields">The fields, with distinct names.</param>
    /// <exception cref="ArgumentException">No field, too many, a bad name, or two of one name.</exception>
    public Schema(params IEnumerable<Field> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        Fields = [.. fields];
        if (Fields.Length is 0 or > MaxColumns)
        {
            throw new ArgumentException($"expected 1 to {MaxColumns} columns, got {Fields.Length}", nameof(fields));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in Fields)
        {
            if (field.Name.Length is 0 or > 64)
            {
                throw new ArgumentException($"expected a column name of 1 to 64 characters, got '{field.Name}'", nameof(fields));
            }
            if (!names.Add(field.Name)) { throw new ArgumentException($"two columns are named '{field.Name}'", nameof(fields)); }
        }

        _channels = [.. Enumerable.Range(0, Fields.Length).Where(i => Fields[i].Type == ColumnType.Float32)];
        Hash = Fnv1a(string.Join('\n', Fields));
        RowBytes = Fields.Sum(f => f.Width);
        Privacy = Fields.Max(f => f.Privacy);
        PrivacyAt = IndexOf(PrivacyColumn) is >= 0 and var at && Fields[at].Type == ColumnType.Int32 ? at : -1;
    }

    /// <summary>The fields, in column order.</summary>
    public ImmutableArray<Field> Fields { get; }

    /// <summary>A 64-bit hash of names, types, units and order; it travels with every model and update. Source: FNV-1a.</summary>
    public ulong Hash { get; }

    /// <summary>Bytes of one row's values, without validity bits and padding.</summary>
    public int RowBytes { get; }

    /// <summary>The label of its most private column.</summary>
    public PrivacyLabel Privacy { get; }

    /// <summary>The index of the column with the labels of rows, or −1.</summary>
    internal int PrivacyAt { get; }

    /// <summary>Indices of the float32 columns.</summary>
    internal ReadOnlySpan<int> Channels => _channels;

    /// <summary>The index of a column, or −1.</summary>
    /// <param name="name">The column's name.</param>
    public int IndexOf(string name)
    {
        for (var i = 0; i < Fields.Length; i++)
        {
            if (string.Equals(Fields[i].Name, name, StringComparison.Ordinal)) { return i; }
        }

        return -1;
    }

    /// <summary>Finds a column that a block needs.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="type">The type it must have.</param>
    /// <exception cref="SchemaException">The column is absent or of another type.</exception>
    public int Require(string name, ColumnType type)
    {
        var index = IndexOf(name);
        if (index < 0) { throw new SchemaException($"expected a column '{name}', got {this}"); }
        if (Fields[index].Type != type) { throw new SchemaException($"expected column '{name}' to be {type}, got {Fields[index].Type}"); }
        return index;
    }

    /// <inheritdoc />
    public bool Equals(Schema? other) =>
        ReferenceEquals(this, other) || (other is not null && Hash == other.Hash && Fields.AsSpan().SequenceEqual(other.Fields.AsSpan()));

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Schema);

    /// <inheritdoc />
    public override int GetHashCode() => Hash.GetHashCode();

    /// <inheritdoc />
    public override string ToString() => string.Join(", ", Fields);

    private static ulong Fnv1a(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes(text)) { hash = (hash ^ value) * 1099511628211UL; }
        return hash;
    }
}
