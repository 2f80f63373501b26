using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using StreamLearn.Learning;

namespace StreamLearn.Adaptation;

/// <summary>A site's copy of a model that several sites learn, and what the others know of it.</summary>
/// <remarks>
/// Shape: an update of the site in, a version for it and an update for the others out. The clock of a site is the number of its updates;
/// each tells the others that clock, though it may carry no change. State: the copy, the changes that wait, the clocks of the others.
/// Source: Hsieh et al. (2017), Gaia: approximate synchronous parallel.
/// </remarks>
internal sealed class ReplicatedModel : Operator<WeightDelta>, IStateful, IControlledBy<WeightDelta>
{
    private readonly ModelPlan _plan;
    private readonly ReplicatedModelOptions _options;
    private readonly OperatorContext _context;
    private readonly IOutput<Weights> _versions;
    private readonly IOutput<WeightDelta> _updates;
    private readonly float[] _values;
    private readonly float[] _unsent;
    private readonly List<(string Site, long Clock)> _others = [];      // those that have been heard of
    private long _clock;
    private long _given;        // the clock of the version that was given last

    internal ReplicatedModel(
        ReplicatedModelBlock block, OperatorContext context, IOutput<Weights> versions, IOutput<WeightDelta> updates)
    {
        (_plan, _options, _context) = (block.Model.Plan, block.Options, context);
        (_versions, _updates) = (versions, updates);
        (_values, _unsent) = ([.. block.Model.Initial.Values], new float[_plan.Values]);
    }

    /// <summary>The clock of the slowest site.</summary>
    private long Slowest
    {
        get
        {
            if (_others.Count < _options.Others) { return 0; }
            var least = long.MaxValue;
            foreach (var (_, clock) in _others) { least = Math.Min(least, clock); }
            return least;
        }
    }

    /// <inheritdoc />
    public string StateFormat => "replicated-model/1";

    /// <inheritdoc />
    public void Save(StateWriter writer)
    {
        writer.Write(_clock);
        writer.Write(_given);
        writer.Write<float>(_values);
        writer.Write<float>(_unsent);
        writer.Write(_others.Count);
        foreach (var (site, clock) in _others)
        {
            writer.Write(site);
            writer.Write(clock);
        }
    }

    /// <inheritdoc />
    public void Load(ref StateReader reader)
    {
        (_clock, _given) = (reader.ReadInt64(), reader.ReadInt64());
        reader.Read<float>(_values);
        reader.Read<float>(_unsent);
        _others.Clear();
        for (var left = reader.ReadInt32(0, _options.Others); left > 0; left--) { _others.Add((reader.ReadText(), reader.ReadInt64())); }
    }

    /// <summary>Takes what the site itself has learned, and tells the others.</summary>
    public override void Process(WeightDelta input)
    {
        if (!IsOfModel(input))
        {
            _context.Drop(input, "schema");
            return;
        }

        if (input.Steps > 0 || input.Leaving)
        {
            _clock++;
            TensorPrimitives.Add(_values, input.Values.AsSpan(), _values);
            _updates.Emit(input with { Sequence = _clock, BaseVersion = _clock, Values = Take(input) });
        }

        Give();
    }

    /// <summary>Takes what another site has sent: its changes and its clock.</summary>
    public void Control(WeightDelta message)
    {
        if (!IsOfModel(message) || message.Device == _context.Pipeline)
        {
            _context.Drop(message, message.Device == _context.Pipeline ? "own" : "schema");
            return;
        }

        var at = PlaceOf(message.Device);
        if (at < 0 && _others.Count < _options.Others)
        {
            at = _others.Count;
            _others.Add((message.Device, 0));
        }

        if (at < 0 || message.BaseVersion <= _others[at].Clock)
        {
            _context.Drop(message, at < 0 ? "unknown-site" : "duplicate");
            return;
        }

        _context.Record("updates-missed", message.BaseVersion - _others[at].Clock - 1);
        TensorPrimitives.Add(_values, message.Values.AsSpan(), _values);
        _others[at] = (message.Device, message.Leaving ? long.MaxValue : message.BaseVersion);
        Give();
    }

    private int PlaceOf(string site)
    {
        for (var at = 0; at < _others.Count; at++)
        {
            if (_others[at].Site == site) { return at; }
        }

        return -1;
    }

    private bool IsOfModel(WeightDelta update) => update.SchemaHash == _plan.SchemaHash && update.Values.Length == _plan.Values;

    /// <summary>Lets the site go on from its copy, unless it is too far ahead.</summary>
    private void Give()
    {
        _context.Gauge("lead", Math.Max(0, _clock - Slowest));
        if (_given == _clock || _clock - Slowest >= _options.MaxLead) { return; }
        _given = _clock;
        _versions.Emit(new()
        {
            Version = _clock,
            SchemaHash = _plan.SchemaHash,
            Values = [.. _values],
        });
    }

    /// <summary>What the others are told of an update: all that waits, if the site leaves.</summary>
    private ImmutableArray<float> Take(WeightDelta update)
    {
        _context.Record("changes", _plan.Values);
        if (_options.Keep is not { } keep)
        {
            _context.Record("changes-sent", _plan.Values - MemoryMarshal.Cast<float, int>(update.Values.AsSpan()).Count(0));
            return update.Values;
        }

        var sent = new float[_plan.Values];
        TensorPrimitives.Add(_unsent, update.Values.AsSpan(), _unsent);
        var threshold = update.Leaving ? 0 : keep.Threshold.At(_clock);
        _context.Record("changes-sent", keep.Significance.Take(_values, threshold, _unsent, sent));
        _context.Gauge("threshold", threshold);
        return ImmutableCollectionsMarshal.AsImmutableArray(sent);
    }
}
