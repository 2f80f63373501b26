using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>What rows bring along for a model to learn from: a label or a target, the same in all samples of a window.</summary>
internal static class RowLabels
{
    /// <summary>Throws if batches of a schema are not what the model takes.</summary>
    internal static void Require(ModelPlan plan, Schema schema, bool labelled)
    {
        plan.Require(schema);
        if (!labelled || plan.Target == TargetKind.None) { return; }
        if (plan.Target == TargetKind.Label) { schema.Require(Schema.LabelColumn, ColumnType.Int32); }
        else if (plan.Outputs == 1) { schema.Require(Schema.TargetColumn, ColumnType.Float64); }
        else { throw new SchemaException($"expected a model of one value to learn from '{Schema.TargetColumn}', got {plan.Outputs}"); }
    }

    /// <summary>True if every label is one of the model's classes.</summary>
    internal static bool AreClasses(ModelPlan plan, ReadOnlySpan<int> labels) => !labels.ContainsAnyExceptInRange(0, plan.Classes - 1);

    /// <summary>What becomes of a column that is carried over: the label of a window may be missing.</summary>
    internal static Field Carried(ModelPlan plan, Field field) =>
        plan.Input.Samples > 1 && IsTold(field) ? field with { Nullable = true } : field;

    /// <summary>True for the column of labels, or of targets.</summary>
    internal static bool IsTold(Field field) => field is { Name: Schema.LabelColumn, Type: ColumnType.Int32 }
        or { Name: Schema.TargetColumn, Type: ColumnType.Float64 };

    /// <summary>True if all samples of a row have a label or target, and the same.</summary>
    internal static bool Agree<T>(Column column, ReadOnlySpan<T> told, int first, int samples)
        where T : struct, IEquatable<T>
    {
        if (samples > 1 && told.Slice(first, samples).ContainsAnyExcept(told[first])) { return false; }
        if (!column.Field.Nullable) { return true; }
        for (var r = first; r < first + samples; r++)
        {
            if (!column.IsValid(r)) { return false; }
        }

        return true;
    }
}
