using System.Runtime.InteropServices;

namespace StreamLearn.Nodes;

public static partial class NodesFlowExtensions
{
    /// <summary>Runs the last layers of a network for devices with <c>InferAcross</c>.</summary>
    /// <remarks> Shape: requests of devices in; for each, an answer to its device out. State: the two newest versions, the block's pace.
    /// Cost: the multiply-adds from the request's layer on. Requests with other versions or shapes are refused; the device then answers
    /// itself. Answers report the current time of a multiply-add. Control: <see cref="Weights"/>. Drops: <c>not-its-topic</c>. Counts:
    /// <c>rows-answered</c>, <c>probes</c>, <c>refused</c>. Source: Kang et al. (2017), Neurosurgeon. </remarks>
    /// <exception cref="ArgumentException">The network does not have a score for each of at least 2 classes.</exception>
    public static Flow<RestAnswer> AnswerRest(this Flow<RestRequest> flow, Network model, Flow<Weights> models)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(models);
        new AcrossOptions { MinLayers = 0 }.Check(model);
        return flow.Via("answer-rest", new AnswerRestBlock(model),
            static (AnswerRestBlock block, OperatorContext context, IOutput<RestAnswer> output) =>
                new AnswerRest(block, context, output)).ControlledBy(models);
    }
}

internal sealed record AnswerRestBlock(Network Model) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => NodesCodecs.RestMessages;

    public string State => "newest model version and the one before it";

    public long StateBytes(Schema? input) => NewestModel.Bytes(Model.Plan) + Model.Plan.ParameterBytes;

    public override string ToString() => Model.Structure;
}

internal sealed class AnswerRest(AnswerRestBlock block, OperatorContext context, IOutput<RestAnswer> output)
    : Operator<RestRequest>, IStateful, IControlledBy<Weights>
{
    private readonly Network _model = block.Model;
    private readonly NewestModel _newest = new(block.Model, context);
    private readonly ExitRule _never = ExitRule.Never(block.Model.ExitCount);
    private readonly WorkMeter _work = new();
    private readonly SteadyMean _pace = new(warmUp: 1);
    private readonly Workspace _memory = new();
    private Weights? _before;
    private int[] _exits = [];

    public string StateFormat => "answer-rest/2";

    public void State(ref StateStream s)
    {
        _newest.State(ref s);
        _work.State(ref s);
        _pace.State(ref s);
        _before = s.OptionalWeights(_before, _model.Plan);
    }

    public override void Process(RestRequest input)
    {
        var rows = input.Boundary;
        if (rows.TopicDevice is not null)
        {
            context.Drop(input, "not-its-topic");
            return;
        }

        var refusal = input.IsProbe ? RestRefusal.None : Refuse(input);
        var answer = new RestAnswer
        {
            Device = rows.Device,
            Epoch = rows.Epoch,
            Sequence = rows.Sequence,
            Refusal = refusal,
            SecondsPerMultiplyAdd = _pace.Value ?? 0,
        };
        context.Record(refusal != RestRefusal.None ? "refused" : input.IsProbe ? "probes" : "rows-answered",
            refusal is RestRefusal.Schema or RestRefusal.Shape ? 1 : Math.Max(1, rows.Rows));
        output.Emit(refusal != RestRefusal.None || input.IsProbe ? answer : answer with { Values = Answer(rows, WeightsOf(input)) });
    }

    public void Control(Weights message)
    {
        var held = _newest.Weights;
        if (_newest.Take(message)) { _before = held; }
    }

    public override void WakeUp()
    {
        if (_work.End(context.Now) is (_, _, var pace)) { _pace.Add(pace); }
    }

    private RestRefusal Refuse(RestRequest request)
    {
        var rows = request.Boundary;
        return rows.SchemaHash != _model.Plan.SchemaHash ? RestRefusal.Schema
            : rows.Split < 0 || rows.Split >= _model.Layers.Length || rows.Rows < 0
                || rows.Values.Length != (long)rows.Rows * _model.Boundaries[rows.Split].Size ? RestRefusal.Shape
            : request.Version != _newest.Weights.Id && request.Version != _before?.Id ? RestRefusal.Version
            : !Finite.All(rows.Values.AsSpan()) ? RestRefusal.NonFinite
            : RestRefusal.None;
    }

    private ReadOnlySpan<float> WeightsOf(RestRequest request) =>
        request.Version == _newest.Weights.Id ? _newest.Values : _before!.Values.AsSpan();

    private ImmutableArray<float> Answer(Activations rows, ReadOnlySpan<float> weights)
    {
        var mark = _memory.Mark();
        if (_exits.Length < rows.Rows) { _exits = new int[rows.Rows]; }
        var probabilities = new float[rows.Rows * _model.Plan.Outputs];
        var end = _memory.Rent(rows.Rows * _model.Boundaries[^1].Size);
        var executed = _model.AnswerPart(weights, rows.Split, _model.Layers.Length, rows.Values.AsSpan(), rows.Rows, _never, probabilities,
            _exits.AsSpan(0, rows.Rows), end, _memory);
        context.Charge(executed);
        _work.Begin(context, executed);
        _memory.Release(mark);
        return ImmutableCollectionsMarshal.AsImmutableArray(probabilities);
    }
}
