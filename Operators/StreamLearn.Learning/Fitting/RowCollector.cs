using System.Runtime.InteropServices;
using StreamLearn.Simulation;

namespace StreamLearn.Learning;

/// <summary>Collects a flow's rows in memory for <c>Fit</c>: <c>flow.ForEach("collect", collector.Add)</c>.</summary>
/// <remarks> Features are the float32 columns. The answer is <c>label</c> (int32) or, without it, <c>target</c> (float64); for a window,
/// that of its last row. Skips and counts in <see cref="LeftOut"/> rows without an answer (<c>unlabelled</c>, <c>no-target</c>), with a
/// missing or non-finite feature or target (<c>non-finite</c>), a negative label (<c>bad-label</c>) or no group (<c>no-group</c>), and
/// batches whose length is not a multiple of the window (<c>window-length</c>). Only one flow may add at a time. Cost: O(values) per batch;
/// 4 bytes per value, doubled as it grows. </remarks>
public sealed class RowCollector
{
    private readonly int _samples;
    private readonly string? _group;
    private readonly long _maxBytes;
    private readonly List<float> _features = [];
    private readonly List<int> _labels = [];
    private readonly List<float> _targets = [];
    private readonly List<int> _groups = [];
    private readonly SortedDictionary<string, long> _leftOut = new(StringComparer.Ordinal);
    private Schema? _schema;

    /// <summary>Creates an empty collector.</summary>
    /// <param name="samples">Rows of a batch that form a window, one row channel by channel. Default 1: no windows.</param>
    /// <param name="group">The int32 or int64 column of groups, coded from 0, such as the <c>person</c> of
    /// <c>FromCsv("data/{person}/*.csv")</c>; a window has its last row's. Default none: one group.</param>
    /// <param name="maxBytes">Maximum bytes of features; default 1 GiB.</param>
    /// <exception cref="ArgumentOutOfRangeException">Samples or bytes are below 1.</exception>
    public RowCollector(int samples = 1, string? group = null, long maxBytes = 1L << 30)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        (_samples, _group, _maxBytes) = (samples, group, Math.Min(maxBytes, 4L * Array.MaxLength));
    }

    /// <summary>Collects windows of devices in stream order, in virtual time. Their group is the device's place.</summary>
    /// <param name="devices">Names of the devices.</param>
    /// <param name="windows">Makes a device's windows, a batch each.</param>
    /// <param name="takes">True for the number of a device's window, from 0, if it is to be collected.</param>
    /// <param name="collected">Called with each collected window; null: none.</param>
    /// <param name="seed">Seed of the virtual world.</param>
    public static RecordedRows Play(IReadOnlyList<string> devices, Func<PipelineBuilder, string, Flow<Batch>> windows,
        Func<int, bool> takes, Action<Batch>? collected, long seed)
    {
        ArgumentNullException.ThrowIfNull(devices);
        RowCollector? all = null;
        using var world = new VirtualWorld(new() { Seed = seed });
        foreach (var (device, name) in devices.Index())
        {
            var number = 0;
            world.Add(Pipeline.Define(name, p => windows(p, name).ForEach("collect", window =>
            {
                if (!takes(number++)) { return; }
                all ??= new(window.Rows, maxBytes: long.MaxValue);
                var before = all.Count;
                all.Add(window, device);
                if (all.Count > before) { collected?.Invoke(window); }
            })));
        }

        world.RunToEnd();
        return (all ?? new()).ToRows();
    }

    /// <summary>The feature columns; empty before the first batch.</summary>
    public ImmutableArray<Field> Columns { get; private set; } = [];

    /// <summary>The shape of a row: <c>new Network(collector.Shape, …)</c>.</summary>
    /// <exception cref="InvalidOperationException">There was no batch yet.</exception>
    public Shape Shape => Columns.IsEmpty
        ? throw new InvalidOperationException("expected batches: nothing was collected") : new(Columns.Length, _samples);

    /// <summary>Number of collected rows.</summary>
    public int Count { get; private set; }

    /// <summary>Skipped rows, by reason.</summary>
    public IReadOnlyDictionary<string, long> LeftOut => _leftOut;

    /// <summary>Copies a batch's rows; the caller keeps the batch.</summary>
    /// <exception cref="SchemaException">The batch has no labels or targets, no such group, no features, or other columns.</exception>
    /// <exception cref="InvalidOperationException">The features would exceed <c>maxBytes</c>.</exception>
    public void Add(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Add(batch, _group is null ? 0 : null);
    }

    /// <summary>Copies the rows of a batch as rows of one group; the caller keeps the batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="group">Their group, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The group is below 0.</exception>
    /// <exception cref="SchemaException"><see cref="Add(Batch)"/> throws it.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Add(Batch)"/> throws it.</exception>
    public void Add(Batch batch, int group)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(group);
        Add(batch, (int?)group);
    }

    /// <summary>Returns the rows collected.</summary>
    public RecordedRows ToRows()
    {
        var features = _features.ToArray();
        var rows = _targets.Count > 0 ? new RecordedRows(features, _targets.ToArray()) : new(features, _labels.ToArray());
        return rows with { Groups = _groups.TrueForAll(static g => g == 0) ? default : _groups.ToArray() };
    }

    private void Add(Batch batch, int? group)
    {
        Require(batch.Schema);
        if (batch.Rows % _samples != 0)
        {
            LeaveOut("window-length", batch.Rows);
            return;
        }

        for (var first = 0; first < batch.Rows; first += _samples) { AddRow(batch, first, group); }
    }

    private void AddRow(Batch batch, int first, int? group)
    {
        var (label, target) = (0, 0f);
        var isLabel = batch.TryColumn(Schema.LabelColumn, out var told);
        if (!isLabel) { told = batch[Schema.TargetColumn]; }
        var last = first + _samples - 1;
        if (isLabel ? !RowLabels.Agree(told, told.Values<int>(), first, _samples) : !RowLabels.HasTarget(told, last))
        {
            LeaveOut(isLabel ? "unlabelled" : "no-target", _samples);
            return;
        }

        if (isLabel) { label = told.Values<int>()[first]; }
        else { target = (float)told.Values<double>()[last]; }
        var owner = group ?? GroupOf(batch[_group!], last);
        if (label < 0) { LeaveOut("bad-label", _samples); }
        else if (owner < 0) { LeaveOut("no-group", _samples); }
        else if (!float.IsFinite(target) || !Append(batch, first)) { LeaveOut("non-finite", _samples); }
        else
        {
            _groups.Add(owner);
            if (isLabel) { _labels.Add(label); }
            else { _targets.Add(target); }
            Count++;
        }
    }

    /// <summary>Returns false if a value is missing or not finite.</summary>
    private bool Append(Batch batch, int first)
    {
        var (before, size) = (_features.Count, Columns.Length * _samples);
        var bytes = sizeof(float) * (before + (long)size);
        if (bytes > _maxBytes) { throw new InvalidOperationException($"expected at most {_maxBytes} bytes of features, got {bytes}"); }
        CollectionsMarshal.SetCount(_features, before + size);
        var row = CollectionsMarshal.AsSpan(_features)[before..];
        var isWhole = true;
        for (var c = 0; isWhole && c < Columns.Length; c++)
        {
            var column = batch.Channels[c];
            column.Values<float>().Slice(first, _samples).CopyTo(row[(c * _samples)..]);
            for (var r = first; column.Field.Nullable && r < first + _samples; r++) { isWhole &= column.IsValid(r); }
        }

        if (isWhole && Finite.All(row)) { return true; }
        CollectionsMarshal.SetCount(_features, before);
        return false;
    }

    private static int GroupOf(Column column, int row)
    {
        if (!column.IsValid(row)) { return -1; }
        var code = column.Field.Type == ColumnType.Int32 ? column.Values<int>()[row] : column.Values<long>()[row];
        return code is >= 0 and <= int.MaxValue ? (int)code : -1;
    }

    private void Require(Schema schema)
    {
        if (ReferenceEquals(schema, _schema)) { return; }
        if (_schema is not null && !schema.Equals(_schema)) { throw new SchemaException($"expected batches of {_schema}, got {schema}"); }
        Columns = [.. schema.Fields.Where(static f => f.Type == ColumnType.Float32)];
        if (Columns.IsEmpty) { throw new SchemaException($"expected float32 columns, got {schema}"); }
        if (schema.IndexOf(Schema.LabelColumn) >= 0) { schema.Require(Schema.LabelColumn, ColumnType.Int32); }
        else if (schema.IndexOf(Schema.TargetColumn) >= 0) { schema.Require(Schema.TargetColumn, ColumnType.Float64); }
        else { throw new SchemaException($"expected '{Schema.LabelColumn}' or '{Schema.TargetColumn}', got {schema}"); }
        if (_group is { } group && schema.IndexOf(group) is var place
            && (place < 0 || schema.Fields[place].Type is not (ColumnType.Int32 or ColumnType.Int64)))
        {
            throw new SchemaException($"expected int32 or int64 column '{group}', got {schema}");
        }

        _schema = schema;
    }

    private void LeaveOut(string reason, int rows) => _leftOut[reason] = _leftOut.GetValueOrDefault(reason) + rows;
}
