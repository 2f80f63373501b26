using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>
    /// Learns from a stream, test then train: each row is answered before it is learned from, and what was learned is sent as updates.
    /// </summary>
    /// <remarks>
    /// Shape: rows of float32 columns in the model's order, as many for one of the model's as that has samples, and a nullable int32
    /// <c>label</c>; for a model of a value a nullable float64 <c>target</c> instead, for one that is told nothing, neither. Units:
    /// those of the columns; the model's first layer scales them.
    /// State: weights, optimizer, replay buffer of raw rows, moments, steps of the schedule, the round under way. A round starts from the
    /// newest version; while none has come since the last one, it goes on from what was learned, and its update carries only what is new:
    /// a device alone forgets nothing. What the optimizer remembers lives on with that, and starts anew with each version, unless
    /// <see cref="TrainOptions.KeepOptimizerState"/>; its schedule goes on, over a restart too if the state is taken up, or
    /// <see cref="TrainOptions.StepsBefore"/> says from where. Cost: one forward pass per row, and
    /// <see cref="ModelPlan.StepMultiplyAdds"/> for each row of a step; no allocation but the messages.
    /// Emits: after every <see cref="TrainOptions.StepsPerUpdate"/> steps, and at the end, an update (main) and the evaluation of the rows
    /// since the last one (side). A version says who is invited: any other device takes rows in and answers them, but makes no steps. Its
    /// directives change steps, batch, rate, proximal term and time of the rounds that begin after it has come, until others do. A
    /// <see cref="TrainingMemory"/> bounds the rows of a step from the next one on, where they are tuned.
    /// A <see cref="DriftAlarm"/> has it react as <see cref="TrainOptions.Reaction"/> says; counts <c>alarms</c>.
    /// A value far beyond all that its channel has shown is a glitch: it counts in the moments as 16 deviations, or four times the farthest
    /// value before it, and is learned from as it is, unless it lies a million times farther still. Counts <c>clipped-values</c>.
    /// A step whose loss is not finite is not applied; weights that are not finite are replaced by the last ones that were, at most 32
    /// steps old, and no update carries them.
    /// Drops: <c>unlabelled</c>, <c>bad-label</c>, <c>no-target</c>, <c>bad-target</c>, <c>non-finite</c>, <c>window-length</c> (a batch
    /// whose last window is not whole), <c>schema</c>; of models, <c>schema</c> and <c>non-finite</c>; of memory, <c>not-tuned</c>. Counts
    /// <c>steps</c>, <c>memory-short</c> (not even a row fits), <c>rows-trained</c>, <c>rolled-back-steps</c> (of these),
    /// <c>stale-models</c>, <c>bad-directives</c>; shows <c>buffer-rows</c>, <c>staleness</c>, the versions that came while the last update
    /// was made, <c>schedule-steps</c>, those that the schedule counts, and
    /// <c>resting</c> (1: rows were learned from as often as <see cref="TrainOptions.MaxVisits"/> allows), and
    /// <c>batch-rows</c> where rows are tuned. A choice of rows costs what a step of four times <see cref="TrainOptions.BatchRows"/> does.
    /// Source: McMahan et al. (2017), the device's part; Li et al. (2020) for the proximal term and partial work; Gama, Sebastião,
    /// Rodrigues (2013), prequential evaluation.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="models">New versions: each round starts from the newest.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; thrown here, never while running.</exception>
    /// <exception cref="ArgumentException">The model learns from a teacher's scores, which rows do not bring along.</exception>
    public static Fork<WeightDelta, Evaluation> Train(this Flow<Batch> flow, IModel model, Flow<Weights> models,
        TrainOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        return flow.Via("train", Block(flow, model, options, receipts: false),
            static (TrainBlock block, OperatorContext context, IOutput<WeightDelta> deltas, IOutput<Evaluation> evaluations) =>
                new Train(block, context, deltas, evaluations)).ControlledBy(models);
    }

    /// <summary>
    /// Learns from a stream as the other overload does, and keeps to the pace of its aggregator: a round begins when there is credit for
    /// its update.
    /// </summary>
    /// <remarks>
    /// What the other overload says holds here too, but that each round starts from a version as it came, for there is an aggregator that
    /// joins the updates of one base. On the third output the device says what it holds (<see cref="Presence"/>): that it has started, each
    /// version that it has taken, and, while nothing comes, that it waits. An aggregator that speaks though a later one is followed hears
    /// which. An unanswered update is sent again under its identity, at once where a flow of connection changes steers the block (<see
    /// cref="PipelineBuilder.Connections"/>) and a session was lost. At its end the block waits for answers, for <see
    /// cref="CreditOptions.LeaveTimeout"/> at most. Drops: of receipts, <c>foreign</c> (of another device, another start, or an earlier
    /// aggregator); of models, <c>old-epoch</c> (of an earlier aggregator). Counts <c>updates-sent</c>, <c>updates-answered</c>,
    /// <c>updates-applied</c>, <c>updates-refused</c> and <c>updates-refused-</c> with the reason, <c>updates-resent</c>,
    /// <c>updates-lost</c> (accepted by an aggregator that was restarted before their round ended, or resumed from an older state),
    /// <c>updates-renumbered</c> (their number was given to another update before this device resumed from an older state),
    /// <c>updates-unknown</c> (unanswered at the end, or too long ago after such a resume), <c>updates-unreported</c> (accepted, and not
    /// heard of again within 64 updates), <c>version-timeouts</c>, <c>aggregator-restarts</c>, <c>credit-wait-ms</c>; shows
    /// <c>updates-held</c>, those accepted whose round has not ended.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="models">New versions, those for this device alone: each round starts from the newest.</param>
    /// <param name="receipts">The aggregator's answers to this device.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; thrown here, never while running.</exception>
    /// <exception cref="ArgumentException">The model learns from a teacher's scores, which rows do not bring along.</exception>
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
