namespace StreamLearn.Learning;

internal sealed record TrainBlock(IModel Model, TrainOptions Options, bool Receipts = false) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => DriftAlarm.WithEvaluations;

    public int MaxOutputsPerCall => Receipts ? 6 : 2;     // an update, its evaluation and presence

    public long MessageBytes => Model.Plan.ParameterBytes;

    public string State => "weights, optimizer, the last good of both, replay buffer, moments" + (Receipts ? ", unanswered updates" : "");

    public long StateBytes(Schema? input)
    {
        var states = Options.Optimizer.StateValues;
        var batch = Options.Tuning?.MaxRows(Model, Options) ?? Options.LargestBatch(Model.Plan);
        var plan = Model.Memory(Math.Min(batch, BatchSizeTuner.LargestArray(Model)), Options.Optimizer, Options.Threads);
        var step = plan is null ? (2 + states) * Model.Plan.ParameterBytes : plan.TrainingBytes + plan.InferenceScratchBytes;
        var underWay = Receipts ? Options.Credit.Updates + 2 : 0;
        // newest, last good, round start and tuning
        var kept = (2 + states + underWay + (Receipts ? 0 : 1) + (Options.Tuning?.Every is null ? 0 : 1)) * Model.Plan.ParameterBytes;
        return step + kept + (4L * (Model.Plan.Input.Size + 1) * (Options.BufferRows + (long)batch)) + (32L * Model.Plan.Input.Channels)
            + (Options.HoldBack is { } held ? (4L * (Model.Plan.Input.Size + 1) * held.BufferRows) + (2 * Model.Plan.ParameterBytes) : 0)
            + GlitchClip.Bytes(Model.Plan.Input);
    }

    public Schema Output(Schema input)
    {
        RowLabels.Require(Model.Plan, input, labelled: true);
        return input;
    }

    public override string ToString() => Receipts ? $"{Model.Structure}; {Options}; {Options.Credit}" : $"{Model.Structure}; {Options}";
}
