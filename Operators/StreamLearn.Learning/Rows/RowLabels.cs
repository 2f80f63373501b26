namespace StreamLearn.Learning;

/// <summary>Handles labels, which are equal for all samples of a window, or targets of the last sample.</summary>
public static class RowLabels
{
    /// <summary>Throws if batches of a schema do not fit the model.</summary>
    public static void Require(ModelPlan plan, Schema schema, bool labelled)
    {
        plan.Require(schema);
        if (!labelled || plan.Target == TargetKind.None) { return; }
        if (plan.Target == TargetKind.Label) { schema.Require(Schema.LabelColumn, ColumnType.Int32); }
        else if (plan.Outputs == 1) { schema.Require(Schema.TargetColumn, ColumnType.Float64); }
        else { throw new SchemaException($"expected a model of one value to learn from '{Schema.TargetColumn}', got {plan.Outputs}"); }
    }

    /// <summary>True if every label is one of the model's classes.</summary>
    public static bool AreClasses(ModelPlan plan, ReadOnlySpan<int> labels) => !labels.ContainsAnyExceptInRange(0, plan.Classes - 1);

    /// <summary>The label of a window becomes nullable.</summary>
    public static Field Carried(ModelPlan plan, Field field) =>
        plan.Input.Samples > 1 && IsLabel(field) ? field with { Nullable = true } : field;

    /// <summary>True for the column of labels.</summary>
    public static bool IsLabel(Field field) => field is { Name: Schema.LabelColumn, Type: ColumnType.Int32 };

    /// <summary>True if a row, of which this is the last sample, has a target.</summary>
    public static bool HasTarget(Column column, int last) => !column.Field.Nullable || column.IsValid(last);

    /// <summary>True if all samples of a row have the same label.</summary>
    public static bool Agree(Column column, ReadOnlySpan<int> labels, int first, int samples)
    {
        if (samples > 1 && labels.Slice(first, samples).ContainsAnyExcept(labels[first])) { return false; }
        if (!column.Field.Nullable) { return true; }
        for (var r = first; r < first + samples; r++)
        {
            if (!column.IsValid(r)) { return false; }
        }

        return true;
    }
}
