using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>What comes of learning from a stream. The answers must be used, if only by <see cref="Flow{T}.Discard"/>; the others may
/// be.</summary>
/// <param name="Answers">An answer for each row, given before the row was learned from, as <c>Infer</c> gives it.</param>
/// <param name="Evaluations">How well the rows since the last evaluation were answered.</param>
/// <param name="Versions">The model as it was learned so far.</param>
public sealed record Learned(Flow<Batch> Answers, Flow<Evaluation> Evaluations, Flow<Weights> Versions);
