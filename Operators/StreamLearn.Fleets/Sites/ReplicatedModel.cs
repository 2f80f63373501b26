using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamLearn.Fleets;

/// <summary>A site's copy of a model without an aggregator, and the changes that other sites have of it.</summary>
/// <remarks>A site's clock is the number of its updates, which are sent even without changes. Source: Hsieh et al. (2017), Gaia:
/// approximate synchronous parallel.</remarks>
internal sealed partial class ReplicatedModel : Operator<WeightDelta>, IStateful, IControlledBy<WeightDelta>, IControlledBy<SiteSignal>
{
    private readonly ModelPlan _plan;
    private readonly ReplicatedModelOptions _options;
    private readonly OperatorContext _context;
    private readonly IOutput<Weights> _versions;
    private readonly IOutput<WeightDelta> _updates;
    private readonly IOutput<SiteSignal>? _signals;     // null: not connected
    private readonly OtherSites _others;
    private readonly float[] _values;
    private readonly float[] _unsent;
    private readonly ThresholdControl _threshold;
    private long _clock;
    private long _given;        // the last emitted version, which is the clock if there is one worker
    private long? _epoch;       // with one worker, from its first update; kept at later starts, like its numbers
    private bool _hasLeft;
    private long _sequence;     // number of the last sent update

    internal ReplicatedModel(ReplicatedModelBlock block, OperatorContext context, IOutput<Weights> versions,
        IOutput<WeightDelta> updates, IOutput<SiteSignal>? signals)
    {
        (_plan, _options, _context) = (block.Model.Plan, block.Options, context);
        (_versions, _updates, _signals) = (versions, updates, signals);
        (_values, _unsent, _others) = ([.. block.Model.Initial.Values], new float[_plan.Values], new(_options));
        _threshold = new(_options.Keep?.Threshold ?? new ConstantThreshold(0));
        (_isJoining, _reads) = (_options.Joins, ReadBy(_options.Barrier));
        _workers = _options.Workers > 1 ? new(_options) : null;
        _epoch = _workers is null ? _options.Epoch : MessageNumbers.EpochOf(_options.Epoch, context);
        if (_isJoining) { context.WakeAt(context.Now); }        // the others may all be waiting, and send nothing
    }

    public string StateFormat => _workers is null ? "replicated-model/3" : "replicated-model-of-workers/2";

    public void State(ref StateStream s)
    {
        s.Value(ref _clock);
        s.Value(ref _given);
        s.Value(ref _epoch);
        s.Value(ref _sequence);
        s.Value(ref _hasLeft);
        s.Values<float>(_values);
        s.Values<float>(_unsent);
        _threshold.State(ref s);
        s.Value(ref _isJoining);
        s.ClockTime(ref _asksAt);
        s.ClockTime(ref _sentAt);
        s.Optional(ref _pending, LearningCodecs.Deltas);
        _others.State(ref s);
        if (_workers is not null)
        {
            s.Optional(ref _gathered, LearningCodecs.Deltas);
            s.Value(ref _owesLast);
            _workers.State(ref s);
        }

        if (s.IsReading) { Watch(); }
    }

    public override void Process(WeightDelta input)
    {
        _others.Begin(_context.Now);
        if (_isJoining || !IsOfModel(input))
        {
            if (_isJoining) { Note(input); }
            _context.Drop(input, _isJoining ? "joining" : "schema");
            Ask();
            return;
        }

        if (_workers is { } workers) { Hear(workers, input); }
        else if (input.Steps > 0 || input.Leaving)
        {
            _clock++;
            _epoch ??= input.Epoch;
            _hasLeft = input.Leaving;
            TensorPrimitives.Add(_values, input.Values.AsSpan(), _values);
            var update = input with { Device = _context.Pipeline, Epoch = _epoch.Value, BaseVersion = _clock };
            Tell(update with { Values = Take(update) });
        }

        Give();
    }

    public void Control(WeightDelta message)
    {
        _others.Begin(_context.Now);
        if (!IsOfModel(message) || message.Device == _context.Pipeline)
        {
            _context.Drop(message, message.Device == _context.Pipeline ? "own" : "schema");
            return;
        }

        var hasJoined = message.BaseVersion > message.Sequence;         // its snapshot includes earlier updates
        var site = _others.Find(message.Device, _context.Now, hasJoined ? _sequence : 0);
        var missed = site?.Hear(message) ?? -1;
        if (site is null || missed < 0)
        {
            _context.Drop(message, site is null ? "unknown-site" : "duplicate");
            return;
        }

        if (_isJoining || _options.IsOrdered) { Hold(site, message); }
        else { Apply(site, message); }
        if (_isJoining)
        {
            Ask();
            return;
        }

        _context.Record("updates-missed", missed);
        Answer(site);
        Give();
    }

    public override void WakeUp()
    {
        _others.Begin(_context.Now);
        if (_isJoining) { Ask(); }
        else { Give(); }
    }

    private bool IsOfModel(WeightDelta update) => update.SchemaHash == _plan.SchemaHash && update.Values.Length == _plan.Values;

    private void Hold(OtherSite site, WeightDelta update)
    {
        site.Held.Add(update);
        if (site.Held.Count <= _options.MaxHeld) { return; }
        if (!_isJoining)
        {
            _context.Record("updates-early");
            Apply(site, site.Held[0]);
        }

        site.Held.RemoveAt(0);
    }

    private void Apply(OtherSite site, WeightDelta update)
    {
        _threshold.Move(update.Values.AsSpan(), _unsent);
        TensorPrimitives.Add(_values, update.Values.AsSpan(), _values);
        site.Apply(update);
    }

    private void ApplyHeld(long clock)
    {
        while (_others.NextHeld(clock) is { } site) { Apply(site, site.TakeHeld()); }
    }

    /// <summary>Emits a version, unless the site is too far ahead or reads awaited values.</summary>
    private void Give()
    {
        if (_workers is { } workers) { Advance(workers); }
        SendPending();
        var bars = _others.Bars(_reads, _context.Now, out var expired);
        if (expired > 0) { _context.Record("barriers-expired", expired); }
        var lead = _clock - _others.Slowest(_context.Now);
        _context.Gauge("lead", Math.Max(0, lead));
        if (!IsAwaited || lead >= _options.MaxLead || bars)
        {
            if (bars && IsAwaited) { _context.Record("barrier-waits"); }
            Watch();
            return;
        }

        if (_options.IsOrdered) { ApplyHeld(_clock - _options.MaxLead + 1); }
        EmitVersion();
        Watch();
    }

    private void EmitVersion()
    {
        _given = _workers is null ? _clock : _given + 1;
        var version = new Weights
        {
            Version = _given,
            Epoch = _workers is null ? 0 : _epoch!.Value,
            SchemaHash = _plan.SchemaHash,
            Values = [.. _values],
        };
        if (_workers is null || _owesLast) { _versions.Emit(version); }
        _owesLast = false;
        foreach (var worker in _workers?.Continue(_clock, _context.Now) ?? []) { _versions.Emit(version with { Recipient = worker }); }
    }

    private void Watch()
    {
        if (_isJoining)
        {
            if (_asksAt is { } asks) { _context.WakeAt(asks); }
            return;
        }

        if (IsAwaited && _others.NextExpiry(_context.Now) is { } expires) { _context.WakeAt(expires); }
        if (_workers?.NextExpiry(_context.Now) is { } vanishes) { _context.WakeAt(vanishes); }
        if (_pending is not null && _sentAt + _options.Lease is { } due) { _context.WakeAt(due); }
    }

    /// <summary>Removes and returns the significant changes, or all pending ones if the site leaves.</summary>
    private ImmutableArray<float> Take(WeightDelta update)
    {
        _context.Record("changes", _plan.Values);
        _context.Record("bytes", update.EncodedBytes);
        if (_options.Keep is not { } keep)
        {
            _context.Record("changes-sent", _plan.Values - MemoryMarshal.Cast<float, int>(update.Values.AsSpan()).Count(0));
            return update.Values;
        }

        var sent = new float[_plan.Values];
        TensorPrimitives.Add(_unsent, update.Values.AsSpan(), _unsent);
        var threshold = update.Leaving ? 0 : _threshold.At(_clock);
        var given = keep.Significance.Take(_values, threshold, _unsent, sent);
        if (!update.Leaving) { _threshold.Choose(given, _unsent); }
        _context.Record("changes-sent", given);
        _threshold.Show(_context, threshold);
        return ImmutableCollectionsMarshal.AsImmutableArray(sent);
    }
}
