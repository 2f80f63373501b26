namespace StreamLearn.Programs;

/// <summary>How a participant's model is compared with those of others, by names.</summary>
/// <param name="Own">What its own model takes and answers.</param>
public sealed record ModelCheck(ModelSignature Own)
{
    /// <summary>What the participant's own configuration is called.</summary>
    internal const string File = "this file";

    /// <summary>Called with another one's signature, and what differs; null of it: nothing does. A device compares itself with the fleet,
    /// an aggregator each device that says that it differs.</summary>
    public Action<ModelSignature, string?> OnOther { get; init; } = static (_, _) => { };

    /// <summary>Called with what differs from the model of the state that the run was to resume from.</summary>
    public Action<string> OnSaved { get; init; } = static _ => { };
}

/// <summary>Compares the model of a device with that of its fleet: the aggregator publishes its signature at each start, retained; a device
/// of another one answers with its own, so that both sides can say what differs.</summary>
internal sealed class CompareModels : Operator<ModelSignature>, IStateful
{
    /// <summary>A device answers no more often, whoever publishes.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private static readonly SubscribeOptions Bounded = new() { Capacity = 64, MaxPayloadBytes = ModelSignature.MaxBytes };

    private readonly ModelCheck _check;
    private readonly OperatorContext _context;
    private readonly IOutput<ModelSignature> _output;
    private readonly bool _isFleet;
    private DateTimeOffset? _saidAt;

    private CompareModels(ModelCheck check, OperatorContext context, IOutput<ModelSignature> output)
    {
        (_check, _context, _output, _isFleet) = (check, context, output, check.Own.Device.Length == 0);
        if (_isFleet) { context.WakeAt(context.Now); }
    }

    /// <inheritdoc />
    public string StateFormat => "model-signature/1";

    /// <summary>Lets a device compare itself with the fleet.</summary>
    internal static void OfDevice(PipelineBuilder p, ModelCheck check, FleetTopics topics, ITransport control) =>
        Of(p.Subscribe(control, topics.Signature, ModelSignature.Codec, Bounded), check)
            .Publish(control, topics.SignatureOf(check.Own.Device), ModelSignature.Codec);

    /// <summary>Lets an aggregator say what its model is, and learn which devices have another one.</summary>
    internal static void OfFleet(PipelineBuilder p, ModelCheck check, FleetTopics topics, ITransport control)
    {
        Of(p.Subscribe<ModelSignature>(control, topics.Signatures, ModelSignature.Codec.Name, Decode, Bounded), check)
            .Publish(control, topics.Signature, ModelSignature.Codec, retain: true);

        // a device speaks for itself alone
        ModelSignature? Decode(in Received message, BatchPool pool) =>
            ModelSignature.Codec.TryDecode(message.Payload, pool, out var signature)
                && message.Topic == topics.SignatureOf(signature.Device) ? signature : null;
    }

    private static Flow<ModelSignature> Of(Flow<ModelSignature> others, ModelCheck check) =>
        others.Via("compare-models", new CompareModelsBlock(check.Own.Text) { Check = check },
            static (CompareModelsBlock block, OperatorContext context, IOutput<ModelSignature> output) =>
                new CompareModels(block.Check, context, output));

    public override void Process(ModelSignature input)
    {
        var text = _isFleet ? input.DifferenceFrom(_check.Own, "its file", "the fleet's model")
            : _check.Own.DifferenceFrom(input, ModelCheck.File, "the fleet's model");
        _check.OnOther(input, text);
        if (_isFleet || text is null || _context.Now - _saidAt < Pause) { return; }
        _saidAt = _context.Now;
        _output.Emit(_check.Own);
    }

    public override void WakeUp() => _output.Emit(_check.Own);

    /// <inheritdoc />
    public void State(ref StateStream s)
    {
        var saved = s.Value(_check.Own, ModelSignature.Codec);
        if (s.IsReading && _isFleet) { _context.WakeAt(_context.Now); }
        if (_check.Own.DifferenceFrom(saved, ModelCheck.File, "the saved state") is not { } text) { return; }
        _check.OnSaved(text);
        throw new StateException(text);
    }
}

internal sealed record CompareModelsBlock(string Own) : IBlockOptions
{
    internal required ModelCheck Check { get; init; }

    /// <inheritdoc />
    public string State => "the model's signature";

    /// <inheritdoc />
    public long MessageBytes => ModelSignature.MaxBytes;

    /// <inheritdoc />
    public IReadOnlyList<MessageCodec> MessageCodecs { get; } = [MessageCodec.Of(ModelSignature.Codec)];

    /// <inheritdoc />
    public bool Equals(CompareModelsBlock? other) => other is not null && Own == other.Own;

    /// <inheritdoc />
    public override int GetHashCode() => Own.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() => $"{Check.Own.Columns.Length} columns";
}
