using System.Collections.Immutable;
using System.Text;

namespace StreamLearn;

/// <summary>The ordered columns of a batch, with types and units. Schemas are equal when all their fields are equal.</summary>
public sealed class Schema : IEquatable<Schema>
{
    /// <summary>The name of the event-time column.</summary>
    public const string TimeColumn = "time";

    /// <summary>The name of the class-label column.</summary>
    public const string LabelColumn = "label";

    /// <summary>The name of the regression target column, float64.</summary>
    public const string TargetColumn = "target";

    /// <summary>The name of the int32 column with each row's <see cref="PrivacyLabel"/>. A missing or invalid label counts as
    /// <see cref="PrivacyLabel.DeviceOnly"/>.</summary>
    public const string PrivacyColumn = "privacy";

    /// <summary>Maximum number of columns.</summary>
    public const int MaxColumns = 1024;

    /// <summary>Maximum characters of a column's name.</summary>
    public const int MaxNameLength = 64;

    private readonly int[] _channels;

    /// <summary>Makes a schema of at least one field.</summary>
    /// <param name="fields">The fields, with distinct names.</param>
    /// <exception cref="ArgumentException">There is no field, there are too many, or a name is invalid or a duplicate.</exception>
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
            if (field.Name.Length is 0 or > MaxNameLength)
            {
                throw new ArgumentException(
                    $"expected a column name of 1 to {MaxNameLength} characters, got '{field.Name}'", nameof(fields));
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

    /// <summary>A 64-bit hash of names, types, units and order, carried by models and updates. Source: FNV-1a.</summary>
    public ulong Hash { get; }

    /// <summary>Bytes of one row's values, without validity bitmaps or padding.</summary>
    public int RowBytes { get; }

    /// <summary>The label of the most private column.</summary>
    public PrivacyLabel Privacy { get; }

    internal int PrivacyAt { get; }

    internal ReadOnlySpan<int> Channels => _channels;

    /// <summary>Returns a column's index, or −1.</summary>
    public int IndexOf(string name)
    {
        for (var i = 0; i < Fields.Length; i++)
        {
            if (string.Equals(Fields[i].Name, name, StringComparison.Ordinal)) { return i; }
        }

        return -1;
    }

    /// <summary>Finds a required column.</summary>
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
