namespace StreamLearn.Learning;

/// <summary>Blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Routes rows to the cloud until the model is accurate enough, then to the edge, and back if accuracy drops.</summary>
    /// <remarks> Shape: unchanged. State: the place, the mean accuracy and the rows answered there. Cost: none. Emits: each batch, on the
    /// main output for the edge, on the side output for the cloud. Starts in the cloud. Evaluations without classes or rows are ignored.
    /// Counts <c>moves-to-edge</c>, <c>moves-to-cloud</c>; shows <c>accuracy</c>. Drops: none. Source: placement by accuracy, after Wang et
    /// al. (2020), Convergence of edge computing and deep learning; the hysteresis is this library's. </remarks>
    /// <param name="flow">The training rows.</param>
    /// <param name="evaluations">Results of the current model: <c>Evaluate</c> on the device.</param>
    /// <param name="options">The settings; null: the defaults.</param>
    /// <param name="name">The block's name, unique in the pipeline.</param>
    public static Fork<Batch, Batch> PlaceTraining(
        this Flow<Batch> flow, Flow<Evaluation> evaluations, PlaceTrainingOptions? options = null, string name = "place-training")
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(evaluations);
        var placed = flow.Via(name, new PlaceTrainingBlock(options ?? new()),
            static (PlaceTrainingBlock block, OperatorContext context, IOutput<Batch> edge, IOutput<Batch> cloud) =>
                new PlaceTraining(block.Options, context, edge, cloud));
        placed.Main.ControlledBy(evaluations);
        return placed;
    }
}

internal sealed record PlaceTrainingBlock(PlaceTrainingOptions Options) : IBlockOptions
{
    public string State => "the place and the mean accuracy";

    public long StateBytes(Schema? input) => 32;

    public IReadOnlyList<MessageCodec> MessageCodecs => EvaluationMessages.All;

    public int? MaxRows(int? input) => input;

    public override string ToString() => FormattableString.Invariant($"edge from {Options.Target}, back {Options.Hysteresis} below");
}

internal sealed class PlaceTraining(PlaceTrainingOptions options, OperatorContext context, IOutput<Batch> edge, IOutput<Batch> cloud)
    : Operator<Batch>, IStateful, IControlledBy<Evaluation>
{
    private TrainingPlace _place;
    private double _accuracy;
    private long _rows;         // rows answered since the last move

    public string StateFormat => "place-training/1";

    public void State(ref StateStream s)
    {
        _place = (TrainingPlace)s.Value((int)_place, 0, (int)TrainingPlace.Edge);
        s.Value(ref _accuracy);
        s.Value(ref _rows);
    }

    public override void Process(Batch input) => (_place == TrainingPlace.Edge ? edge : cloud).Emit(input);

    public void Control(Evaluation message)
    {
        if (message.Rows == 0 || double.IsNaN(message.Accuracy)) { return; }
        _rows += message.Rows;
        _accuracy += (message.Accuracy - _accuracy) * Math.Min(1, message.Rows / (double)Math.Min(options.MeanRows, _rows));
        context.Gauge("accuracy", _accuracy);
        var next = options.Next(_place, _accuracy);
        if (_rows < options.MeanRows || next == _place) { return; }
        (_place, _rows) = (next, 0);
        context.Record(_place == TrainingPlace.Edge ? "moves-to-edge" : "moves-to-cloud");
    }
}
