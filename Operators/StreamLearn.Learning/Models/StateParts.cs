namespace StreamLearn.Learning;

/// <summary>Values of learning in the state of an operator.</summary>
internal static class StateParts
{
    /// <summary>Writes a length of time.</summary>
    internal static void Write(this StateWriter writer, TimeSpan value) => writer.Write(value.Ticks);

    /// <summary>Reads a length of time, 0 or more.</summary>
    internal static TimeSpan ReadTimeSpan(this ref StateReader reader)
    {
        var ticks = reader.ReadInt64();
        return ticks >= 0 ? new(ticks) : throw new StateException($"expected a length of time, got {ticks} ticks");
    }

    /// <summary>Writes which version it is.</summary>
    internal static void Write(this StateWriter writer, ModelVersion version)
    {
        writer.Write(version.Epoch);
        writer.Write(version.Version);
    }

    internal static ModelVersion ReadVersion(this ref StateReader reader) => new(reader.ReadInt64(), reader.ReadInt64());

    /// <summary>Writes a version of a model; directives out of their range, which nobody follows, are left out: no codec reads
    /// them.</summary>
    internal static void Write(this StateWriter writer, Weights weights) => writer.Write(
        LearningCodecs.Weights,
        weights.Directives.All(static d => d.IsValid)
            ? weights
            : weights with { Directives = [.. weights.Directives.Where(static d => d.IsValid)] });

    /// <summary>Reads a version of a model.</summary>
    internal static Weights ReadWeights(this ref StateReader reader, ModelPlan plan)
    {
        var weights = reader.Read(LearningCodecs.Weights);
        return weights.SchemaHash == plan.SchemaHash && weights.Values.Length == plan.Values ? weights : throw OtherModel(plan, weights);
    }

    /// <summary>What to throw for weights of another model; it may have as many values.</summary>
    internal static StateException OtherModel(ModelPlan plan, Weights weights) => new(weights.Values.Length == plan.Values
        ? $"expected the {plan.Values} values of this model, got as many of another one"
        : $"expected {plan.Values} values of this model, got {weights.Values.Length}");
}
