namespace StreamLearn.Learning;

/// <summary>Blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Answers every row with its likeliest class.</summary>
    /// <remarks>
    /// Shape: rows of float32 columns in the model's order in, as many for one answer as a row of the model has samples; <c>time</c> (of
    /// the last sample) if present, <c>class</c> int32, <c>confidence</c> float32 and <c>label</c> (of all samples) if present out.
    /// Units: confidence is the probability of the class, 0 to 1. State: the newest model version; the initial one until another has come.
    /// Cost: one forward pass a row. Emits: at most one batch per batch. Drops: <c>non-finite</c>, <c>window-length</c> (a batch whose
    /// last window is not whole), <c>schema</c>. Source: Cox (1958) for softmax regression.
    /// </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="models">New versions; the newest is in use.</param>
    public static Flow<Batch> Infer(this Flow<Batch> flow, IModel model, Flow<Weights> models)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        return flow.Via("infer", new InferBlock(model),
            static (InferBlock block, OperatorContext context, IOutput<Batch> output) =>
                new Infer(block, context, output)).ControlledBy(models);
    }
}

/// <summary>The model of an inference block.</summary>
internal sealed record InferBlock(IModel Model) : IBlockOptions
{
    internal const string ClassColumn = "class";
    internal const string ConfidenceColumn = "confidence";

    private static readonly string[] Carried = [Schema.TimeColumn, Schema.LabelColumn];

    /// <inheritdoc />
    public string State => "newest model version";

    /// <inheritdoc />
    public long StateBytes(Schema? input) => Model.Plan.ParameterBytes;

    /// <inheritdoc />
    public Schema Output(Schema input)
    {
        FeatureRows.Require(Model.Plan, input, labelled: false);
        var fields = new List<Field>(4) { new(ClassColumn, ColumnType.Int32, Unit.One), Field.Channel(ConfidenceColumn, Unit.One) };
        if (input.IndexOf(Carried[0]) is >= 0 and var time) { fields.Insert(0, input.Fields[time]); }
        if (input.IndexOf(Carried[1]) is >= 0 and var label) { fields.Add(FeatureRows.Carried(Model.Plan, input.Fields[label])); }
        return new(fields);
    }
}

internal sealed class Infer(InferBlock block, OperatorContext context, IOutput<Batch> output) : Operator<Batch>, IControlledBy<Weights>
{
    private readonly IModel _model = block.Model;
    private readonly NewestModel _newest = new(block.Model, context);
    private readonly FeatureRows _rows = new(block.Model.Plan, context, labelled: false);
    private readonly Workspace _memory = new();
    private Schema? _input;
    private Schema? _answers;

    public override void Process(Batch input)
    {
        if (!_rows.Read(input))
        {
            context.Drop(input, "schema");
            return;
        }

        if (_rows.Count > 0) { output.Emit(Answer(input)); }
        input.Dispose();
    }

    /// <inheritdoc />
    public void Control(Weights message) => _newest.Take(message);

    private Batch Answer(Batch input)
    {
        if (!ReferenceEquals(_input, input.Schema)) { (_input, _answers) = (input.Schema, block.Output(input.Schema)); }
        var answers = context.Pool.Rent(_answers!, _rows.Count);
        Carry(input, answers, Schema.TimeColumn);
        Carry(input, answers, Schema.LabelColumn);
        var mark = _memory.Mark();
        var classes = _model.Plan.Outputs;
        var outputs = _memory.Rent(_rows.Count * classes);
        _model.Infer(_newest.Weights.Values.AsSpan(), _rows.Unlabelled, outputs, _memory);
        var (answer, confidence) = (answers[InferBlock.ClassColumn], answers[InferBlock.ConfidenceColumn]);
        for (var r = 0; r < _rows.Count; r++)
        {
            var probabilities = outputs.Slice(r * classes, classes);
            var likeliest = Scoreboard.Answer(probabilities);
            answer.Values<int>()[r] = likeliest;
            confidence.Values<float>()[r] = probabilities[likeliest];
        }

        _memory.Release(mark);
        context.Charge(_model.Plan.MultiplyAdds * _rows.Count);
        return answers;
    }

    private void Carry(Batch from, Batch to, string name)
    {
        if (from.TryColumn(name, out var source) && to.TryColumn(name, out var target)) { _rows.Carry(source, target); }
    }
}
