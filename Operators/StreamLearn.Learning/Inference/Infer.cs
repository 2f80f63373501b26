namespace StreamLearn.Learning;

/// <summary>Adds blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Answers every row with its most likely class, its value or its nearest center, depending on the model.</summary>
    /// <remarks> Shape: rows of float32 columns in the model's order in, one answer per window of the model's samples; <c>time</c> (of the
    /// last sample) if present, <c>class</c> int32, <c>confidence</c> float32 and <c>label</c> (of all samples) if present out. Regression
    /// gives <c>value</c> float32 and <c>target</c>; an unsupervised model <c>class</c> and <c>loss</c> float32. Units: confidence is the
    /// class's probability, 0 to 1; loss is the model's. State: the newest model version, at first the initial one. Cost: one forward pass
    /// per row. Emits: at most one batch per batch. Drops: <c>non-finite</c>, <c>window-length</c> (last window incomplete), <c>schema</c>.
    /// Source: Cox (1958) for softmax regression. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="models">New versions; the newest is used.</param>
    public static Flow<Batch> Infer(this Flow<Batch> flow, IModel model, Flow<Weights> models)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(models);
        return flow.Via("infer", new InferBlock(model),
            static (InferBlock block, OperatorContext context, IOutput<Batch> output) =>
                new Infer(block, context, output)).ControlledBy(models);
    }

    /// <summary>Answers every row with a fixed model, such as from a file.</summary>
    /// <remarks>Works otherwise as with versions.</remarks>
    /// <exception cref="ArgumentException">The weights do not fit the model.</exception>
    public static Flow<Batch> Infer(this Flow<Batch> flow, IModel model, Weights weights)
    {
        ArgumentNullException.ThrowIfNull(flow);
        RequireValues(model, weights);
        return flow.Via("infer", new InferBlock(model) { Start = weights },
            static (InferBlock block, OperatorContext context, IOutput<Batch> output) => new Infer(block, context, output));
    }

    private static void RequireValues(IModel model, Weights weights)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.SchemaHash != model.Plan.SchemaHash || weights.Values.Length != model.Plan.Values)
        {
            throw new ArgumentException($"expected weights of {model.Structure}, got weights of another model", nameof(weights));
        }
    }
}

internal sealed class Infer(InferBlock block, OperatorContext context, IOutput<Batch> output)
    : Operator<Batch>, IStateful, IControlledBy<Weights>
{
    private readonly IModel _model = block.Model;
    private readonly NewestModel _newest = new(block.Model, context, block.Start);
    private readonly FeatureRows _rows = new(block.Model.Plan, context, labelled: false);
    private readonly AnswerBatches _answers = new(block, context);
    private readonly Workspace _memory = new();

    public string StateFormat => "infer/2";

    public void State(ref StateStream s) => _newest.State(ref s);

    public override void Process(Batch input)
    {
        if (!_rows.Read(input))
        {
            context.Drop(input, "schema");
            return;
        }

        if (_rows.Count > 0 && Answer(input) is { } answers) { output.Emit(answers); }
        input.Dispose();
    }

    public void Control(Weights message) => _newest.Take(message);

    private Batch? Answer(Batch input)
    {
        var (mark, asked) = (_memory.Mark(), _rows.Count);
        var outputs = _memory.Rent(_rows.Count * _model.Plan.Outputs);
        _newest.Answer(_rows.Unlabelled, outputs, _memory);
        if (!Finite.All(outputs)) { _rows.DropUnanswered(outputs, _model.Plan.Outputs); }
        var answers = _rows.Count == 0 ? null : _answers.Of(input, _rows, outputs[..(_rows.Count * _model.Plan.Outputs)]);
        _memory.Release(mark);
        context.Charge(_model.Plan.MultiplyAdds * asked);
        return answers;
    }
}
