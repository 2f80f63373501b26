using System.Buffers;

namespace StreamLearn.Programs;

internal sealed record ModelCheck(ModelSignature Own)
{
    /// <summary>Called with the other signature and the difference, null if there is none. A device compares itself with the fleet, an
    /// aggregator each device with itself.</summary>
    public Action<ModelSignature, string?> OnOther { get; init; } = static (_, _) => { };

    /// <summary>Interval at which an aggregator republishes its signature, since another aggregator may have replaced the retained one;
    /// default null: only at its start, so that a simulation ends.</summary>
    public TimeSpan? SaysEvery { get; init; }

    public Action<string> OnSaved { get; init; } = static _ => { };

    /// <summary>Refuses a state with another signature.</summary>
    internal void State(ref StateStream s)
    {
        var saved = s.Value(Own, ModelSignature.Codec);
        if (Own.DifferenceFrom(saved, "this file", "the saved state") is not { } text) { return; }
        OnSaved(text);
        throw new StateException(text);
    }
}

/// <summary>Compares device models with the fleet's. Devices publish their signature at start and once per aggregator start; the aggregator
/// answers a mismatch with its own.</summary>
internal static class CompareModels
{
    internal const int MaxDevices = 1000;       // with names of 64 letters, a quarter of a message

    private static readonly SubscribeOptions Bounded = new() { Capacity = 64, MaxPayloadBytes = ModelSignature.MaxBytes };

    /// <summary>Runs while the flow lasts. Receipts only control it, since as an input they would end too early.</summary>
    internal static void OfDevice<T>(Flow<T> flow, Flow<Receipt> receipts, ModelCheck check, FleetTopics topics, ITransport control)
        where T : class => flow
        .Via("compare-models", new CompareModelsBlock(check.Own.Text) { Check = check },
            static (CompareModelsBlock block, OperatorContext context, IOutput<ModelSignature> output) =>
                new CompareDevice<T>(block.Check, context, output))
        .ControlledBy(receipts)
        .Buffer(1, OnFull.KeepLatest)       // a lost link does not delay receipts
        .Publish(control, topics.SignatureOf(check.Own.Device), ModelSignature.Codec);

    /// <summary>Returns what the aggregator retained about its fleet, or null (nothing within this time, or nothing that may be read), and
    /// whether the server was reached.</summary>
    internal static async Task<(ModelSignature? Fleet, bool IsReached)> FleetAsync(
        ITransport control, FleetTopics topics, TimeSpan wait, CancellationToken stop)
    {
        var found = new TaskCompletionSource<ModelSignature>(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = Pipeline.Define("fleet", p => p.Subscribe(control, topics.Signature, ModelSignature.Codec, new() { Durable = false })
            .ForEach("signature", s => found.TrySetResult(s))).Start(cancellationToken: CancellationToken.None);
        await using var _ = run.ConfigureAwait(false);
        await Task.WhenAny(found.Task, run.Completion, Task.Delay(wait, TimeProvider.System, stop)).ConfigureAwait(false);
        return (found.Task.IsCompletedSuccessfully ? await found.Task.ConfigureAwait(false) : null, EdgeServer.IsConnected(control));
    }

    /// <summary>A device that said its signature to another aggregator is known by its presence.</summary>
    internal static void OfFleet(
        PipelineBuilder p, ModelCheck check, FleetTopics topics, ITransport control, Flow<Presence> presences)
    {
        var (answers, own) = p.Subscribe<ModelSignature>(control, topics.Signatures, ModelSignature.Codec.Name, Decode, Bounded)
            .Via("compare-models", new CompareModelsBlock(check.Own.Text) { Check = check },
                static (CompareModelsBlock block, OperatorContext context, IOutput<Receipt> answers, IOutput<ModelSignature> own) =>
                    new CompareFleet(block.Check, context, answers, own)).ControlledBy(presences);
        answers.PublishTo(control, topics.Receipts, LearningCodecs.Receipts, static r => r.Device).Named("answer models");
        own.Publish(control, topics.Signature, ModelSignature.Codec, retain: true);

        // a device may publish only its own signature
        ModelSignature? Decode(Received message, BatchPool pool) =>
            ModelSignature.Codec.TryDecode(message.Payload, pool, out var signature)
                && signature.Device.Length > 0 && message.Topic == topics.SignatureOf(signature.Device) ? signature : null;
    }
}

internal sealed record CompareModelsBlock(string Own) : IBlockOptions
{
    internal required ModelCheck Check { get; init; }

    public string State => "the model's signature";

    public long MessageBytes => ModelSignature.MaxBytes;

    public IReadOnlyList<MessageCodec> MessageCodecs { get; } =
        [MessageCodec.Of(ModelSignature.Codec), MessageCodec.Of(LearningCodecs.Receipts), MessageCodec.Of(LearningCodecs.Presences)];

    public bool Equals(CompareModelsBlock? other) => other is not null && Own == other.Own;

    public override int GetHashCode() => Own.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => $"{Check.Own.Columns.Length} columns";
}

internal sealed class CompareDevice<T> : Operator<T>, IStateful, IControlledBy<Receipt>
    where T : class
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);      // minimum time between answers

    private readonly ModelCheck _check;
    private readonly OperatorContext _context;
    private readonly IOutput<ModelSignature> _output;
    private long? _aggregator;          // start of the aggregator that answered in this run
    private DateTimeOffset? _saidAt;

    internal CompareDevice(ModelCheck check, OperatorContext context, IOutput<ModelSignature> output)
    {
        (_check, _context, _output) = (check, context, output);
        context.WakeAt(context.Now);
    }

    public string StateFormat => "model-signature/1";

    public void State(ref StateStream s)
    {
        _check.State(ref s);
        if (s.IsReading) { _context.WakeAt(_context.Now); }
    }

    /// <summary>Publishes the signature at each start, since the aggregator may have been away.</summary>
    public override void WakeUp() => Say();

    public override void Process(T input) { }

    public void Control(Receipt message)
    {
        if (!message.Model.IsEmpty)
        {
            if (ModelSignature.Codec.TryDecode(new(message.Model.AsMemory()), _context.Pool, out var fleet))
            {
                _check.OnOther(fleet, _check.Own.DifferenceFrom(fleet, "this file", "the fleet's model"));
            }
            else { _context.Drop(message, "malformed"); }
        }
        else if (message.Newest.Epoch != _aggregator && !(_context.Now - _saidAt < Pause))
        {
            _aggregator = message.Newest.Epoch;
            Say();
        }
    }

    private void Say()
    {
        _saidAt = _context.Now;
        _output.Emit(_check.Own);
    }
}

internal sealed class CompareFleet : Operator<ModelSignature>, IControlledBy<Presence>, IStateful
{
    private const string BeforeDevices = "model-signature/1", BeforeLater = "model-signature/2";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);       // between lists of devices

    private const int MaxAnswersPerSecond = 64;

    private readonly ModelCheck _check;
    private readonly OperatorContext _context;
    private readonly IOutput<Receipt> _answers;
    private readonly IOutput<ModelSignature> _own;
    private readonly List<string> _devices = [];
    private readonly SortedDictionary<string, bool> _later = new(StringComparer.Ordinal);      // who said whether it takes later labels
    private DateTimeOffset _second;
    private int _answered;

    internal CompareFleet(ModelCheck check, OperatorContext context, IOutput<Receipt> answers, IOutput<ModelSignature> own)
    {
        (_check, _context, _answers, _own) = (check, context, answers, own);
        context.WakeAt(context.Now);
    }

    public string StateFormat => "model-signature/3";

    public IReadOnlyList<string> EarlierFormats => [BeforeDevices, BeforeLater];

    public void State(ref StateStream s)
    {
        _check.State(ref s);
        if (s.Format != BeforeDevices) { s.Items(_devices, CompareModels.MaxDevices, static (ref s, ref name) => s.Value(ref name)); }
        if (s.Format is not (BeforeDevices or BeforeLater))
        {
            s.Items(_later, CompareModels.MaxDevices, static (ref s, ref name, ref takes) =>
            {
                s.Value(ref name);
                s.Value(ref takes);
            });
        }

        if (s.IsReading) { _context.WakeAt(_context.Now); }
    }

    /// <summary>Publishes the signature at each start and, if configured, periodically and after a new device.</summary>
    public override void WakeUp()
    {
        _own.Emit(_check.Own with
        {
            Devices = [.. _devices],
            Later = [.. _devices.Select(d => _later.TryGetValue(d, out var takes) ? takes : (bool?)null)],
        });
        if (_check.SaysEvery is { } every) { _context.WakeAt(_context.Now + every); }
    }

    public override void Process(ModelSignature input)
    {
        var text = input.DifferenceFrom(_check.Own, "its file", "the fleet's model");
        _check.OnOther(input, text);
        if (IsNews(input) && _check.SaysEvery is not null) { _context.WakeAt(_context.Now + Pause); }
        if (text is null) { return; }
        if (_context.Now - _second >= TimeSpan.FromSeconds(1)) { (_second, _answered) = (_context.Now, 0); }
        if (++_answered > MaxAnswersPerSecond)
        {
            _context.Drop(input, "flood");
            return;
        }

        var bytes = new ArrayBufferWriter<byte>();
        ModelSignature.Codec.Encode(_check.Own, bytes);
        _answers.Emit(new()
        {
            Device = input.Device,
            Epoch = input.Epoch,
            Aggregator = _context.Pipeline,
            Newest = default,
            Fates = [],
            Model = [.. bytes.WrittenSpan],
        });
    }

    public void Control(Presence message)
    {
        if (message.TopicDevice is null && Adds(message.Device) && _check.SaysEvery is not null) { _context.WakeAt(_context.Now + Pause); }
    }

    private bool Adds(string device)
    {
        if (_devices.Count == CompareModels.MaxDevices || _devices.Contains(device)) { return false; }
        _devices.Add(device);
        return true;
    }

    /// <summary>Keeps the device, and whether it takes later labels; true if this changes the list.</summary>
    private bool IsNews(ModelSignature told)
    {
        var isNew = Adds(told.Device);
        if (!isNew && !_devices.Contains(told.Device)) { return false; }
        bool? before = _later.TryGetValue(told.Device, out var takes) ? takes : null, now = told.Later is [var said] ? said : null;
        if (now is { } value) { _later[told.Device] = value; }
        else { _later.Remove(told.Device); }
        return isNew || before != now;
    }
}
