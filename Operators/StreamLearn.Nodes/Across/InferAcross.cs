namespace StreamLearn.Nodes;

/// <summary>Adds blocks that learn.</summary>
public static partial class NodesFlowExtensions
{
    /// <summary>Answers every row with the first layers on the device and the others on an edge. Early exits substitute for late
    /// answers.</summary>
    /// <remarks> Shape: rows of float32 columns in the model's order in; <c>time</c> (of the last sample) if present, <c>class</c> int32,
    /// <c>confidence</c> float32, <c>exit</c> int32, <c>place</c> int32 (0 device, 1 edge), <c>version</c> int64, and <c>label</c> if
    /// present out; requests (<see cref="RestRequest"/>) on the side, of which slightly more than <see cref="AcrossOptions.MaxInFlight"/>
    /// are queued and the oldest dropped. Every row gets exactly one answer, within <see cref="AcrossOptions.Within"/> if the device is
    /// that fast. Rows that an exit before the cut is sure of are answered at once. For others, the last such exit substitutes; if there is
    /// none, the device runs the remaining layers before the deadline. The cut moves between batches; requests in flight keep theirs.
    /// State: the newest version, pending answers, measurements. Cost: the multiply-adds up to the cut or exit. Control:
    /// <see cref="Weights"/>, <see cref="RestAnswer"/>; by <c>ControlledBy</c> also <see cref="SplitPlan"/>, which sets the cut. Drops:
    /// <c>non-finite</c>, <c>window-length</c>, <c>schema</c>; plans <c>split</c>; answers <c>other-device</c>, <c>late</c> (already
    /// answered). Counts: <c>rows-here</c>, <c>rows-edge</c>, <c>kept</c> (late), <c>busy</c> (too many in flight), <c>gone</c> (edge
    /// unreachable), <c>refused</c>, <c>requests-lost</c>, <c>edge-gone</c>, <c>edge-there</c>, <c>cut-moves</c>; shows <c>cut</c>,
    /// <c>link-bits-per-second</c>, <c>round-trip-seconds</c>. Source: Teerapittayanon, McDanel, Kung (2017), DDNN; Laskaridis et al.
    /// (2020), SPINN; Kang et al. (2017), Neurosurgeon. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The network.</param>
    /// <param name="models">New versions; the newest is used.</param>
    /// <param name="answers">The answers of the edge (<see cref="AnswerRest"/>).</param>
    /// <param name="options">Deadline, exits and cut; null: defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range or does not fit the network.</exception>
    public static Fork<Batch, RestRequest> InferAcross(this Flow<Batch> flow, Network model, Flow<Weights> models,
        Flow<RestAnswer> answers, AcrossOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(answers);
        options ??= new();
        options.Check(model);
        var (given, requests) = flow.Via("infer-across", new InferAcrossBlock(model, options),
            static (InferAcrossBlock block, OperatorContext context, IOutput<Batch> output, IOutput<RestRequest> requests) =>
                new InferAcross(block, context, output, requests));
        given.ControlledBy(models).ControlledBy(answers);
        return new(given, requests.Buffer(options.MaxInFlight + InferAcrossBlock.MaxProbes, OnFull.DropOldest));
    }
}

internal sealed partial class InferAcross : Operator<Batch>, IStateful, IControlledBy<Weights>, IControlledBy<RestAnswer>,
    IControlledBy<SplitPlan>, IDisposable
{
    private const int Here = 0, Edge = 1;
    private const double ShareOfHolds = 0.1, ShareOfFirstHolds = 0.5;       // maximum share of the device's time spent waiting for probes

    private readonly Network _model;
    private readonly AcrossOptions _options;
    private readonly InferAcrossBlock _block;
    private readonly OperatorContext _context;
    private readonly IOutput<Batch> _output;
    private readonly NewestModel _newest;
    private readonly FeatureRows _rows;
    private readonly LayerCosts _costs;
    private ExitRule _leaving;
    private readonly EdgeRequests _edge;
    private readonly WorkMeter _work = new();
    private readonly LayerPace _pace;
    private readonly Workspace _memory = new();
    private readonly List<WaitingAnswers> _waiting = [];
    private readonly List<int> _picked = [];
    private int[] _exits = [];
    private int[] _left = [];
    private Schema? _input;
    private Schema? _schema;
    private double _batchRows;
    private int _cut;
    private int _point = -1;            // of the thresholds that the rule chose; −1: those of the options
    private int _plannedCut = -1;       // set by a plan and not changed by measurements; −1: none
    private int _nextCut = -1;
    private long _batches;
    private long _nextFrom;
    private DateTimeOffset? _heldUntil;
    private DateTimeOffset? _nextHold;
    private bool _isEdgeLate;           // the last decided request had no answer before the deadline

    internal InferAcross(InferAcrossBlock block, OperatorContext context, IOutput<Batch> output, IOutput<RestRequest> requests)
    {
        (_block, _model, _options, _context, _output) = (block, block.Model, block.Options, context, output);
        (_newest, _rows) = (new(_model, context), new(_model.Plan, context, labelled: false));
        _costs = LayerCosts.Of(_model);
        (_pace, _leaving) = (new(_costs), _options.Leaving ?? ExitRule.Never(_model.ExitCount));
        _edge = new(_options, context, requests);
        _cut = _options.Cut ?? _options.MaxOf(_model);
        context.WakeAt(context.Now);
    }

    private int Layers => _model.Layers.Length;

    /// <summary>A device that must pause for the answer to a probe waits until it may pause again.</summary>
    private DateTimeOffset ProbeAt =>
        _edge.IsBlind && !IsCutSet && _nextHold is { } next && next > _edge.NextProbe ? next : _edge.NextProbe;

    private bool IsCutSet => _options.Cut is not null || _plannedCut >= 0;

    private double BatchSeconds => _batchRows * _pace.SecondsTo(_cut);

    /// <summary>False while the device pauses for a probe: a device that always computes cannot measure when an answer arrives.</summary>
    public override bool Ready => _heldUntil is null;

    public override bool AwaitingReplies => _waiting.Count > 0;

    public string StateFormat => _options.Rule is ExitCut ? "infer-across/exits/1" : "infer-across/2";

    public void State(ref StateStream s)
    {
        _newest.State(ref s);
        _edge.State(ref s);
        _work.State(ref s);
        _pace.State(ref s);
        s.Items(_waiting, InferAcrossBlock.MaxWaiting + _options.MaxInFlight, _model,
            static (ref StateStream s, ref WaitingAnswers one, Network model) => WaitingAnswers.State(ref s, ref one, model));
        s.Value(ref _batchRows);
        s.Value(ref _cut, 0, Layers);
        s.Value(ref _plannedCut, -1, Layers);
        s.Value(ref _nextCut, -1, Layers);
        s.Value(ref _batches);
        s.Value(ref _nextFrom);
        s.ClockTime(ref _heldUntil);
        s.ClockTime(ref _nextHold);
        _isEdgeLate = s.Value(_isEdgeLate);
        if (_options.Rule is ExitCut { Split.Curve.Points.Length: var points })
        {
            s.Value(ref _point, -1, points - 1);
            Leave(_point);
        }

        if (s.IsReading) { Schedule(); }
    }

    public override void Process(Batch input)
    {
        Tick();
        _batches++;
        if (_nextCut >= 0 && _batches >= _nextFrom) { (_plannedCut, _nextCut) = (MoveTo(_nextCut), -1); }
        if (!_rows.Read(input))
        {
            _context.Drop(input, "schema");
            Schedule();
            return;
        }

        if (_rows.Count > 0)
        {
            _batchRows = _batchRows == 0 ? _rows.Count : _batchRows + (SteadyMean.Share * (_rows.Count - _batchRows));
            Answer(input);
        }

        input.Dispose();
        Schedule();
    }

    /// <summary>Pending rows are finished with the old version.</summary>
    public void Control(Weights message)
    {
        foreach (var one in _waiting) { FinishHere(one); }
        _newest.Take(message);
        Schedule();
    }

    public void Control(RestAnswer message)
    {
        if (message.Device != _context.Pipeline)
        {
            _context.Drop(message, "other-device");
            return;
        }

        if (!_edge.Take(message, _work, out var hasChanged)) { _context.Drop(message, "late"); }
        else
        {
            if (!_edge.IsProbed) { _heldUntil = null; }
            if (Find(message.Sequence) is { } one)
            {
                _isEdgeLate = false;
                Better(one, message);
            }
            else if (!message.Values.IsEmpty) { _context.Drop(message, "late"); }
            if (hasChanged) { Plan(); }
        }

        Schedule();
    }

    public void Control(SplitPlan message)
    {
        if (message.Device is not null && message.Device != _context.Pipeline) { return; }
        if (message.Split < 0 || message.Split > Layers)
        {
            _context.Drop(message, "split");
            return;
        }

        (_nextCut, _nextFrom) = (message.Split, message.FromSequence);
    }

    public override void WakeUp()
    {
        Tick();
        Schedule();
    }

    public override void Complete()
    {
        foreach (var one in _waiting)
        {
            FinishHere(one);
            one.IsDecided = true;
        }

        Give();
    }

    /// <summary>Also called before a batch, because a saturated device is not woken in between.</summary>
    private void Tick()
    {
        var now = _context.Now;
        if (_work.End(now) is var (began, cut, pace))
        {
            _edge.Left(began, now);
            _pace.Add(cut, pace);
        }

        if (now >= _heldUntil) { _heldUntil = null; }
        foreach (var one in _waiting)
        {
            if (one.IsDecided || now < GivenAt(one)) { continue; }
            FinishHere(one);
            one.IsDecided = true;
            _context.Record("kept");
            _edge.Miss();
            _isEdgeLate = true;
        }

        Give();
        if (now < ProbeAt || !_edge.Probe(_model.Plan.SchemaHash)) { return; }
        Plan();
        if (!_edge.IsBlind || IsCutSet) { return; }
        var hold = (_options.Within / 2) + TimeSpan.FromSeconds(BatchSeconds);
        (_heldUntil, _nextHold) = (now + hold, now + (hold / (_edge.IsSearching || _edge.IsDoubtful ? ShareOfFirstHolds : ShareOfHolds)));
    }

    public void Dispose()
    {
        foreach (var one in _waiting) { one.Answers.Dispose(); }
        _waiting.Clear();
    }

    private void Better(WaitingAnswers one, RestAnswer message)
    {
        if (message.Refusal == RestRefusal.None && message.Values.Length == one.Rows.Length * _model.Plan.Outputs
            && AreProbabilities(message.Values.AsSpan(), _model.Plan.Outputs))
        {
            var exits = Left(one.Rows.Length);
            exits.Fill(_model.ExitCount - 1);
            Write(one.Answers, one.Rows, message.Values.AsSpan(), exits, Edge);
            one.Values = [];
        }
        else
        {
            _context.Record("refused", one.Rows.Length);
            FinishHere(one);
        }

        one.IsDecided = true;
        Give();
    }

    /// <summary>Not before the edge is expected to answer; otherwise a device too slow for the deadline would never wait for it.</summary>
    private DateTimeOffset GivenAt(WaitingAnswers one)
    {
        var (rows, within) = (one.Rows.Length, _options.Within.TotalSeconds);
        var rest = one.Values.IsEmpty ? 0 : rows * (_pace.SecondsTo(Layers) - _pace.SecondsTo(one.Cut));
        var edge = _edge.Link is not var (trip, perByte) ? within / 2
            : trip + (rows * ((_options.BytesPerValue * _costs.ValuesAt(one.Cut) * perByte)
                + (_edge.EdgePace * _costs.MultiplyAddsOf(one.Cut, Layers))));
        var (own, isInTime) = (BatchSeconds + (1.5 * rest), !_isEdgeLate && BatchSeconds + edge <= within);
        var spare = isInTime || own > within ? Math.Max(0, within - BatchSeconds - (1.25 * edge)) : within;
        return one.Due - TimeSpan.FromSeconds(Math.Min(spare, own));
    }

    private WaitingAnswers? Find(long sequence)
    {
        foreach (var one in _waiting)
        {
            if (one.Sequence == sequence && !one.IsDecided) { return one; }
        }

        return null;
    }

    private void Give(WaitingAnswers decided)
    {
        if (_options.InOrder && _waiting.Count > 0) { Add(decided); }
        else { Emit(decided.Answers); }
    }

    private void Add(WaitingAnswers one)
    {
        if (_waiting.Count == InferAcrossBlock.MaxWaiting)
        {
            FinishHere(_waiting[0]);
            _waiting[0].IsDecided = true;
            Give();
        }

        _waiting.Add(one);
    }

    private void Give()
    {
        for (var i = 0; i < _waiting.Count;)
        {
            if (_waiting[i] is { IsDecided: true, Answers: var answers })
            {
                _waiting.RemoveAt(i);
                Emit(answers);
            }
            else if (_options.InOrder) { return; }
            else { i++; }
        }
    }

    private void Emit(Batch answers)
    {
        var edge = 0;
        foreach (var place in answers[InferAcrossBlock.PlaceColumn].Values<int>()) { edge += place; }
        _context.Record("rows-edge", edge);
        _context.Record("rows-here", answers.Rows - edge);
        _output.Emit(answers);
    }

    private void Plan()
    {
        if (IsCutSet || _edge.IsGone) { return; }
        if (_edge.Link is not var (trip, perByte) || !_pace.IsKnown || _batchRows == 0) { return; }
        var view = new CutView([.. Enumerable.Range(0, Layers + 1).Select(_pace.SecondsTo)], _edge.EdgePace, perByte, trip,
            _options.BytesPerValue, _batchRows, _cut);
        _context.Gauge("link-bits-per-second", 8 / perByte);
        _context.Gauge("round-trip-seconds", trip);
        var choice = _options.Rule.Choose(_costs, view, _options.MinLayers, _options.MaxOf(_model));
        _context.Gauge("cut-seconds", choice.Seconds);
        _context.Gauge("here-seconds", choice.HereSeconds);
        _context.Gauge("edge-seconds", Enumerable.Range(_options.MinLayers, Math.Max(1, Layers - _options.MinLayers))
            .Min(cut => view.SecondsAt(_costs, cut)));
        _context.Gauge("cut-joules", choice.Joules);
        _context.Gauge("here-joules", choice.HereJoules);
        Leave(choice.Point);
        MoveTo(IsTooLarge(choice.Cut, _batchRows) ? _options.MaxOf(_model) : choice.Cut);
    }

    private void Leave(int point)
    {
        _point = point;
        if (point >= 0 && _options.Rule is ExitCut rule) { _leaving = rule.Split.Curve.RuleAt(point); }
    }

    private int MoveTo(int cut)
    {
        if (cut != _cut) { _context.Record("cut-moves"); }
        _context.Gauge("cut", cut);
        return _cut = cut;
    }

    private void Schedule()
    {
        _context.WakeAt(ProbeAt);
        if (_heldUntil is { } until) { _context.WakeAt(until); }
        foreach (var one in _waiting)
        {
            if (!one.IsDecided) { _context.WakeAt(GivenAt(one)); }
        }
    }
}
