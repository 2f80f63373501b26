using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using StreamLearn.Arrow;

namespace Sensor;

/// <summary>Decodes Arrow IPC messages: columns by name, any number type as a channel, labels as class indices.</summary>
internal sealed class ArrowRows : ICodec<Batch>
{
    private readonly ArrowCodec _codec;
    private readonly Schema _schema;
    private readonly (string Source, bool IsTime)[] _sources;
    private readonly LabelConfig? _label;
    private readonly long _unit;        // nanoseconds per unit of a numeric time
    private string? _lastRefusal;

    internal ArrowRows(ColumnsConfig columns, Schema schema)
    {
        _schema = schema;
        _sources = [.. schema.Fields.Select(f => f.Name == Schema.TimeColumn ? (columns.Time!.Name, true)
            : (f.Name == Schema.LabelColumn ? columns.Label!.Name
                : f.Name == Schema.TargetColumn ? columns.Value!.Target.Name : f.Name, false))];
        _codec = new(new() { Columns = [.. _sources.Select(static s => s.Source)], Time = TimeOf(columns) });
        _label = columns.LabelInData;
        _unit = columns.Time!.Unit switch
        {
            TimeUnit.Seconds => 1_000_000_000,
            TimeUnit.Milliseconds => 1_000_000,
            TimeUnit.Microseconds => 1000,
            _ => 1,
        };
    }

    public string Name => $"arrow-rows/1 {_schema.Hash:x16}";

    public Schema Schema => _schema;

    internal string? LastRefusal => Volatile.Read(ref _lastRefusal);

    public void Encode(Batch value, IBufferWriter<byte> buffer) => _codec.Encode(value, buffer);

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out Batch value)
    {
        value = null;
        if (!_codec.TryDecode(bytes, pool, out var read, out var refusal))
        {
            Volatile.Write(ref _lastRefusal, refusal);
            return false;
        }

        using (read)
        {
            var batch = pool.Rent(_schema, read.Rows);
            for (var c = 0; c < _sources.Length; c++)
            {
                // the event time column is renamed
                var from = read.Columns[c];
                if (_sources[c].IsTime) { Times(from, batch.Columns[c]); }
                else if (batch.Columns[c].Field.Type == ColumnType.Int32)
                {
                    Copy<int>(from, batch.Columns[c]);
                    _label!.Translate(batch.Columns[c].Writable<int>());
                }
                else if (batch.Columns[c].Field.Type == ColumnType.Float64) { Copy<double>(from, batch.Columns[c]); }
                else { Copy<float>(from, batch.Columns[c]); }
            }

            value = batch;
            return true;
        }
    }

    private static string? TimeOf(ColumnsConfig columns) => columns.Time is { Unit: TimeUnit.Iso8601 } time ? time.Name : null;

    private void Times(Column from, Column to)
    {
        Copy<long>(from, to);
        if (from.Field.Unit == Unit.Nanosecond) { return; }
        foreach (ref var time in to.Writable<long>()) { time *= _unit; }
    }

    private static void Copy<T>(Column from, Column to)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var values = to.Writable<T>();
        switch (from.Field.Type)
        {
            case ColumnType.Float32: Convert<float, T>(from, values); break;
            case ColumnType.Float64: Convert<double, T>(from, values); break;
            case ColumnType.Int32: Convert<int, T>(from, values); break;
            default: Convert<long, T>(from, values); break;
        }

        for (var row = 0; row < from.Rows; row++)
        {
            if (from.IsValid(row)) { continue; }
            if (to.Field.Nullable) { to.SetValid(row, false); }
            else if (typeof(T) == typeof(float)) { values[row] = T.CreateTruncating(float.NaN); }
        }
    }

    private static void Convert<TFrom, T>(Column from, Span<T> to)
        where TFrom : unmanaged, System.Numerics.INumber<TFrom>
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var values = from.Values<TFrom>();
        for (var row = 0; row < to.Length; row++) { to[row] = T.CreateSaturating(values[row]); }
    }
}
