using System.Collections.Immutable;

namespace StreamLearn.Learning;

/// <summary>Settings of <c>ShareMoments</c>.</summary>
public sealed record ShareMomentsOptions
{
    /// <summary>The float32 columns; empty, the default: all.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>Rows at the start that are taken for usual; those after them do not count. At least 2; default 10,000.</summary>
    public int LearnRows { get; init; } = 10_000;

    /// <summary>Rows from one message to the next, at least 1; default 1,000.</summary>
    public int EveryRows { get; init; } = 1000;

    /// <inheritdoc />
    public bool Equals(ShareMomentsOptions? other) => other is not null && LearnRows == other.LearnRows && EveryRows == other.EveryRows
        && Columns.AsSpan().SequenceEqual(other.Columns.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Columns.Length, LearnRows, EveryRows);

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"{LearnRows} rows, told every {EveryRows}");
}

public static partial class LearningFlowExtensions
{
    /// <summary>Says what the first rows of a device are like: count, mean and covariance, for <c>MergeMoments</c>.</summary>
    /// <remarks>
    /// Shape: float32 columns in; a message every <see cref="ShareMomentsOptions.EveryRows"/> rows out, of all rows so far, so that one
    /// that is lost loses nothing. State: the moments. Cost: channels²/2 multiply-adds a row. Emits: at most one message per batch.
    /// Drops, of rows: <c>missing</c> and <c>non-finite</c>; of batches: <c>schema</c>. Source: <see cref="RowMoments"/>.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="device">The device, as others know it.</param>
    /// <param name="options">Columns and rows; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range; thrown here, never while running.</exception>
    public static Flow<DeviceMoments> ShareMoments(this Flow<Batch> flow, string device, ShareMomentsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentException.ThrowIfNullOrEmpty(device);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LearnRows, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.EveryRows, 1);
        return flow.Via("share-moments", new ShareMomentsBlock(device, options),
            static (ShareMomentsBlock block, OperatorContext context, IOutput<DeviceMoments> output) =>
                new ShareMoments(block, context, output));
    }
}

internal sealed record ShareMomentsBlock(string Device, ShareMomentsOptions Options) : IBlockOptions
{
    /// <inheritdoc />
    public string State => "the moments of the rows so far";

    /// <inheritdoc />
    public long StateBytes(Schema? input) => input is null ? 0 : 16 + RowMoments.BytesOf(Watched(input).Length);

    /// <inheritdoc />
    public IReadOnlyList<MessageCodec> MessageCodecs => [MessageCodec.Of(DeviceMoments.Codec)];

    /// <exception cref="SchemaException">A column is not there.</exception>
    internal int[] Watched(Schema input) => Options.Columns.IsDefaultOrEmpty
        ? [.. Enumerable.Range(0, input.Fields.Length).Where(c => input.Fields[c].Type == ColumnType.Float32)]
        : [.. Options.Columns.Select(name => input.Require(name, ColumnType.Float32))];

    /// <inheritdoc />
    public override string ToString() => $"{Device}, {Options}";
}

internal sealed class ShareMoments(ShareMomentsBlock block, OperatorContext context, IOutput<DeviceMoments> output)
    : Operator<Batch>, IStateful
{
    private RowMoments? _moments;
    private float[] _row = [];
    private Schema? _schema;
    private int[] _watched = [];

    /// <inheritdoc />
    public string StateFormat => "share-moments/1";

    /// <inheritdoc />
    public void State(ref StateStream s)
    {
        if (!s.Value(_moments is not null)) { return; }
        var moments = DeviceMoments.State(ref s, s.IsReading ? null : _moments);
        if (s.IsReading) { Begin(moments); }
    }

    public override void Process(Batch input)
    {
        if (!Takes(input.Schema))
        {
            context.Drop(input, "schema");
            return;
        }

        using (input)
        {
            RowMoments? told = null;
            for (var row = 0; row < input.Rows && _moments!.Count < block.Options.LearnRows; row++)
            {
                if (!Gather(input, row)) { continue; }
                _moments.Add(_row);
                if (_moments.Count % block.Options.EveryRows == 0 || _moments.Count == block.Options.LearnRows) { told = _moments.Copy(); }
            }

            if (told is not null) { output.Emit(new(block.Device, told)); }
        }
    }

    /// <summary>False: the row is left out, and counted.</summary>
    private bool Gather(Batch input, int row)
    {
        for (var c = 0; c < _watched.Length; c++)
        {
            var column = input.Columns[_watched[c]];
            var isMissing = !column.IsValid(row);
            _row[c] = isMissing ? 0 : column.Values<float>()[row];
            if (!isMissing && float.IsFinite(_row[c])) { continue; }
            context.DropRows(1, isMissing ? "missing" : "non-finite");
            return false;
        }

        return true;
    }

    private bool Takes(Schema schema)
    {
        if (ReferenceEquals(_schema, schema)) { return true; }
        try
        {
            var watched = block.Watched(schema);
            if (watched.Length == 0 || (_moments is not null && watched.Length != _row.Length)) { return false; }
            (_schema, _watched) = (schema, watched);
            if (_moments is null) { Begin(new(watched.Length)); }
            return true;
        }
        catch (SchemaException)
        {
            return false;
        }
    }

    private void Begin(RowMoments moments) => (_moments, _row) = (moments, new float[moments.Mean.Length]);
}
