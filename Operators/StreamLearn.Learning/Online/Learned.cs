namespace StreamLearn.Learning;

/// <summary>The outputs of learning from a stream. The answers must be consumed, if only by <see cref="Flow{T}.Discard"/>; the others need
/// not be.</summary>
/// <param name="Answers">An answer for each row, given before learning from it, as in <c>Infer</c>.</param>
/// <param name="Evaluations">Evaluation of the rows since the last one.</param>
/// <param name="Versions">The model so far.</param>
public sealed record Learned(Flow<Batch> Answers, Flow<Evaluation> Evaluations, Flow<Weights> Versions);
