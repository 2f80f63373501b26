namespace StreamLearn.Nodes;

internal sealed record SplitTailBlock(ISplitModel Model, int Split, SplitTrainOptions Options) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => SplitMessages.All;

    public int MaxOutputsPerCall => 2;

    public string State => "weights, optimizer state, the last good copy of both, newest batch of each device";

    public long StateBytes(Schema? input) =>
        Options.StateBytes(Model, tapes: 1) + (64L * Options.MaxDevices) + (4L * Flights.Most * Options.BatchRows);

    public override string ToString() => $"{Model.Structure}; layers {Split} to {Model.PartCount}; {Options}";
}

/// <summary>Layers from the split on: forward, loss, backward and step in one call.</summary>
/// <remarks>Labels that batches do not contain arrive earlier as control messages. Source: Gupta, Raskar (2018), split learning; Vepakomma
/// et al. (2018), also U-shaped.</remarks>
internal sealed class SplitTail(
    SplitTailBlock block, OperatorContext context, IOutput<BoundaryGradients> gradients, IOutput<SplitReport> reports)
    : Operator<Activations>, IStateful, IControlledBy<Activations>
{
    private const int MaxLabels = Flights.Most;

    private readonly Arrivals _arrivals = new(block.Model, block.Options, block.Split, block.Model.PartCount, context);
    private readonly Progress _progress = new(block.Options, context, reports);
    private readonly ISplitTape _tape = block.Model.CreateTape();
    private readonly Queue<(string Device, long Epoch, long Sequence, ImmutableArray<int> Labels)> _labels = new(MaxLabels);

    private TrainedPart Part => _arrivals.Part;

    public string StateFormat => "split-tail/1";

    public void State(ref StateStream s)
    {
        _arrivals.State(ref s);
        _progress.State(ref s);
        s.Items(_labels, MaxLabels,
            static (ref StateStream s, ref (string Device, long Epoch, long Sequence, ImmutableArray<int> Labels) batch) =>
            {
                batch = (s.Value(batch.Device ?? ""), s.Value(batch.Epoch), s.Value(batch.Sequence), batch.Labels);
                batch.Labels = s.Array(s.IsReading ? [] : batch.Labels, int.MaxValue);
            });
    }

    public override void Process(Activations input)
    {
        var labels = input.Labels.IsEmpty ? LabelsOf(input) : input.Labels;
        var missing = input.MoveTo is not null ? null : labels.IsEmpty ? "unlabelled" : labels.Length != input.Rows ? "shape"
            : _arrivals.Refuse(labels);
        if ((missing ?? _arrivals.Admit(input)) is { } reason)
        {
            context.Drop(input, reason);
            return;
        }

        if (input.MoveTo is not null) { gradients.Emit(_arrivals.Move(input)); }
        else { Train(input, labels.AsSpan()); }
        _progress.PublishIfDue(Part);
    }

    /// <summary>Keeps the labels of batches in flight; evicts the oldest.</summary>
    public void Control(Activations message)
    {
        if (message.Labels.IsEmpty) { return; }
        if (_labels.Count == MaxLabels) { _labels.Dequeue(); }
        _labels.Enqueue((message.Device, message.Epoch, message.Sequence, message.Labels));
    }

    public override void Complete() => _progress.Publish(Part);

    private void Train(Activations input, ReadOnlySpan<int> labels)
    {
        var answer = Part.Learn(input, labels, _tape);
        if (!answer.RolledBack) { _progress.Add(answer.Loss, input.Rows); }
        gradients.Emit(answer);
    }

    private ImmutableArray<int> LabelsOf(Activations input)
    {
        foreach (var known in _labels)
        {
            if (known.Sequence == input.Sequence && known.Epoch == input.Epoch && known.Device == input.Device) { return known.Labels; }
        }

        return [];
    }
}
