using System.Numerics;

namespace StreamLearn.Learning;

/// <summary>
/// The rows of a batch that a model can take, row-major; the others are dropped and counted. Reused from batch to batch.
/// </summary>
/// <remarks>
/// A model whose rows are windows, <c>[channels, samples]</c>, takes batches of n × samples rows: each run of so many rows is one row of
/// the model, channel after channel. Its label is the one that all its samples have, its time that of the last.
/// </remarks>
internal sealed class FeatureRows(ModelPlan plan, OperatorContext context, bool labelled)
{
    private readonly int _samples = plan.Input.Samples;
    private float[] _features = [];
    private int[] _labels = [];
    private int[] _source = [];
    private Schema? _known;

    /// <summary>Rows kept, as the model counts them.</summary>
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

    /// <summary>What becomes of a column that is carried over: the label of a window may be missing.</summary>
    internal static Field Carried(ModelPlan plan, Field field) =>
        plan.Input.Samples > 1 && IsLabel(field) ? field with { Nullable = true } : field;

    /// <summary>The row of the batch that a kept row was; of a window, its last.</summary>
    internal int Source(int row) => _source[row];

    /// <summary>Copies a column's values of the kept rows: of a window, the last one; the label, if all its samples have that.</summary>
    internal void Carry(Column from, Column to)
    {
        for (var r = 0; r < Count; r++) { Carry(from, r, to, r); }
    }

    /// <summary>As above, for one of the kept rows and any place.</summary>
    internal void Carry(Column from, int row, Column to, int place)
    {
        to.CopyFrom(place, from, Source(row), 1);
        if (_samples == 1 || !IsLabel(from.Field)) { return; }
        if (!Agree(from, from.Values<int>(), Source(row) + 1 - _samples)) { to.SetValid(place, false); }
    }

    /// <summary>Reads a batch, which stays the caller's. False if its columns are not what the model takes.</summary>
    internal bool Read(Batch batch)
    {
        Count = 0;
        if (!Takes(batch.Schema)) { return false; }
        if (batch.Rows % _samples != 0)
        {
            context.DropRows(batch.Rows, "window-length");
            return true;
        }

        Reserve(batch.Rows / _samples);
        Gather(batch);
        Keep(batch);
        return true;
    }

    private static bool IsLabel(Field field) => field is { Name: Schema.LabelColumn, Type: ColumnType.Int32 };

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
        for (var c = 0; c < plan.Input.Channels; c++)
        {
            var column = batch.Channels[c];
            var values = column.Values<float>();
            var place = c * _samples;
            for (var first = 0; first < values.Length; first += _samples, place += plan.Input.Size)
            {
                if (_samples == 1) { _features[place] = values[first]; }
                else { values.Slice(first, _samples).CopyTo(_features.AsSpan(place)); }
            }

            if (!column.Field.Nullable) { continue; }
            for (var r = 0; r < values.Length; r++)
            {
                if (!column.IsValid(r)) { _features[(r / _samples * plan.Input.Size) + (c * _samples)] = float.NaN; }
            }
        }
    }

    private void Keep(Batch batch)
    {
        var (unlabelled, wrong, broken) = (0, 0, 0);
        var column = labelled ? batch[Schema.LabelColumn] : default;
        var labels = labelled ? column.Values<int>() : default;
        for (var r = 0; r < batch.Rows / _samples; r++)
        {
            var first = r * _samples;
            if (labelled && !Agree(column, labels, first)) { unlabelled += _samples; }
            else if (labelled && (uint)labels[first] >= (uint)plan.Outputs) { wrong += _samples; }
            else if (!IsFinite(this[r])) { broken += _samples; }
            else { Keep(r, labelled ? labels[first] : 0); }
        }

        if (unlabelled > 0) { context.DropRows(unlabelled, "unlabelled"); }
        if (wrong > 0) { context.DropRows(wrong, "bad-label"); }
        if (broken > 0) { context.DropRows(broken, "non-finite"); }
    }

    /// <summary>True if all samples of a row are labelled and agree.</summary>
    private bool Agree(Column column, ReadOnlySpan<int> labels, int first)
    {
        if (_samples > 1 && labels.Slice(first, _samples).ContainsAnyExcept(labels[first])) { return false; }
        if (!column.Field.Nullable) { return true; }
        for (var r = first; r < first + _samples; r++)
        {
            if (!column.IsValid(r)) { return false; }
        }

        return true;
    }

    private void Keep(int row, int label)
    {
        if (row != Count) { this[row].CopyTo(_features.AsSpan(Count * plan.Input.Size)); }
        (_labels[Count], _source[Count]) = (label, ((row + 1) * _samples) - 1);
        Count++;
    }
}
