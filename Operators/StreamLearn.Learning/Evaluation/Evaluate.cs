namespace StreamLearn.Learning;

/// <summary>Adds blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Evaluates a model on labeled rows, per version.</summary>
    /// <remarks> Shape: rows of float32 columns in the model's order, and a nullable int32 <c>label</c>; for regression a nullable float64
    /// <c>target</c>; neither for an unsupervised model. State: the newest version and the counts since the last evaluation. Cost: one
    /// forward pass per row. Emits: an evaluation every <paramref name="everyRows"/> rows, on a version change, and at the end.
    /// Drops: <c>unlabelled</c>, <c>bad-label</c>, <c>no-target</c>, <c>bad-target</c>, <c>non-finite</c>, <c>window-length</c>,
    /// <c>schema</c>. Source: Cohen (1960) for kappa. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="models">New versions; the newest is used.</param>
    /// <param name="everyRows">Rows per evaluation, at least 1; default 1000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of rows is below 1.</exception>
    public static Flow<Evaluation> Evaluate(this Flow<Batch> flow, IModel model, Flow<Weights> models, int everyRows = 1000)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(models);
        ArgumentOutOfRangeException.ThrowIfLessThan(everyRows, 1);
        return flow.Via("evaluate", new EvaluateBlock(model, everyRows),
            static (EvaluateBlock block, OperatorContext context, IOutput<Evaluation> output) =>
                new Evaluate(block, context, output)).ControlledBy(models);
    }
}

internal sealed record EvaluateBlock(IModel Model, int EveryRows) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => EvaluationMessages.All;

    public string State => "newest model version, counts since the last evaluation";

    public long StateBytes(Schema? input) => NewestModel.Bytes(Model.Plan) + (8L * Model.Plan.Classes * Model.Plan.Classes);

    public Schema Output(Schema input)
    {
        RowLabels.Require(Model.Plan, input, labelled: true);
        return input;
    }

    public override string ToString() => $"{Model.Structure}; every {EveryRows} rows";
}

internal sealed class Evaluate(EvaluateBlock block, OperatorContext context, IOutput<Evaluation> output)
    : Operator<Batch>, IStateful, IControlledBy<Weights>
{
    private readonly NewestModel _newest = new(block.Model, context);
    private readonly FeatureRows _rows = new(block.Model.Plan, context, labelled: true);
    private readonly Scoreboard _board = new(block.Model);
    private readonly Workspace _memory = new();

    public string StateFormat => "evaluate/2";

    public void State(ref StateStream s)
    {
        _newest.State(ref s);
        _board.State(ref s);
    }

    public override void Process(Batch input)
    {
        if (!_rows.Read(input))
        {
            context.Drop(input, "schema");
            return;
        }

        input.Dispose();
        _board.Score(_newest, _rows.Labelled, _memory);
        context.Charge(block.Model.Plan.MultiplyAdds * _rows.Count);
        if (_board.Rows >= block.EveryRows) { Emit(_newest.Weights.Version); }
    }

    public void Control(Weights message)
    {
        var version = _newest.Weights.Version;
        if (_newest.Take(message) && _newest.Weights.Version != version) { Emit(version); }
    }

    public override void Complete() => Emit(_newest.Weights.Version);

    private void Emit(long version)
    {
        if (_board.Rows > 0) { output.Emit(_board.Take(context.Pipeline, version)); }
    }
}
