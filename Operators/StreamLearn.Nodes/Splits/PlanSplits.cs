namespace StreamLearn.Nodes;

public static partial class NodesFlowExtensions
{
    /// <summary>Plans where each device's layers run, from joins, ends of rounds and link estimates.</summary>
    /// <remarks> Shape: messages to <c>ServeSplit</c> in; plans (main) and their basis (side) out. State: each device's times, last round,
    /// recent link rates, and estimates from before it joined. Cost: the planner's. Plans when a device joins or leaves, after one
    /// round per device, and when a link changes. A factor corrects a device's claims: measured batch time without link and server over
    /// predicted time, smoothed by 0.2. Emits: a plan for each device with a new split, at most one report per call. Drops: estimates
    /// <c>unknown-device</c>, if too many devices have not joined. Source: Samikwa et al. (2022), ARES, a plan for each round. </remarks>
    /// <exception cref="ArgumentException">An option is out of range; thrown when the pipeline is built.</exception>
    public static Fork<SplitPlan, PlannedSplits> PlanSplits(
        this Flow<Activations> flow, LayerCosts model, Flow<LinkEstimate> links, PlanSplitsOptions options)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(links);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        return flow.Via("plan-splits", new PlanSplitsBlock(model, options),
            static (PlanSplitsBlock block, OperatorContext context, IOutput<SplitPlan> plans, IOutput<PlannedSplits> reports) =>
                new PlanSplits(block, context, plans, reports)).ControlledBy(links);
    }
}

internal sealed record PlanSplitsBlock(LayerCosts Model, PlanSplitsOptions Options) : IBlockOptions
{
    public IReadOnlyList<MessageCodec> MessageCodecs { get; } =
    [
        MessageCodec.Of(LearningCodecs.Activations), MessageCodec.Of(LearningCodecs.SplitPlans), MessageCodec.Of(NodesCodecs.LinkEstimates),
        MessageCodec.Of<PlannedSplits>("planned-splits/1", PlannedSplits.State),
    ];

    public int MaxOutputsPerCall => Options.MaxDevices + 1;

    public string State => "for each device its times, last round and link rates, including those before it joined; the current plan";

    public long StateBytes(Schema? input) => Options.MaxDevices * (512L + (16 * Model.Count));

    public bool Equals(PlanSplitsBlock? other) => other is not null && Model == other.Model && Options == other.Options;

    public override int GetHashCode() => HashCode.Combine(Model, Options);

    public override string ToString() => Options.ToString();
}

internal sealed class PlanSplits(
    PlanSplitsBlock block, OperatorContext context, IOutput<SplitPlan> plans, IOutput<PlannedSplits> reports)
    : Operator<Activations>, IStateful, IControlledBy<LinkEstimate>
{
    /// <summary>A day per row, because a larger claim alone would determine the length of rounds.</summary>
    private const double MaxSeconds = 86_400;

    /// <summary>Load above which the device did not compute but was stopped or waited.</summary>
    private const double MaxLoad = 10;

    /// <summary>Minimum time per batch on the device; below it, messages and checkpoints dominate.</summary>
    private const double MinSeconds = 0.001;

    private readonly PlanSplitsOptions _options = block.Options;
    private readonly Steady _planner = block.Options.Planner as Steady ?? new(block.Options.Planner);
    private readonly List<PlannedDevice> _devices = [];        // sorted by name
    private readonly List<LinkEstimate> _early = [];           // estimates for devices that have not joined yet, oldest first
    private Plan? _plan;
    private int _rounds;        // number of rounds since the last plan

    public string StateFormat => "plan-splits/2";

    public void State(ref StateStream s)
    {
        s.Items(_devices, _options.MaxDevices, static (ref StateStream s, ref PlannedDevice device) =>
        {
            device ??= new();
            device.State(ref s);
        });
        s.Items(_early, _options.MaxDevices, static (ref StateStream s, ref LinkEstimate estimate) =>
            estimate = s.Value(estimate, NodesCodecs.LinkEstimates)!);
        s.Value(ref _rounds, 0, int.MaxValue);
        if (s.IsReading) { WatchSilence(); }
        if (!s.Value(_plan is not null)) { return; }
        var routes = s.Items(_plan?.Routes ?? [], int.MaxValue, Route);
        if (s.IsReading) { _plan = new(routes); }
    }

    /// <summary>Costs are not saved, because each view has its own.</summary>
    private static void Route(ref StateStream s, ref Route route)
    {
        var (device, missing) = (s.Value(route?.Device ?? ""), s.Value(route?.MissingBytes ?? 0));
        var ranges = s.Items(route?.Ranges ?? [], int.MaxValue, static (ref StateStream s, ref LayerRange range) =>
            range = new(s.Value(range.First), s.Value(range.End), s.Value(range.Node ?? "")));
        if (s.IsReading) { route = new(device, ranges, new()) { MissingBytes = missing }; }
    }

    public override void Process(Activations input)
    {
        if (input.TopicDevice is not null) { return; }      // the serving block counts its refusals
        if (Find(input.Device) is { } known) { known.LastSeen = context.Now; }
        if (input.Round is not { } round) { return; }
        if (round.IsLast) { Leave(d => d.Name == input.Device, $"{input.Device} left"); }
        else if (round.Batches == 0) { Join(input); }
        else { End(input, round); }
    }

    public void Control(LinkEstimate message)
    {
        if (Find(message.Device) is not { } device)
        {
            Keep(message);
            return;
        }

        device.Measured(message);
        var (rate, planned) = (RateOf(device), device.PlannedRate);
        if (Math.Abs(rate - planned) > _options.MinChange * Math.Max(planned, double.Epsilon)) { Plan($"link of {device.Name}"); }
    }

    /// <summary>Keeps an estimate, because a device may know its link before its first batch, with which it joins.</summary>
    private void Keep(LinkEstimate message)
    {
        _early.RemoveAll(e => e.Device == message.Device);
        if (_early.Count == _options.MaxDevices)
        {
            context.Drop(_early[0], "unknown-device");
            _early.RemoveAt(0);
        }

        _early.Add(message);
    }

    public override void WakeUp()
    {
        var until = context.Now - _options.DeviceLifetime;
        if (_devices.Find(d => d.LastSeen <= until) is { } silent) { Leave(d => d.LastSeen <= until, $"{silent.Name} is silent"); }
        WatchSilence();
    }

    private void WatchSilence()
    {
        if (_devices.Count > 0) { context.WakeAt(_devices.Min(static d => d.LastSeen) + _options.DeviceLifetime); }
    }

    private PlannedDevice? Find(string name) => _devices.Find(d => d.Name == name);

    private void Join(Activations input)
    {
        if ((input.Resources ?? _options.Default) is not { Times: { } times } resources || times.Count != block.Model.Count
            || times.Forward[^1] > MaxSeconds || times.Backward[^1] > MaxSeconds)
        {
            context.Record("devices-unplanned");
            return;
        }

        var device = Find(input.Device);
        if (device is null && _devices.Count == _options.MaxDevices)
        {
            context.Record("devices-unplanned");
            return;
        }

        if (device is null)
        {
            _devices.Add(device = PlannedDevice.Of(input.Device));
            _devices.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        }

        device.LastSeen = context.Now;
        device.Join(resources, input.Round is { Rows: > 0 and var rows } ? rows : _options.Objective.BatchRows);
        if (_early.Find(e => e.Device == input.Device) is { } early)
        {
            device.Measured(early);
            _early.Remove(early);
        }

        WatchSilence();
        Plan($"{input.Device} joined");
    }

    private void Leave(Predicate<PlannedDevice> who, string why)
    {
        if (_devices.RemoveAll(who) == 0) { return; }
        if (_devices.Count > 0)
        {
            Plan(why);
            return;
        }

        (_plan, _rounds) = (null, 0);       // the next device to join gets its split, even if it has not changed
        reports.Emit(new([], why, Changes: false, context.Now));
    }

    private void End(Activations input, SplitRound round)
    {
        if (Find(input.Device) is not { } device) { return; }
        device.Ended(round, input.Split);
        if (device.Seconds is { } seconds) { Correct(device, seconds); }
        if (++_rounds >= _devices.Count) { Plan("round"); }
    }

    /// <summary>Attributes to the device the time that neither link nor server explains.</summary>
    private void Correct(PlannedDevice device, double seconds)
    {
        var view = View();
        var node = view.Node(device.Name) with { Load = 1 };
        var route = SplitRoutes.Of(block.Model, view, _options.Objective, node)[Math.Min(device.Split, block.Model.Count)];
        if (route.Cost.DeviceSeconds < MinSeconds) { return; }
        var rest = seconds - route.Cost.BatchSeconds + route.Cost.DeviceSeconds;
        device.Load = Correction.Next(device.Load, route.Cost.DeviceSeconds, Math.Min(rest, MaxLoad * route.Cost.DeviceSeconds));
    }

    private double RateOf(PlannedDevice device) => device.RateAt(context.Now, _options.Rates, _options.InitialBitsPerSecond);

    private ResourceView View() => new(
        [.. _devices.Select(static d => d.Node()), _options.Server],
        [.. _devices.Select(d => new LinkView(d.Name, _options.Server.Name, RateOf(d)))])
    {
        Current = _plan,
    };

    private void Plan(string why)
    {
        _rounds = 0;
        var view = View();
        var next = _planner.Plan(block.Model, view, _options.Objective);
        foreach (var device in _devices) { device.PlannedRate = RateOf(device); }
        foreach (var route in next.Routes)
        {
            if (route.MissingBytes > 0 || _plan?.RouteOf(route.Device)?.Split == route.Split) { continue; }
            plans.Emit(new() { Device = route.Device, Split = route.Split });
        }

        context.Record("plans");
        var changes = !next.IsPlacedAs(_plan);
        if (changes) { context.Record("plan-changes"); }
        _plan = next;
        var local = PlanValue.Local(block.Model, view, _options.Objective);
        reports.Emit(new([.. next.Routes.Select(route => Planned(route, local.RouteOf(route.Device)!))], why, changes, context.Now));
    }

    private PlannedSplit Planned(Route route, Route local)
    {
        var device = Find(route.Device)!;
        return new(route.Device, route.Split, route.Cost.Seconds, local.Cost.Seconds, route.Cost.Joules, local.Cost.Joules,
            device.PlannedRate, device.Load);
    }
}
