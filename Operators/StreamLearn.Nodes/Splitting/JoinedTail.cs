namespace StreamLearn.Nodes;

/// <summary>All layers of a network after several devices; joins batches with the same number.</summary>
/// <remarks>Source: Vepakomma et al. (2018), for vertically partitioned data.</remarks>
internal sealed class JoinedTail(
    JoinedBlock block, OperatorContext context, IOutput<BoundaryGradients> gradients, IOutput<SplitReport> reports)
    : Operator<Activations>, IStateful
{
    private readonly TrainedPart _part = new(block.Model, block.Options.Optimizer, block.Options.Start, 0, block.Model.PartCount, context);
    private readonly Progress _progress = new(block.Options, context, reports);
    private readonly ISplitTape _tape = block.Model.CreateTape();
    private readonly Activations?[] _batches = new Activations?[block.Devices.Length];
    private readonly (long Epoch, long Sequence)[] _newest = new (long, long)[block.Devices.Length];
    private readonly float[] _rows = new float[block.Options.BatchRows * block.Model.ShapeAt(0).Size];
    private readonly float[] _back = new float[block.Options.BatchRows * block.Model.ShapeAt(0).Size];

    public string StateFormat => "train-joined/1";

    public void State(ref StateStream s)
    {
        _part.State(ref s);
        _progress.State(ref s);
        for (var d = 0; d < _batches.Length; d++)
        {
            s.Optional(ref _batches[d], LearningCodecs.Activations);
            _newest[d] = (s.Value(_newest[d].Epoch), s.Value(_newest[d].Sequence));
        }
    }

    public override void Process(Activations input)
    {
        var device = IndexOf(input.Device);
        if ((device < 0 ? "unknown-device" : Refuse(input, device)) is { } reason)
        {
            context.Drop(input, reason);
            return;
        }

        _newest[device] = (input.Epoch, input.Sequence);
        if (_batches[device] is { } before) { context.Drop(before, "unmatched"); }
        _batches[device] = input;
        DropUnmatched();
        if (Array.TrueForAll(_batches, static b => b is not null)) { Train(); }
        _progress.PublishIfDue(_part);
    }

    public override void Complete() => _progress.Publish(_part);

    private int IndexOf(string device)
    {
        for (var d = 0; d < block.Devices.Length; d++)
        {
            if (block.Devices[d].Device == device) { return d; }
        }

        return -1;
    }

    private string? Refuse(Activations input, int device)
    {
        if (input.Epoch < _newest[device].Epoch) { return "epoch"; }
        if (input.Epoch == _newest[device].Epoch && input.Sequence <= _newest[device].Sequence) { return "duplicate"; }
        if (input.MoveTo is not null || input.Round is not null || input.Rows < 1 || input.Rows > block.Options.BatchRows
            || input.Values.Length != (long)input.Rows * block.Devices[device].Values
            || (!input.Labels.IsEmpty && input.Labels.Length != input.Rows))
        {
            return "shape";
        }

        if (!RowLabels.AreClasses(block.Model.Plan, input.Labels.AsSpan())) { return "bad-label"; }
        return Finite.All(input.Values.AsSpan()) ? null : "non-finite";
    }

    /// <summary>Drops unmatched batches: numbers arrive in order, so a batch is unmatched once another device is past it.</summary>
    private void DropUnmatched()
    {
        var last = _batches.Max(static b => b?.Sequence ?? 0);
        for (var d = 0; d < _batches.Length; d++)
        {
            if (_batches[d] is not { } batch || batch.Sequence == last) { continue; }
            context.Drop(batch, "unmatched");
            _batches[d] = null;
        }
    }

    private void Train()
    {
        var (first, width) = (_batches[0]!, block.Model.ShapeAt(0).Size);
        var labels = _batches.FirstOrDefault(static b => !b!.Labels.IsEmpty)?.Labels ?? [];
        var same = Array.TrueForAll(_batches, b => b!.Rows == first.Rows);
        if (labels.IsEmpty || !same)
        {
            Clear(labels.IsEmpty ? "unlabelled" : "shape");
            return;
        }

        var rows = first.Rows;
        for (var (d, at) = (0, 0); d < _batches.Length; at += block.Devices[d++].Values)
        {
            var values = block.Devices[d].Values;
            for (var r = 0; r < rows; r++) { _batches[d]!.Values.AsSpan(r * values, values).CopyTo(_rows.AsSpan((r * width) + at)); }
        }

        _part.Forward(_rows.AsSpan(0, rows * width), rows, _tape, pin: false, first.Sequence);
        var applied = _part.Learn(_tape, labels.AsSpan(), _back.AsSpan(0, rows * width), out var loss);
        if (applied) { _progress.Add(loss, rows); }
        Answer(rows, applied ? loss : 0, applied);
    }

    private void Answer(int rows, float loss, bool applied)
    {
        for (var (d, at) = (0, 0); d < _batches.Length; at += block.Devices[d++].Values)
        {
            var (values, batch) = (block.Devices[d].Values, _batches[d]!);
            var own = applied ? new float[rows * values] : [];
            for (var r = 0; r < rows && applied; r++)
            {
                _back.AsSpan((r * block.Model.ShapeAt(0).Size) + at, values).CopyTo(own.AsSpan(r * values));
            }

            gradients.Emit(new()
            {
                Device = batch.Device,
                Epoch = batch.Epoch,
                Sequence = batch.Sequence,
                Split = batch.Split,
                SchemaHash = batch.SchemaHash,
                Values = [.. own],
                Loss = loss,
                RolledBack = !applied,
            });
            _batches[d] = null;
        }
    }

    private void Clear(string reason)
    {
        for (var d = 0; d < _batches.Length; d++)
        {
            context.Drop(_batches[d]!, reason);
            _batches[d] = null;
        }
    }
}
