namespace StreamLearn.Learning;

public static partial class LearningFlowExtensions
{
    /// <summary>Publishes count, mean and covariance of a device's first rows, for <c>MergeMoments</c>.</summary>
    /// <remarks> Shape: float32 columns in; a message every <paramref name="everyRows"/> rows out, of all rows so far, so losses are
    /// harmless; repeats after <paramref name="repeatEvery"/>. State: the moments. Cost: channels²/2
    /// multiply-adds a row. Emits: at most one message per batch and repetition. Drops: rows <c>missing</c>, <c>non-finite</c>; batches
    /// <c>schema</c>. Source: <see cref="RowMoments"/>. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="device">The device's name.</param>
    /// <param name="columns">The float32 columns; empty, the default: all.</param>
    /// <param name="learnRows">Rows at the start that are assumed usual; only these count. At least 2; default 10,000.</param>
    /// <param name="everyRows">Rows between messages, at least 1; default 1,000.</param>
    /// <param name="epoch">Start of the device, in milliseconds since 1970; a new start's messages replace earlier ones. Default 0.</param>
    /// <param name="repeatEvery">Interval of repetition for late subscribers, above 0; null, the default: never.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public static Flow<DeviceMoments> ShareMoments(this Flow<Batch> flow, string device,
        ImmutableArray<string> columns = default, int learnRows = 10_000, int everyRows = 1000, long epoch = 0,
        TimeSpan? repeatEvery = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentException.ThrowIfNullOrEmpty(device);
        ArgumentOutOfRangeException.ThrowIfLessThan(learnRows, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(everyRows, 1);
        if (repeatEvery is { } every) { ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(every, TimeSpan.Zero, nameof(repeatEvery)); }
        var block = new ShareMomentsBlock(device, columns.IsDefault ? [] : columns, learnRows, everyRows, epoch, repeatEvery);
        return flow.Via("share-moments", block,
            static (ShareMomentsBlock block, OperatorContext context, IOutput<DeviceMoments> output) =>
                new ShareMoments(block, context, output));
    }
}

internal sealed record ShareMomentsBlock(
    string Device, ImmutableArray<string> Columns, int LearnRows, int EveryRows, long Epoch, TimeSpan? RepeatEvery) : IBlockOptions
{
    public string State => "the moments of the rows so far";

    public long StateBytes(Schema? input) => input is null ? 0 : 32 + RowMoments.BytesOf(Watched(input).Length);

    public IReadOnlyList<MessageCodec> MessageCodecs => [MessageCodec.Of(DeviceMoments.Codec)];

    internal int[] Watched(Schema input) => Columns.IsEmpty
        ? [.. Enumerable.Range(0, input.Fields.Length).Where(c => input.Fields[c].Type == ColumnType.Float32)]
        : [.. Columns.Select(name => input.Require(name, ColumnType.Float32))];

    public bool Equals(ShareMomentsBlock? other) => other is not null
        && (Device, LearnRows, EveryRows, Epoch, RepeatEvery)
            == (other.Device, other.LearnRows, other.EveryRows, other.Epoch, other.RepeatEvery)
        && Columns.AsSpan().SequenceEqual(other.Columns.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Device, Columns.Length, LearnRows, EveryRows, Epoch, RepeatEvery);

    public override string ToString() => FormattableString.Invariant($"{Device}, {LearnRows} rows, sent every {EveryRows}")
        + (RepeatEvery is { } every ? FormattableString.Invariant($", again after {every.TotalSeconds} s") : "");
}

internal sealed class ShareMoments(ShareMomentsBlock block, OperatorContext context, IOutput<DeviceMoments> output)
    : Operator<Batch>, IStateful
{
    private RowMoments? _moments;
    private float[] _row = [];
    private Schema? _schema;
    private int[] _watched = [];
    private ImmutableArray<string> _names = [];
    private DateTimeOffset? _repeatAt;      // null: nothing was sent yet, or it is sent only once

    public string StateFormat => "share-moments/2";

    public void State(ref StateStream s)
    {
        s.ClockTime(ref _repeatAt);
        if (s.IsReading && _repeatAt is { } at) { context.WakeAt(at); }
        if (!s.Value(_moments is not null)) { return; }
        var moments = DeviceMoments.MomentsOf(ref s, s.IsReading ? null : _moments);
        _names = s.Items(_names, Schema.MaxColumns, static (ref StateStream s, ref string name) => name = s.Value(name ?? ""));
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
            for (var row = 0; row < input.Rows && _moments!.Count < block.LearnRows; row++)
            {
                if (!Gather(input, row)) { continue; }
                _moments.Add(_row);
                if (_moments.Count % block.EveryRows == 0 || _moments.Count == block.LearnRows) { told = _moments.Copy(); }
            }

            if (told is not null) { Tell(told); }
        }
    }

    public override void WakeUp()
    {
        if (_repeatAt is not { } at) { return; }
        if (context.Now >= at) { Tell(_moments!.Copy()); }
        else { context.WakeAt(at); }
    }

    private void Tell(RowMoments moments)
    {
        output.Emit(new(block.Device, block.Epoch, _names, moments));
        _repeatAt = block.RepeatEvery is { } every ? context.Now + every : null;
        if (_repeatAt is { } at) { context.WakeAt(at); }
    }

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
            (_schema, _watched, _names) = (schema, watched, [.. watched.Select(c => schema.Fields[c].Name)]);
            if (_moments is null) { Begin(new(watched.Length)); }
            return true;
        }
        catch (SchemaException) { return false; }
    }

    private void Begin(RowMoments moments) => (_moments, _row) = (moments, new float[moments.Mean.Length]);
}
