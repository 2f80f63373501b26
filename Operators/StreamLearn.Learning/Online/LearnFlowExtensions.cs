using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>Blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>
    /// Learns from a stream by itself, test then train: answers each row, and then learns from it. No aggregator, no topics: one device.
    /// </summary>
    /// <remarks>
    /// Shape: rows as <c>Train</c> takes them; answers as <c>Infer</c> gives them, one for each row, labelled or not. Units: those of the
    /// columns; the model's first layer scales them, by the moments of the rows so far.
    /// There is a learner for each of <see cref="LearnOptions.Rates"/> with each of <see cref="LearnOptions.ScaleRows"/>: six by default.
    /// All take a step from each new row; the one that has answered best of late answers. A bounded loss tells: the Brier score and 2 more
    /// for a wrong class, or a learner's share in the squared errors of all.
    /// Where the answers become worse, and when an alarm comes, <see cref="LearnOptions.Reaction"/> says what is done.
    /// State: for each learner weights, what its optimizer remembers, and the last good copy of both; replay buffer, moments, drift
    /// statistic. Cost: for each learner a forward pass per row, and <see cref="ModelPlan.StepMultiplyAdds"/> for each row of a step; no
    /// allocation but the messages. Emits: a batch of answers for each batch; after every <see cref="LearnOptions.EveryRows"/> rows, and at
    /// the end, the evaluation of the rows since the last one, and the model as a version.
    /// A value far beyond all that its channel has shown counts as 16 deviations. A step whose loss is not finite is not applied, and no
    /// version carries weights that are not finite.
    /// Drops: <c>non-finite</c>, <c>window-length</c>, <c>schema</c>. Counts <c>rows-learned</c>, <c>rows-untold</c> (answered only: no
    /// label or target), <c>labels-bad</c>, <c>steps</c>, <c>rolled-back-steps</c>, <c>drifts</c>, <c>alarms</c>, <c>clipped-values</c>;
    /// shows <c>learner</c>, which one answers, from 0.
    /// Source: Gama, Sebastião, Rodrigues (2013), prequential evaluation; Herbster, Warmuth (1998), following the best expert of late;
    /// Brier (1950), the score; Bifet, Gavaldà (2007), ADWIN.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; thrown here, never while running.</exception>
    /// <exception cref="ArgumentException">The model learns from a teacher's scores, which rows do not bring along.</exception>
    public static Learned Learn(this Flow<Batch> flow, IModel model, LearnOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        options ??= new();
        options.Check(model.Plan);
        TrainOptions.RequireNoTeacher(model);
        if (model.Plan.Find(ModelPlan.ScaleMean) is null) { options = options with { ScaleRows = options.ScaleRows[..1] }; }
        var (answers, evaluations, versions) = flow.Via("learn", new LearnBlock(model, options),
            static (LearnBlock block, OperatorContext context, IOutput<Batch> answers, IOutput<Evaluation> evaluations,
                IOutput<Weights> versions) => new Learn(block, context, answers, evaluations, versions));
        return new(answers, evaluations, versions);
    }

    /// <summary>Learns as the other overload does, and reacts to alarms of others too: of a column, or of a neighbor.</summary>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="alarms">What <c>DetectDrift</c> gives. Warnings are passed over.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">As above.</exception>
    public static Learned Learn(this Flow<Batch> flow, IModel model, Flow<DriftAlarm> alarms, LearnOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(alarms);
        var learned = flow.Learn(model, options);
        learned.Answers.ControlledBy(alarms);
        return learned;
    }
}
