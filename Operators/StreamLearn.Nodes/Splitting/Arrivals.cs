namespace StreamLearn.Nodes;

/// <summary>Layers [first, end) after a link: validates arrivals, and moves the first layer on request.</summary>
internal sealed class Arrivals(ISplitModel model, SplitTrainOptions options, int first, int end, OperatorContext context)
{
    private readonly Dictionary<string, (long Epoch, long Sequence)> _devices = new(StringComparer.Ordinal);
    private BoundaryGradients? _moved;      // the answer to the last move, until a batch shows that it arrived
    private int _movedFrom;

    internal TrainedPart Part { get; } = new(model, options.Optimizer, options.Start, first, end, context);

    internal void State(ref StateStream s)
    {
        Part.State(ref s);
        if (Part.End != end) { throw new StateException($"expected layers up to {end}, got layers up to {Part.End}"); }
        s.Items(_devices, options.MaxDevices, static (ref StateStream s, ref string device, ref (long Epoch, long Sequence) last) =>
        {
            device = s.Value(device ?? "");
            last = (s.Value(last.Epoch), s.Value(last.Sequence));
        });
        s.Optional(ref _moved, LearningCodecs.BoundaryGradients);
        if (_moved is not null) { s.Value(ref _movedFrom, 0, model.PartCount); }
    }

    internal string? Admit(Activations message)
    {
        var known = _devices.TryGetValue(message.Device, out var last);
        if (message.SchemaHash != model.Plan.SchemaHash) { return "schema"; }
        if (!known && _devices.Count == options.MaxDevices) { return "too-many-devices"; }
        if (known && message.Epoch < last.Epoch) { return "epoch"; }
        var begins = !known || message.Epoch > last.Epoch;
        if (message.Sequence < 1 || (!begins && message.Sequence <= last.Sequence)) { return "duplicate"; }
        if ((message.MoveTo is { } to ? RefuseMove(message, to) : AdmitBatch(message, returns: known && begins)) is { } reason)
        {
            return reason;
        }

        _devices[message.Device] = (message.Epoch, message.Sequence);
        return null;
    }

    /// <summary>Moves the first layer and returns the device's layers; if that is impossible, returns the current split.</summary>
    internal BoundaryGradients Move(Activations message)
    {
        if (_moved is { } answer && message.Split == _movedFrom) { return answer with { Sequence = message.Sequence }; }
        var to = message.MoveTo!.Value;
        if (to > Part.End) { return Answer(message, Part.First, null); }
        var given = to > Part.First ? Part.Take(Part.First, to) : null;
        if (message.Part is { } gained) { Part.Put(gained); }
        _movedFrom = Part.First;
        Part.Move(to, Part.End);
        return _moved = Answer(message, to, given);
    }

    internal string? Refuse(ImmutableArray<int> labels) => RowLabels.AreClasses(model.Plan, labels.AsSpan()) ? null : "bad-label";

    private static BoundaryGradients Answer(Activations message, int split, ModelPart? given) => new()
    {
        Device = message.Device,
        Epoch = message.Epoch,
        Sequence = message.Sequence,
        Split = split,
        SchemaHash = message.SchemaHash,
        Part = given,
    };

    private string? RefuseMove(Activations message, int to)
    {
        if (_moved is { } answer && answer.Split == to && _movedFrom == message.Split && answer.Device == message.Device
            && answer.Epoch == message.Epoch)
        {
            return null;        // requested again, because the answer was lost
        }

        if (message.Split != Part.First || (uint)to > (uint)model.PartCount || to == Part.First) { return "split"; }
        if (message.Rows != 0 || !message.Values.IsEmpty) { return "shape"; }
        return to < Part.First ? Part.Refuse(message.Part, to, Part.First) : message.Part is null ? null : "shape";
    }

    private string? AdmitBatch(Activations message, bool returns)
    {
        var follow = returns && _devices.Count == 1;
        if ((message.Split != Part.First && !follow) || (uint)message.Split > (uint)Part.End || message.Split == model.PartCount)
        {
            return "split";
        }

        if (message.Rows < 1 || message.Rows > options.BatchRows || message.Part is not null
            || message.Values.Length != message.Rows * model.ShapeAt(message.Split).Size
            || (!message.Labels.IsEmpty && message.Labels.Length != message.Rows))
        {
            return "shape";
        }

        if (Refuse(message.Labels) is { } reason) { return reason; }
        if (!Finite.All(message.Values.AsSpan())) { return "non-finite"; }
        if (message.Split != Part.First) { Part.Move(message.Split, Part.End); }
        _moved = null;
        return null;
    }
}
