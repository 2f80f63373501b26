namespace StreamLearn.Learning;

/// <summary>
/// A copy of a batch that stays: its loss and gradient can be asked for at any weights, at any time, and are always the same.
/// </summary>
/// <remarks>
/// With <see cref="IModel.Loss"/> two weight vectors are compared on the same rows, as rules for the number of local steps do. State: the
/// rows, what they should have given, and the batch's number, which names random numbers. Source: Wang et al. (2019), adaptive federated
/// learning: smoothness and divergence are estimated from gradients at two weight vectors.
/// </remarks>
internal sealed class PinnedBatch
{
    private readonly float[] _features;
    private readonly int[] _labels;
    private readonly float[] _targets;
    private readonly float[] _teacherLogits;
    private readonly float[] _logitOffsets;
    private readonly long _number;

    /// <summary>Copies a batch.</summary>
    /// <param name="batch">The batch: rows, with labels or targets.</param>
    public PinnedBatch(in Sample batch)
    {
        (_features, _labels, Rows, _number) = (batch.Features.ToArray(), batch.Labels.ToArray(), batch.Rows, batch.Number);
        _targets = batch.Targets.ToArray();
        _teacherLogits = batch.TeacherLogits.ToArray();
        _logitOffsets = batch.LogitOffsets.ToArray();
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>The batch.</summary>
    public Sample Sample => (_labels.Length == 0 ? new Sample(_features, Rows) : new Sample(_features, _labels)) with
    {
        Number = _number,
        Targets = _targets,
        TeacherLogits = _teacherLogits,
        LogitOffsets = _logitOffsets,
    };
}
