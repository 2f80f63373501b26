namespace StreamLearn.Learning;

/// <summary>Adds blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Learns from a stream by test-then-train: it answers each row before learning from it, and sends updates.</summary>
    /// <remarks> Shape: rows of float32 columns in the model's order, where consecutive rows form one model row with all its samples, and a
    /// nullable int32 <c>label</c>; for regression a nullable float64 <c>target</c>, for unsupervised models neither. Units: those of the
    /// columns; the first layer scales them. State: weights, optimizer, replay buffer of raw rows, moments, schedule steps, the current
    /// round. A round starts from the newest version. Without a new one it continues, and its update carries only the new part. Each
    /// version resets optimizer state, unless <see cref="TrainOptions.KeepOptimizerState"/>. The schedule continues, after a restart by the
    /// saved state or <see cref="TrainOptions.StepsBefore"/>. Cost: one forward pass per row, and <see cref="ModelPlan.StepMultiplyAdds"/>
    /// for each row of a step; allocates only messages. Emits: after every <see cref="TrainOptions.StepsPerUpdate"/> steps, and at the end,
    /// an update (main) and an evaluation of the rows since the last one (side). Devices that a version does not invite answer rows without
    /// steps. Directives change steps, batch, rate, proximal term and time of later rounds until replaced. <see cref="TrainingMemory"/>
    /// bounds tuned batches from the next step on. A <see cref="DriftAlarm"/> triggers <see cref="TrainOptions.Reaction"/>; counts
    /// <c>alarms</c>. In moments, glitches count as 16 deviations, or four times the farthest earlier value; learning clips them only
    /// beyond a million times that. Counts <c>clipped-values</c>. Steps whose loss is not finite are skipped; non-finite weights are
    /// replaced by the last finite ones, at most 32 steps old, and never sent. Drops: <c>unlabelled</c>, <c>bad-label</c>,
    /// <c>no-target</c>, <c>bad-target</c>, <c>non-finite</c>, <c>window-length</c> (the batch's last window is incomplete), <c>schema</c>;
    /// of models, <c>schema</c> and <c>non-finite</c>; of memory, <c>not-tuned</c>. Counts <c>steps</c>, <c>memory-short</c> (not even a
    /// row fits), <c>rows-trained</c>, <c>rolled-back-steps</c> (of these), <c>stale-models</c>, <c>bad-directives</c>; shows
    /// <c>buffer-rows</c>, <c>staleness</c> (versions received during the last update), <c>schedule-steps</c>, <c>resting</c> (1:
    /// <see cref="TrainOptions.MaxVisits"/> is reached), and <c>batch-rows</c> if tuned. A choice of rows costs a step of four times
    /// <see cref="TrainOptions.BatchRows"/>. Source: McMahan et al. (2017), the device's part; Li et al. (2020) for the proximal term and
    /// partial work; Gama, Sebastião, Rodrigues (2013), prequential evaluation. </remarks>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ArgumentException">The model needs a teacher's scores, which rows do not have.</exception>
    public static Fork<WeightDelta, Evaluation> Train(this Flow<Batch> flow, IModel model, Flow<Weights> models,
        TrainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        return flow.Via("train", Block(flow, model, options, receipts: false),
            static (TrainBlock block, OperatorContext context, IOutput<WeightDelta> deltas, IOutput<Evaluation> evaluations) =>
                new Train(block, context, deltas, evaluations)).ControlledBy(models);
    }

    /// <summary>Learns as the other overload does, at the pace of its aggregator: a round needs credit for its update.</summary>
    /// <remarks> Each round starts from a version as received, because the aggregator combines updates of one base. The third output
    /// reports (<see cref="Presence"/>) the start, each version received and, during silence, waiting. An earlier aggregator is informed
    /// which one is followed. Unanswered updates are resent under their identity, at once after a lost session if connection changes
    /// control the block (<see cref="PipelineBuilder.Connections"/>). At the end the block waits for answers, at most
    /// <see cref="CreditOptions.LeaveTimeout"/>. Drops: of receipts, <c>foreign</c> (another device or start, or an earlier aggregator); of
    /// models, <c>old-epoch</c> (an earlier aggregator). Counts <c>updates-sent</c>, <c>updates-answered</c>, <c>updates-applied</c>,
    /// <c>updates-refused</c> and <c>updates-refused-</c> with the reason, <c>updates-resent</c>, <c>updates-lost</c> (accepted, but the
    /// aggregator restarted before the round ended, or resumed from an older state), <c>updates-renumbered</c> (number used before this
    /// device resumed from an older state), <c>updates-unknown</c> (unanswered at the end, or too old after such a resume),
    /// <c>updates-unreported</c> (accepted, no outcome within 64 updates), <c>version-timeouts</c>, <c>aggregator-restarts</c>,
    /// <c>credit-wait-ms</c>; shows <c>updates-held</c>, accepted in an open round. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="models">New versions, including those for this device alone.</param>
    /// <param name="receipts">The aggregator's answers to this device.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ArgumentException">The model needs a teacher's scores, which rows do not have.</exception>
    public static Fork<WeightDelta, Evaluation, Presence> Train(this Flow<Batch> flow, IModel model, Flow<Weights> models,
        Flow<Receipt> receipts, TrainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(receipts);
        return flow.Via("train", Block(flow, model, options, receipts: true),
            static (TrainBlock block, OperatorContext context, IOutput<WeightDelta> deltas, IOutput<Evaluation> evaluations,
                IOutput<Presence> presences) => new Train(block, context, deltas, evaluations, presences))
            .ControlledBy(models).ControlledBy(receipts);
    }

    private static TrainBlock Block(Flow<Batch> flow, IModel model, TrainOptions? options, bool receipts)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        options.Check(model.Plan);
        TrainOptions.RequireNoTeacher(model);
        TrainOptions.RequireThreads(model, options.Threads);
        options.Tuning?.Check(model, options);
        return new(model, options, receipts);
    }
}
