using System.Numerics;

namespace StreamLearn.Learning;

/// <summary>The rows of a batch that a model can take, row-major; the others are dropped and counted. Reused from batch to batch.</summary>
internal sealed class FeatureRows(ModelPlan plan, OperatorContext context, bool labelled)
{
    private float[] _features = [];
    private int[] _labels = [];
    private int[] _source = [];
    private Schema? _known;

    /// <summary>Rows kept.</summary>
    internal int Count { get; private set; }

    internal ReadOnlySpan<int> Labels => _labels.AsSpan(0, Count);

    internal Sample Unlabelled => new(_features, Count);

    internal ReadOnlySpan<float> this[int row] => _features.AsSpan(row * plan.Input.Size, plan.Input.Size);

    /// <summary>Throws if batches of a schema are not what the model takes.</summary>
    internal static void Require(ModelPlan plan, Schema schema, bool labelled)
    {
        plan.Require(schema);
        if (labelled) { schema.Require(Schema.LabelColumn, ColumnType.Int32); }
    }

    /// <summary>The row of the batch that a kept row was.</summary>
    internal int Source(int row) => _source[row];

    /// <summary>Reads a batch, which stays the caller's. False if its columns are not what the model takes.</summary>
    internal bool Read(Batch batch)
    {
        Count = 0;
        if (!Takes(batch.Schema)) { return false; }
        Reserve(batch.Rows);
        Gather(batch);
        var (unlabelled, wrong, broken) = (0, 0, 0);
        var column = labelled ? batch[Schema.LabelColumn] : default;
        var labels = labelled ? column.Values<int>() : default;
        for (var r = 0; r < batch.Rows; r++)
        {
            if (labelled && !column.IsValid(r)) { unlabelled++; }
            else if (labelled && (uint)labels[r] >= (uint)plan.Outputs) { wrong++; }
            else if (!IsFinite(this[r])) { broken++; }
            else { Keep(r, labelled ? labels[r] : 0); }
        }

        if (unlabelled > 0) { context.DropRows(unlabelled, "unlabelled"); }
        if (wrong > 0) { context.DropRows(wrong, "bad-label"); }
        if (broken > 0) { context.DropRows(broken, "non-finite"); }
        return true;
    }

    private static bool IsFinite(ReadOnlySpan<float> row)
    {
        foreach (var value in row)
        {
            if (!float.IsFinite(value)) { return false; }
        }

        return true;
    }

    private bool Takes(Schema schema)
    {
        if (ReferenceEquals(schema, _known)) { return true; }
        try
        {
            Require(plan, schema, labelled);
        }
        catch (SchemaException)
        {
            return false;
        }

        _known = schema;
        return true;
    }

    private void Reserve(int rows)
    {
        if (_labels.Length >= rows) { return; }
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)rows);
        (_features, _labels, _source) = (new float[size * plan.Input.Size], new int[size], new int[size]);
    }

    private void Gather(Batch batch)
    {
        var width = plan.Input.Size;
        for (var c = 0; c < width; c++)
        {
            var column = batch.Channels[c];
            var values = column.Values<float>();
            var whole = !column.Field.Nullable;
            for (var r = 0; r < values.Length; r++) { _features[(r * width) + c] = whole || column.IsValid(r) ? values[r] : float.NaN; }
        }
    }

    private void Keep(int row, int label)
    {
        if (row != Count) { this[row].CopyTo(_features.AsSpan(Count * plan.Input.Size)); }
        (_labels[Count], _source[Count]) = (label, row);
        Count++;
    }
}
