namespace StreamLearn.Learning;

internal sealed record LearnBlock(IModel Model, LearnOptions Options) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => DriftAlarm.WithEvaluations;

    public int MaxOutputsPerCall => 3;

    public long MessageBytes => Model.Plan.ParameterBytes;

    public string State => "weights and optimizer of each learner, replay buffer, moments, drift statistic";

    internal IEnumerable<Optimizer> Optimizers =>
        Options.Rates.IsEmpty ? [Options.Optimizer] : Options.Rates.Select(r => Options.Optimizer with { LearningRate = r });

    public bool IsOptional(int port) => port > 0;

    public long StateBytes(Schema? input)
    {
        var (plan, options) = (Model.Plan, Options);
        var rows = options.RowsPerStep + options.ReplayRows;
        var step = Model.Memory(rows, options.Optimizer) is { } memory
            ? memory.TrainingBytes + memory.InferenceScratchBytes : 2 * plan.ParameterBytes;
        var learners = (long)Math.Max(1, options.Rates.Length) * options.ScaleRows.Length;
        var answers = 4L * options.RowsPerStep * plan.Outputs;
        return step + (learners * ((2L * (1 + options.Optimizer.StateValues) * plan.ParameterBytes) + answers))
            + (4L * (plan.Input.Size + 1) * (options.Shared.BufferRows + (2L * rows)))
            + ((48L + (16L * options.ScaleRows.Length)) * plan.Input.Channels)
            + GlitchClip.Bytes(plan.Input) + (options.Drift?.StateBytes ?? AdaptiveWindow.Bytes) + 512;
    }

    public Schema Output(Schema input)
    {
        if (Model.Plan.Target != TargetKind.None) { RowLabels.Require(Model.Plan, input, labelled: true); }
        if (Options.WeightColumn is { } weights) { input.Require(weights, ColumnType.Float32); }
        return new InferBlock(Model, Options.Key).Output(input);
    }

    public override string ToString() => $"{Model.Structure}; {Options}";
}
