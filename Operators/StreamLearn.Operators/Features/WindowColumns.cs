using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Time, whole numbers and <c>target</c> keep the last value, <c>label</c> only if all rows agree; other float64 columns are
/// removed.</summary>
internal static class WindowColumns
{
    internal static bool Pass(Field field) => field.Type is ColumnType.Int32 or ColumnType.Int64
        || field is { Name: Schema.TargetColumn, Type: ColumnType.Float64 };

    internal static Field Output(Field field) =>
        field is { Name: Schema.LabelColumn, Type: ColumnType.Int32 } ? field with { Nullable = true } : field;

    /// <summary>The features in the place of the first channel.</summary>
    /// <exception cref="SchemaException">There would be too many columns, or two of one name.</exception>
    internal static Schema Around(Schema input, IEnumerable<Field> features)
    {
        var first = input.Fields.IndexOf(input.Fields.First(static f => f.Type == ColumnType.Float32));
        try
        {
            return new([
                .. input.Fields.Take(first).Where(Pass).Select(Output), .. features, .. input.Fields.Skip(first).Where(Pass).Select(Output),
            ]);
        }
        catch (ArgumentException e) { throw new SchemaException($"the columns of the features do not fit: {e.Message}"); }
    }

    internal static void Copy(Column from, Column to)
    {
        if (from.Field is { Name: Schema.LabelColumn, Type: ColumnType.Int32 }) { Agree(from, to); }
        else if (from.Field is { Name: Schema.PrivacyColumn, Type: ColumnType.Int32 }) { MaxPrivate(from, to); }
        else { to.CopyFrom(0, from, from.Rows - 1, 1); }
    }

    /// <summary>A window gets the label of its most private row; a missing label is the most private.</summary>
    private static void MaxPrivate(Column labels, Column label)
    {
        const int Most = (int)PrivacyLabel.DeviceOnly;
        var values = labels.Values<int>();
        var isKnown = labels.CountMissing() == 0 && values.IndexOfAnyExceptInRange(0, Most) < 0;
        label.Writable<int>()[0] = isKnown ? TensorPrimitives.Max(values) : Most;
        if (label.Field.Nullable) { label.SetValid(0, true); }
    }

    private static void Agree(Column labels, Column label)
    {
        var values = labels.Values<int>();
        label.Writable<int>()[0] = values[0];
        label.SetValid(0, labels.CountMissing() == 0 && values.IndexOfAnyExcept(values[0]) < 0);
    }
}
