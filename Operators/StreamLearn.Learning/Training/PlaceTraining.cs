namespace StreamLearn.Learning;

/// <summary>Adds blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Routes rows to the cloud until the model is accurate enough, then to the edge, and back if accuracy drops.</summary>
    /// <remarks> Shape: unchanged. State: the location, the mean accuracy and the number of rows answered there. Cost: none. Emits: each
    /// batch, on the main output for the edge, on the side output for the cloud. Starts in the cloud. Evaluations without classes or rows
    /// are ignored. Counts <c>moves-to-edge</c>, <c>moves-to-cloud</c>; shows <c>accuracy</c>. Drops: none. Source: placement by accuracy,
    /// after Wang et al. (2020), Convergence of edge computing and deep learning; the hysteresis is this library's. </remarks>
    /// <param name="flow">The training rows.</param>
    /// <param name="evaluations">Results of the current model: <c>Evaluate</c> on the device.</param>
    /// <param name="target">Accuracy at which training moves to the edge, 0 to 1; default 0.9.</param>
    /// <param name="hysteresis">Drop below the target before training moves back, 0 to 1; default 0.05.</param>
    /// <param name="meanRows">Number of rows over which accuracy is averaged, with the newest weighted most; at least 1, default 500. It is
    /// also the minimum number answered in one location before a move.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
    public static Fork<Batch, Batch> PlaceTraining(this Flow<Batch> flow, Flow<Evaluation> evaluations, double target = 0.9,
        double hysteresis = 0.05, int meanRows = 500, string name = "place-training")
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(evaluations);
        if (target is not (>= 0 and <= 1)) { throw new ArgumentOutOfRangeException(nameof(target), target, "expected 0 to 1"); }
        if (hysteresis is not (>= 0 and <= 1)) { throw new ArgumentOutOfRangeException(nameof(hysteresis), hysteresis, "expected 0 to 1"); }

        ArgumentOutOfRangeException.ThrowIfLessThan(meanRows, 1);
        var placed = flow.Via(name, new PlaceTrainingBlock(target, hysteresis, meanRows),
            static (PlaceTrainingBlock block, OperatorContext context, IOutput<Batch> edge, IOutput<Batch> cloud) =>
                new PlaceTraining(block, context, edge, cloud));
        placed.Main.ControlledBy(evaluations);
        return placed;
    }
}

internal sealed record PlaceTrainingBlock(double Target, double Hysteresis, int MeanRows) : IBlockOptions
{
    internal bool IsOnEdge(bool isThere, double accuracy) => accuracy >= (isThere ? Target - Hysteresis : Target);

    public string State => "the place and the mean accuracy";

    public long StateBytes(Schema? input) => 32;

    public IReadOnlyList<MessageCodec> MessageCodecs => EvaluationMessages.All;

    public int? MaxRows(int? input) => input;

    public override string ToString() => FormattableString.Invariant($"edge from {Target}, back {Hysteresis} below");
}

internal sealed class PlaceTraining(PlaceTrainingBlock block, OperatorContext context, IOutput<Batch> edge, IOutput<Batch> cloud)
    : Operator<Batch>, IStateful, IControlledBy<Evaluation>
{
    private bool _isOnEdge;
    private double _accuracy;
    private long _rows;         // rows answered since the last move

    public string StateFormat => "place-training/1";

    public void State(ref StateStream s)
    {
        _isOnEdge = s.Value(_isOnEdge ? 1 : 0, 0, 1) == 1;
        s.Value(ref _accuracy);
        s.Value(ref _rows);
    }

    public override void Process(Batch input) => (_isOnEdge ? edge : cloud).Emit(input);

    public void Control(Evaluation message)
    {
        if (message.Rows == 0 || double.IsNaN(message.Accuracy)) { return; }
        _rows += message.Rows;
        _accuracy += (message.Accuracy - _accuracy) * Math.Min(1, message.Rows / (double)Math.Min(block.MeanRows, _rows));
        context.Gauge("accuracy", _accuracy);
        var isOnEdge = block.IsOnEdge(_isOnEdge, _accuracy);
        if (_rows < block.MeanRows || isOnEdge == _isOnEdge) { return; }
        (_isOnEdge, _rows) = (isOnEdge, 0);
        context.Record(_isOnEdge ? "moves-to-edge" : "moves-to-cloud");
    }
}
