namespace StreamLearn.Learning;

/// <summary>Versions and weights in the state of an operator.</summary>
public static class StateParts
{
    /// <summary>Saves or restores the identity of a version.</summary>
    public static ModelVersion Value(this ref StateStream s, ModelVersion version) => new(s.Value(version.Epoch), s.Value(version.Version));

    /// <summary>Saves or restores the identity of a version, or null.</summary>
    public static ModelVersion? Value(this ref StateStream s, ModelVersion? version) =>
        s.Value(version is not null) ? s.Value(version ?? default) : null;

    /// <summary>Saves or restores a version of a model. Directives out of range are omitted: no codec reads them.</summary>
    public static Weights Weights(this ref StateStream s, Weights? weights, ModelPlan plan)
    {
        if (s.IsWriting)
        {
            s.Value(weights!.Directives.All(static d => d.IsValid)
                ? weights
                : weights with { Directives = [.. weights.Directives.Where(static d => d.IsValid)] }, LearningCodecs.Weights);
            return weights;
        }

        var read = s.Value((Weights?)null, LearningCodecs.Weights);
        return read.SchemaHash == plan.SchemaHash && read.Values.Length == plan.Values ? read : throw OtherModel(plan, read);
    }

    /// <summary>Saves or restores a version of a model, or null.</summary>
    public static Weights? OptionalWeights(this ref StateStream s, Weights? weights, ModelPlan plan) =>
        s.Value(weights is not null) ? s.Weights(weights, plan) : null;

    /// <summary>The other model may have the same number of values.</summary>
    internal static StateException OtherModel(ModelPlan plan, Weights weights) => new(weights.Values.Length == plan.Values
        ? $"expected the {plan.Values} values of this model, got the same number of another model's"
        : $"expected {plan.Values} values of this model, got {weights.Values.Length}");
}
