namespace StreamLearn.Nodes;

/// <summary>A classifier as a tier: the most likely class with its probability.</summary>
/// <remarks>The confidence is the softmax of the scores divided by the temperature, p^(1/T) over its sum. Source: Guo et al. (2017).
/// <see cref="ExitRule.FitTemperature"/> fits the temperature to rows that were not used for training.</remarks>
public sealed record ModelTier : ICascadeTier
{
    /// <summary>Creates a tier of a classifier.</summary>
    /// <param name="model">The classifier.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="temperature">Calibrates confidences, above 0; default 1: none.</param>
    /// <exception cref="ArgumentException">The model has no classes, or the weights do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is not above 0.</exception>
    public ModelTier(IModel model, Weights weights, float temperature = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weights);
        if (model.Plan.Target != TargetKind.Label) { throw new ArgumentException("expected a model of classes", nameof(model)); }
        if (weights.SchemaHash != model.Plan.SchemaHash || weights.Values.Length != model.Plan.Values)
        {
            throw new ArgumentException($"expected weights of {model.Structure}, got weights of another model", nameof(weights));
        }

        if (!(temperature is > 0 and < float.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "expected a temperature above 0");
        }

        (Model, Weights, Temperature) = (model, weights, temperature);
    }

    /// <summary>The model.</summary>
    public IModel Model { get; }

    /// <summary>The weights of the model.</summary>
    public Weights Weights { get; }

    /// <summary>Divisor of the scores.</summary>
    public float Temperature { get; }

    /// <inheritdoc />
    public string Name => Model.Structure;

    /// <inheritdoc />
    public long MultiplyAdds => Model.Plan.MultiplyAdds;

    /// <summary>Answers with a class; without an answer if the size is wrong or scores are not finite.</summary>
    /// <inheritdoc />
    public TierAnswer Answer(CascadeQuestion question, RandomStream random, Workspace memory)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(memory);
        if (question.Values.Length != Model.Plan.Input.Size) { return TierAnswer.None; }
        var mark = memory.Mark();
        var outputs = memory.Rent(Model.Plan.Outputs);
        Model.Infer(Weights.Values.AsSpan(), new Sample(question.Values.AsSpan(), 1), outputs, memory);
        var answer = outputs.Length == 1
            ? Of(Scoreboard.Answer(outputs[0]), [1 - outputs[0], outputs[0]])
            : Of(ModelPlan.ClassOf(outputs), outputs);
        memory.Release(mark);
        return answer;
    }

    private TierAnswer Of(int best, ReadOnlySpan<float> probabilities)
    {
        double sum = 0;
        foreach (var p in probabilities) { sum += Math.Pow(p / (double)probabilities[best], 1 / (double)Temperature); }
        var confidence = (float)(1 / sum);
        return confidence is >= 0 and <= 1 ? new(best, "", confidence) : TierAnswer.None;
    }
}
