namespace StreamLearn.Learning;

/// <summary>Adds blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Learns from a stream on one device by test-then-train: it answers each row, then learns from it.</summary>
    /// <remarks> Shape: rows as in <c>Train</c>; answers as in <c>Infer</c>, one for each row, labeled or not. Units: those of the columns;
    /// the first layer scales them by running moments. One learner runs for each of <see cref="LearnOptions.Rates"/> with each of
    /// <see cref="LearnOptions.ScaleRows"/>: six by default. The learner that was best recently answers, measured by a bounded loss: the
    /// Brier score plus 2 for a wrong class, or its share of all squared errors. <see cref="LearnOptions.Reaction"/> applies when answers
    /// become worse or an alarm arrives. State: each learner's weights, optimizer state and their last good copy; replay buffer, moments,
    /// drift statistic. Cost: for each learner a forward pass per row, and <see cref="ModelPlan.StepMultiplyAdds"/> for each row of a step;
    /// allocates only messages. Emits: a batch of answers for each batch; every <see cref="LearnOptions.EveryRows"/> rows and at the end,
    /// an evaluation of the rows since the last one and a model version. Outliers are clipped to 16 deviations. Steps whose loss is not
    /// finite are skipped; versions are always finite. Drops: <c>non-finite</c>, <c>window-length</c>, <c>schema</c>. Counts
    /// <c>rows-learned</c>, <c>rows-untold</c> (no label or target), <c>labels-bad</c>, <c>steps</c>, <c>rolled-back-steps</c>,
    /// <c>drifts</c>, <c>alarms</c>, <c>clipped-values</c>; shows <c>learner</c>, the answering one, from 0. Source: Gama, Sebastião,
    /// Rodrigues (2013), prequential evaluation; Herbster, Warmuth (1998), tracking the best expert; Brier (1950), the score; Bifet,
    /// Gavaldà (2007), ADWIN. </remarks>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ArgumentException">The model needs a teacher's scores, which rows do not have.</exception>
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

    /// <summary>Learns as the other overload does, and also reacts to external alarms.</summary>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="alarms">Alarms from <c>DetectDrift</c>. Warnings are ignored.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">The same as for the other overload.</exception>
    public static Learned Learn(this Flow<Batch> flow, IModel model, Flow<DriftAlarm> alarms, LearnOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(alarms);
        var learned = flow.Learn(model, options);
        learned.Answers.ControlledBy(alarms);
        return learned;
    }
}
