using System.Numerics;

namespace StreamLearn.Learning;

/// <summary>A batch's valid rows, row-major; the others are dropped and counted. Reused.</summary>
/// <remarks>For windows, <c>[channels, samples]</c>, each run of that number of batch rows is one model row, channel after channel. Its
/// label is common to all samples; time and target are those of the last sample.</remarks>
public sealed class FeatureRows(ModelPlan plan, OperatorContext context, bool labelled)
{
    private readonly int _samples = plan.Input.Samples;
    private float[] _features = [];
    private int[] _labels = [];
    private float[] _targets = [];
    private int[] _source = [];
    private Schema? _known;

    /// <summary>Number of kept rows, as the model counts them.</summary>
    public int Count { get; private set; }

    /// <summary>The labels of the kept rows.</summary>
    public ReadOnlySpan<int> Labels => _labels.AsSpan(0, Count);

    /// <summary>A target for each row; empty if rows have none.</summary>
    public ReadOnlySpan<float> Targets => _targets.Length == 0 ? default : _targets.AsSpan(0, Count);

    /// <summary>The kept rows without labels.</summary>
    public Sample Unlabelled => new(Features, Count);

    /// <summary>Returns consecutive rows, without labels.</summary>
    public Sample Some(int from, int rows) => new(_features.AsSpan(from * plan.Input.Size, rows * plan.Input.Size), rows);

    /// <summary>The kept rows with labels; models without labels get label 0.</summary>
    public Sample Labelled => new(Features, Labels) { Targets = Targets };

    /// <summary>A kept row.</summary>
    public ReadOnlySpan<float> this[int row] => _features.AsSpan(row * plan.Input.Size, plan.Input.Size);

    /// <summary>Returns the batch row of a kept row; for a window, its last.</summary>
    public int Source(int row) => _source[row];

    /// <summary>Copies a column: for windows the last value, or the label if all samples agree.</summary>
    public void Carry(Column from, Column to)
    {
        for (var r = 0; r < Count; r++) { Carry(from, r, to, r); }
    }

    /// <summary>Copies a value of one of the kept rows to any row.</summary>
    public void Carry(Column from, int row, Column to, int place)
    {
        to.CopyFrom(place, from, Source(row), 1);
        if (_samples == 1 || !RowLabels.IsLabel(from.Field)) { return; }
        if (!RowLabels.Agree(from, from.Values<int>(), Source(row) + 1 - _samples, _samples)) { to.SetValid(place, false); }
    }

    /// <summary>Reads a batch; returns false if its columns do not match the model. The caller keeps the batch.</summary>
    public bool Read(Batch batch)
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
        if (!labelled || plan.Target == TargetKind.None) { KeepAll(batch); }
        else if (plan.Target == TargetKind.Label) { KeepLabelled(batch); }
        else { KeepWithTargets(batch); }
        return true;
    }

    /// <summary>Drops rows with non-finite outputs and compacts outputs. Features are not moved.</summary>
    public void DropUnanswered(Span<float> outputs, int width)
    {
        var kept = 0;
        for (var r = 0; r < Count; r++)
        {
            var row = outputs.Slice(r * width, width);
            if (!Finite.All(row)) { continue; }
            row.CopyTo(outputs[(kept * width)..]);
            (_source[kept], _labels[kept]) = (_source[r], _labels[r]);
            kept++;
        }

        Drop((Count - kept) * _samples, "non-finite");
        Count = kept;
    }

    private ReadOnlySpan<float> Features => _features.AsSpan(0, Count * plan.Input.Size);

    private bool Takes(Schema schema)
    {
        if (ReferenceEquals(schema, _known)) { return true; }
        try { RowLabels.Require(plan, schema, labelled); }
        catch (SchemaException) { return false; }

        _known = schema;
        return true;
    }

    private void Reserve(int rows)
    {
        if (_labels.Length >= rows) { return; }
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)rows);
        (_features, _labels, _source) = (new float[size * plan.Input.Size], new int[size], new int[size]);
        if (labelled && plan.Target == TargetKind.Value) { _targets = new float[size]; }
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

    private void KeepAll(Batch batch)
    {
        var broken = 0;
        for (var r = 0; r < batch.Rows / _samples; r++)
        {
            if (Finite.All(this[r])) { Keep(r, 0); }
            else { broken += _samples; }
        }

        Drop(broken, "non-finite");
    }

    private void KeepLabelled(Batch batch)
    {
        var (unlabelled, wrong, broken) = (0, 0, 0);
        var column = batch[Schema.LabelColumn];
        var labels = column.Values<int>();
        for (var r = 0; r < batch.Rows / _samples; r++)
        {
            var first = r * _samples;
            if (!RowLabels.Agree(column, labels, first, _samples)) { unlabelled += _samples; }
            else if ((uint)labels[first] >= (uint)plan.Classes) { wrong += _samples; }
            else if (!Finite.All(this[r])) { broken += _samples; }
            else { Keep(r, labels[first]); }
        }

        Drop(unlabelled, "unlabelled");
        Drop(wrong, "bad-label");
        Drop(broken, "non-finite");
    }

    private void KeepWithTargets(Batch batch)
    {
        var (missing, wrong, broken) = (0, 0, 0);
        var column = batch[Schema.TargetColumn];
        var targets = column.Values<double>();
        for (var r = 0; r < batch.Rows / _samples; r++)
        {
            var last = ((r + 1) * _samples) - 1;
            if (!RowLabels.HasTarget(column, last)) { missing += _samples; }
            else if (!float.IsFinite((float)targets[last])) { wrong += _samples; }
            else if (!Finite.All(this[r])) { broken += _samples; }
            else
            {
                _targets[Count] = (float)targets[last];
                Keep(r, 0);
            }
        }

        Drop(missing, "no-target");
        Drop(wrong, "bad-target");
        Drop(broken, "non-finite");
    }

    private void Drop(int rows, string reason)
    {
        if (rows > 0) { context.DropRows(rows, reason); }
    }

    private void Keep(int row, int label)
    {
        if (row != Count) { this[row].CopyTo(_features.AsSpan(Count * plan.Input.Size)); }
        (_labels[Count], _source[Count]) = (label, ((row + 1) * _samples) - 1);
        Count++;
    }
}
