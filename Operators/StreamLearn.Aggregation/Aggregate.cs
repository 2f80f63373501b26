using System.Collections.Immutable;
using StreamLearn.Learning;

namespace StreamLearn.Aggregation;

/// <summary>Blocks that aggregate.</summary>
public static class AggregationFlowExtensions
{
    /// <summary>Makes new versions of a model from the updates of a fleet, by the five decisions of a strategy.</summary>
    /// <remarks>
    /// Shape: updates in, model versions out. State: weights, the strategy's slots, the fleet's members, its scale; not saved. Cost:
    /// O(values) an update.
    /// Emits: with each version, the version for devices (main) and the round that made it (side), with the model in use, a moving
    /// average of versions.
    /// Both carry the moments of the fleet's rows, merged by Chan's rule, and the model's scale is set from them.
    /// Drops: <c>schema</c>, <c>shape</c>, <c>identity</c>, <c>version</c>, <c>non-finite</c>, <c>norm</c>, <c>refused</c> (weight 0),
    /// <c>empty</c> (no steps; its moments count),
    /// <c>uninvited</c>, <c>fleet-full</c>, <c>set-full</c>. A device whose update was refused has reported all the same: a barrier does
    /// not wait for it.
    /// Source: the strategy's; moving average of versions, Polyak, Juditsky (1992), in its exponential form.
    /// </remarks>
    /// <param name="updates">The updates of all devices.</param>
    /// <param name="model">The model; version 0 is its initial one.</param>
    /// <param name="strategy">The strategy.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">An option or a setting of the strategy is out of range, or it directs devices, which is not
    /// there yet.</exception>
    public static Fork<Weights, Round> Aggregate(
        this Flow<WeightDelta> updates, IModel model, Strategy strategy, AggregateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(strategy);
        options ??= new();
        options.Check();
        strategy.Check();
        if (strategy.Rounds.Direct != Directives.Unchanged)
        {
            throw new ArgumentException("directives do not reach devices yet: use Directives.Unchanged", nameof(strategy));
        }
        return updates.Via("aggregate", new AggregateBlock(model, strategy, options),
            static (AggregateBlock block, OperatorContext context, IOutput<Weights> versions, IOutput<Round> rounds) =>
                new Aggregate(block, context, versions, rounds));
    }
}

/// <summary>The model, strategy and settings of an aggregation block.</summary>
internal sealed record AggregateBlock(IModel Model, Strategy Strategy, AggregateOptions Options) : IBlockOptions
{
    /// <inheritdoc />
    public int MaxOutputsPerCall => 2;

    /// <inheritdoc />
    public string State => "weights, slots, members, scale, updates of the open round";

    /// <inheritdoc />
    public long StateBytes(Schema? input) =>
        Model.Plan.ParameterBytes * (4 + (Strategy.Rounds.Apply.Streams ? 0 : Options.MaxHeldUpdates)) + (128L * Options.MaxDevices);

    /// <inheritdoc />
    public override string ToString() =>
        $"{Strategy}, averaging {Options.Averaging.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}

internal sealed class Aggregate(AggregateBlock block, OperatorContext context, IOutput<Weights> versions, IOutput<Round> rounds)
    : Operator<WeightDelta>
{
    private readonly ModelPlan _plan = block.Model.Plan;
    private readonly AggregateOptions _options = block.Options;
    private readonly Rounds _rounds = block.Strategy.Rounds;
    private readonly ServerState _state = new(block.Model.Initial);
    private readonly Fleet _fleet = new(block.Options.MaxDevices);
    private readonly UpdateCheck _check = new(block.Model.Plan, block.Options);
    private readonly ModelAverage _average = new(block.Model.Plan, block.Options.Averaging);
    private readonly List<(WeightDelta Update, float Weight)> _held = [];
    private readonly ImmutableArray<Contribution>.Builder _contributions = ImmutableArray.CreateBuilder<Contribution>();
    private ChannelMoments? _scale;
    private DateTimeOffset? _began;
    private int _updates;
    private long _stalenessSum;
    private long _stalenessMax;

    public override void Process(WeightDelta input)
    {
        _began ??= context.Now;
        if ((_check.Form(input) ?? _fleet.Admit(input)) is { } stranger)
        {
            context.Drop(input, stranger);
            return;
        }

        if ((_fleet.Report(input.Device) ?? Accept(input)) is { } reason) { context.Drop(input, reason); }
        if (input.Leaving) { _fleet.Leave(input.Device); }
        context.Gauge("devices-alive", _fleet.Alive.Count);
        Settle();
    }

    public override void WakeUp() => Settle();

    public override void Complete()
    {
        if (_updates > 0) { Finish(); }
    }

    /// <summary>Takes an update into the round. Without steps it still brings moments.</summary>
    /// <returns>Why not, or null.</returns>
    private string? Accept(WeightDelta update)
    {
        if (_check.Content(update, _state.Version, out var norm) is { } reason) { return reason; }
        var header = HeaderOf(update);
        var weight = update.Steps == 0 ? 0 : _rounds.Weigh(header, View());
        if (update.Steps > 0 && !(weight > 0 && float.IsFinite(weight))) { return "refused"; }
        if (_rounds.Apply.Streams) { Add(update, weight); }
        else if (_held.Count < _options.MaxHeldUpdates) { _held.Add((update, weight)); }
        else { return "set-full"; }
        if (update.Steps == 0) { return update.Leaving ? null : "empty"; }
        _updates++;
        _check.Note(norm);
        var staleness = _state.Version - update.BaseVersion;
        (_stalenessSum, _stalenessMax) = (_stalenessSum + staleness, Math.Max(_stalenessMax, staleness));
        context.Gauge("staleness-sum", _stalenessSum);
        context.Gauge("staleness-max", _stalenessMax);
        return null;
    }

    private void Add(WeightDelta update, float weight)
    {
        _scale = ChannelMoments.Merge(_scale, update.Moments);
        if (update.Steps == 0) { return; }
        _state.Updates++;
        _state.TotalWeight += weight;
        _rounds.Apply.Add(_state, new(HeaderOf(update), weight, update.Values.AsSpan()));
        _contributions.Add(new(update.Device, update.Epoch, update.Sequence, update.BaseVersion, _state.Version - update.BaseVersion,
            weight, update.Samples, 0));
        context.Charge(_plan.Values);
    }

    /// <summary>
    /// Asks whether the round is due. One in which all have reported and none was accepted ends void, so that no device waits for it.
    /// </summary>
    private void Settle()
    {
        if (_rounds.Due(View()) is not { } due) { return; }
        if (due > TimeSpan.Zero)
        {
            if (due < DateTimeOffset.MaxValue - context.Now) { context.WakeAt(context.Now + due); }
        }
        else if (_updates > 0 || (_fleet.Reported > 0 && _fleet.Reported >= _fleet.Invited))
        {
            Finish();
        }
    }

    private void Finish()
    {
        _held.Sort(static (a, b) => Order(a.Update, b.Update));
        foreach (var (update, weight) in _held) { Add(update, weight); }
        _held.Clear();
        if (_updates > 0) { _rounds.Apply.Finish(_state); }
        else { context.Record("void-rounds"); }
        _plan.SetScale(_scale, _state.Weights);
        _state.Version++;
        var version = new Weights
        {
            Version = _state.Version,
            SchemaHash = _plan.SchemaHash,
            Values = ImmutableArray.Create<float>(_state.Weights),
            Scale = _scale,
        };
        versions.Emit(version);
        rounds.Emit(new()
        {
            InUse = _average.Add(version),
            Contributions = _contributions.DrainToImmutable(),
            Refusals = [],
            Stragglers = [],
            Began = _began ?? context.Now,
            Ended = context.Now,
        });
        context.Record("versions");
        context.Record("updates-applied", _updates);
        (_updates, _state.Updates, _state.TotalWeight, _began) = (0, 0, 0, context.Now);
        _check.EndRound();
        _fleet.BeginRound(_rounds.Select, _state.Version, context.Random);
    }

    private static int Order(WeightDelta a, WeightDelta b)
    {
        var devices = string.CompareOrdinal(a.Device, b.Device);
        return devices != 0 ? devices : (a.Epoch, a.Sequence).CompareTo((b.Epoch, b.Sequence));
    }

    private static UpdateHeader HeaderOf(WeightDelta update) =>
        new(new(update.Device), update.Epoch, update.Sequence, update.BaseVersion, update.Samples, update.Steps, update.Loss);

    private RoundView View() => new()
    {
        Version = _state.Version,
        Updates = _updates,
        Devices = _fleet.Reported,
        Invited = _fleet.Invited,
        Alive = _fleet.Alive.Count,
        Known = _fleet.Known,
        Elapsed = context.Now - (_began ?? context.Now),
    };
}
