namespace StreamLearn.Operators;

/// <summary>What becomes of the columns of a window that are no channels, where one row is made of it: time and whole numbers keep their
/// last row's value, <c>label</c> is present only where all rows agree on it, float64 columns end.</summary>
internal static class WindowColumns
{
    internal static bool Pass(Field field) => field.Type is ColumnType.Int32 or ColumnType.Int64;

    internal static Field Output(Field field) =>
        field is { Name: Schema.LabelColumn, Type: ColumnType.Int32 } ? field with { Nullable = true } : field;

    internal static void Copy(Column from, Column to)
    {
        if (from.Field is { Name: Schema.LabelColumn, Type: ColumnType.Int32 }) { Agree(from, to); }
        else { to.CopyFrom(0, from, from.Rows - 1, 1); }
    }

    private static void Agree(Column labels, Column label)
    {
        var values = labels.Values<int>();
        label.Writable<int>()[0] = values[0];
        label.SetValid(0, labels.CountMissing() == 0 && values.IndexOfAnyExcept(values[0]) < 0);
    }
}
