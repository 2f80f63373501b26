using System.Runtime.InteropServices;

namespace StreamLearn.Nodes;

internal sealed record SplitMiddleBlock(ISplitModel Model, int Split, int End, SplitTrainOptions Options) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs => SplitMessages.All;

    public string State => "weights, optimizer state, the last good copy of both, batches in flight, newest batch of each device";

    public long StateBytes(Schema? input) => Options.StateBytes(Model, Options.InFlight) + (64L * Options.MaxDevices);

    public override string ToString() => $"{Model.Structure}; layers {Split} to {End}; {Options}";
}

/// <summary>The layers [split, end): forwards activations and returns gradients.</summary>
/// <remarks>Source: Vepakomma et al. (2018), U-shaped split learning.</remarks>
internal sealed class SplitMiddle(
    SplitMiddleBlock block, OperatorContext context, IOutput<Activations> activations, IOutput<BoundaryGradients> gradients)
    : Operator<Activations>, IStateful, IControlledBy<BoundaryGradients>
{
    private readonly Arrivals _arrivals = new(block.Model, block.Options, block.Split, block.End, context);
    private readonly Flights _flights = new(block.Model, block.Options, context);

    private TrainedPart Part => _arrivals.Part;

    private bool Pins => block.Options.InFlight > 1;

    public override bool Ready => !_flights.IsFull;

    public override bool AwaitingReplies => _flights.Count > 0;

    public string StateFormat => "split-middle/1";

    public void State(ref StateStream s)
    {
        _arrivals.State(ref s);
        _flights.State(ref s);
    }

    public override void Process(Activations input)
    {
        if ((input.MoveTo is not null && _flights.Count > 0 ? "in-flight" : _arrivals.Admit(input)) is { } reason)
        {
            context.Drop(input, reason);
            return;
        }

        if (input.MoveTo is not null)
        {
            gradients.Emit(_arrivals.Move(input));
            return;
        }

        var flight = _flights.Begin(input.Device, input.Epoch, input.Sequence, input.Rows);
        if (Part.IsEmpty) { activations.Emit(input); }
        else { Forward(input, flight); }
    }

    public void Control(BoundaryGradients message)
    {
        var known = message.SchemaHash == block.Model.Plan.SchemaHash;
        var reason = "schema";
        if ((known ? _flights.Find(message, Part.End, Part.Outputs, out reason) : null) is not { } flight)
        {
            context.Drop(message, reason);
            return;
        }

        gradients.Emit(Part.IsEmpty ? message : message.RolledBack ? PassOn(message) : Backward(message, flight));
        _flights.End(flight);
    }

    public override void WakeUp() => _flights.GiveUp();

    public override void Complete() => _flights.GiveUpAll();

    /// <summary>Returns a non-finite batch unchanged; no layer learns from it.</summary>
    private void Forward(Activations input, PendingBatch flight)
    {
        Part.Forward(input.Values.AsSpan(), input.Rows, flight.Tape, Pins, input.Sequence);
        if (!input.Labels.IsEmpty) { flight.Loss = Part.Losses(flight.Tape, input.Labels.AsSpan()); }
        else if (Part.HasExit) { context.Record("exits-without-labels"); }
        if (float.IsFinite(flight.Loss) && Finite.All(flight.Tape.Outputs))
        {
            activations.Emit(input with { Split = Part.End, WeightsVersion = Part.Steps, Values = [.. flight.Tape.Outputs] });
            return;
        }

        Part.RollBack();
        gradients.Emit(RolledBack(new()
        {
            Device = input.Device,
            Epoch = input.Epoch,
            Sequence = input.Sequence,
            Split = Part.First,
            SchemaHash = input.SchemaHash,
        }));
        _flights.End(flight);
    }

    private BoundaryGradients Backward(BoundaryGradients message, PendingBatch flight)
    {
        var back = Part.First == 0 ? [] : new float[flight.Rows * Part.Inputs];
        var applied = Part.Step(flight.Tape, message.Values.AsSpan(), back, Pins);
        if (!applied) { return RolledBack(message); }
        context.Record("rows-trained", flight.Rows);
        return message with
        {
            Split = Part.First,
            Values = ImmutableCollectionsMarshal.AsImmutableArray(back),
            Loss = flight.Loss + message.Loss,
        };
    }

    private BoundaryGradients PassOn(BoundaryGradients answer)
    {
        Part.RollBack();
        return RolledBack(answer);
    }

    private BoundaryGradients RolledBack(BoundaryGradients answer) =>
        answer with { Split = Part.First, Values = [], Loss = 0, RolledBack = true };
}
