namespace StreamLearn.Learning;

/// <summary>Adds blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Sums a device's evaluations and publishes them periodically: all rows, and the newest.</summary>
    /// <remarks> State: both matrices, the newest rows' cells. Cost: O(rows); allocates only scores. Emits: a <see cref="DeviceScore"/> for
    /// new rows, at most every <paramref name="every"/>, and at the end. Within an evaluation, lower cells count as older rows. A
    /// change of the number of classes resets the counts. Drops: <c>too-many-classes</c>. </remarks>
    /// <param name="flow">The evaluations of one device.</param>
    /// <param name="every">Minimum time between scores, above 0; null: 5 s.</param>
    /// <param name="newestRows">Newest rows counted separately, 1 to 2^20; default 1000.</param>
    /// <param name="epoch">Start of the device, as in its updates; may be null.</param>
    /// <param name="heldUp">Provides the blocks that hold up others, per score; null, the default: none reported.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static Flow<DeviceScore> Score(this Flow<Evaluation> flow, TimeSpan? every = null, int newestRows = 1000,
        long? epoch = null, Func<IReadOnlyList<HoldUp>>? heldUp = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var interval = every ?? TimeSpan.FromSeconds(5);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero, nameof(every));
        ArgumentOutOfRangeException.ThrowIfLessThan(newestRows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(newestRows, 1 << 20);
        return flow.Via("score", new ScoreBlock(interval, newestRows, epoch, heldUp),
            static (ScoreBlock block, OperatorContext context, IOutput<DeviceScore> output) => new KeepScore(block, context, output));
    }
}

internal sealed record ScoreBlock(TimeSpan Every, int NewestRows, long? Epoch, Func<IReadOnlyList<HoldUp>>? HeldUp) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => EvaluationMessages.All;

    public string State => "rows by label and answer, the newest rows";

    public long StateBytes(Schema? input) => (2L * sizeof(long) * DeviceScore.MaxClasses * DeviceScore.MaxClasses) + (4L * NewestRows);

    public override string ToString() => FormattableString.Invariant($"every {Every.TotalSeconds} s, newest {NewestRows} rows");
}

internal sealed class KeepScore(ScoreBlock block, OperatorContext context, IOutput<DeviceScore> output) : Operator<Evaluation>, IStateful
{
    private readonly int[] _recent = new int[block.NewestRows];      // the cells of the newest rows, in a ring
    private long[] _all = [];
    private long[] _newest = [];
    private int _at;
    private int _held;
    private long _epoch = MessageNumbers.EpochOf(block.Epoch, context);
    private long _version;
    private long _rows;
    private double _loss;
    private double _newestLoss;
    private DateTimeOffset? _due;
    private bool _hasNews;

    public string StateFormat => "score/1";

    public void State(ref StateStream s)
    {
        s.Value(ref _epoch);
        s.Value(ref _version);
        s.Value(ref _rows);
        s.Value(ref _loss);
        s.Value(ref _newestLoss);
        s.Array(ref _all, DeviceScore.MaxClasses * DeviceScore.MaxClasses);
        s.Array(ref _newest, DeviceScore.MaxClasses * DeviceScore.MaxClasses);
        var first = s.Value(_held == 0 ? 0 : _at % _held, 0, int.MaxValue);
        var cells = s.Array<int>(_recent.AsSpan(0, _held), int.MaxValue);
        s.ClockTime(ref _due);
        s.Value(ref _hasNews);
        if (s.IsWriting) { return; }
        if (_all.Length != _newest.Length || first > cells.Length || cells.Any(c => (uint)c >= (uint)_all.Length))
        {
            throw new StateException("expected two matrices of the same classes, and valid cells");
        }

        (_at, _held) = (0, 0);
        Array.Clear(_newest);
        for (var i = 0; i < cells.Length; i++) { Remember(cells[(first + i) % cells.Length]); }      // fewer if the options have changed
    }

    public override void Process(Evaluation input)
    {
        if (input.Confusion.Length > DeviceScore.MaxClasses * DeviceScore.MaxClasses)
        {
            context.Drop(input, "too-many-classes");
            return;
        }

        if (input.Confusion.Length != _all.Length)
        {
            (_all, _newest) = (new long[input.Confusion.Length], new long[input.Confusion.Length]);
            (_rows, _loss, _newestLoss, _at, _held) = (0, 0, 0, 0, 0);
        }

        _version = input.ModelVersion;
        _rows += input.Rows;
        if (input.Rows > 0 && double.IsFinite(input.Loss))
        {
            _loss += input.Loss * input.Rows;
            _newestLoss += (input.Loss - _newestLoss) * Math.Min(1, input.Rows / (double)Math.Min(_rows, _recent.Length));
        }

        for (var cell = 0; cell < _all.Length; cell++)
        {
            var count = input.Confusion[cell];
            _all[cell] += count;
            for (var i = Math.Max(0, count - _recent.Length); i < count; i++) { Remember(cell); }
        }

        _hasNews |= input.Rows > 0;
        Tell();
    }

    public override void WakeUp() => Tell();

    public override void Complete()
    {
        if (_hasNews) { Emit(); }
    }

    private void Remember(int cell)
    {
        if (_held == _recent.Length) { _newest[_recent[_at]]--; }
        else { _held++; }
        _recent[_at] = cell;
        _at = (_at + 1) % _recent.Length;
        _newest[cell]++;
    }

    private void Tell()
    {
        if (!_hasNews) { return; }
        if (_due is { } due && due > context.Now) { context.WakeAt(due); }
        else { Emit(); }
    }

    private void Emit()
    {
        (_hasNews, _due) = (false, context.Now + block.Every);
        output.Emit(new()
        {
            Device = context.Pipeline,
            Epoch = _epoch,
            ModelVersion = _version,
            Rows = _rows,
            Loss = _rows == 0 ? 0 : _loss / _rows,
            NewestLoss = _newestLoss,
            Confusion = ImmutableArray.Create(_all),
            Newest = ImmutableArray.Create(_newest),
            Running = context.Now - context.Started,
            HeldUp = block.HeldUp?.Invoke() is { } held ? [.. held.Take(DeviceScore.MaxHeldUp)] : [],
        });
    }
}
