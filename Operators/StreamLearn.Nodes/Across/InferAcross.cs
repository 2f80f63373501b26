using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Blocks that learn.</summary>
public static partial class NodesFlowExtensions
{
    /// <summary>Answers every row with the first layers on the device and the others on an edge; early exits stand in for late
    /// answers.</summary>
    /// <remarks> Shape: rows of float32 columns in the model's order in; <c>time</c> (of the last sample) if present, <c>class</c> int32,
    /// <c>confidence</c> float32, <c>exit</c> int32, <c>place</c> int32 (0 device, 1 edge), <c>version</c> int64, and <c>label</c> if
    /// present out; requests (<see cref="RestRequest"/>) on the side, of which slightly more than <see cref="AcrossOptions.MaxInFlight"/>
    /// are queued and the oldest dropped. Every row gets exactly one answer, within <see cref="AcrossOptions.Within"/> if the device is
    /// that fast. Rows that an exit before the cut is sure of are answered at once. For others the last such exit stands in; without one
    /// the device runs the remaining layers in time. The cut moves between batches; requests in flight keep theirs. State: the newest
    /// version, pending answers, measurements. Cost: the multiply-adds up to the cut or exit. Control: <see cref="Weights"/>,
    /// <see cref="RestAnswer"/>; by <c>ControlledBy</c> also <see cref="SplitPlan"/>, which sets the cut. Drops: <c>non-finite</c>,
    /// <c>window-length</c>, <c>schema</c>; plans <c>split</c>; answers <c>other-device</c>, <c>late</c> (already answered). Counts:
    /// <c>rows-here</c>, <c>rows-edge</c>, <c>kept</c> (late), <c>busy</c> (too many in flight), <c>gone</c> (edge unreachable),
    /// <c>refused</c>, <c>requests-lost</c>, <c>edge-gone</c>, <c>edge-there</c>, <c>cut-moves</c>; shows <c>cut</c>,
    /// <c>link-bits-per-second</c>, <c>round-trip-seconds</c>. Source: Teerapittayanon, McDanel, Kung (2017), DDNN; Laskaridis et al.
    /// (2020), SPINN; Kang et al. (2017), Neurosurgeon. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The network.</param>
    /// <param name="models">New versions; the newest is used.</param>
    /// <param name="answers">The edge's answers (<see cref="AnswerRest"/>).</param>
    /// <param name="options">Deadline, exits, cut; null: defaults.</param>
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

internal sealed class InferAcross : Operator<Batch>, IStateful, IControlledBy<Weights>, IControlledBy<RestAnswer>,
    IControlledBy<SplitPlan>, IDisposable
{
    private const int Here = 0, Edge = 1;
    private const double ShareOfHolds = 0.1, ShareOfFirstHolds = 0.5;       // maximum share of a device's time to wait for probes

    private readonly Network _model;
    private readonly AcrossOptions _options;
    private readonly InferAcrossBlock _block;
    private readonly OperatorContext _context;
    private readonly IOutput<Batch> _output;
    private readonly NewestModel _newest;
    private readonly FeatureRows _rows;
    private readonly LayerCosts _costs;
    private readonly ExitRule _leaving;
    private readonly EdgeLine _edge;
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
    private int _plannedCut = -1;       // set by a plan and not changed by measurements; −1: none
    private int _nextCut = -1;
    private long _batches;
    private long _nextFrom;
    private DateTimeOffset? _heldUntil;
    private DateTimeOffset? _nextHold;
    private bool _isEdgeLate;           // the last decided request had no answer in time

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

    /// <summary>A device that must pause for a probe's answer waits until it may pause again.</summary>
    private DateTimeOffset ProbeAt =>
        _edge.IsBlind && !IsCutSet && _nextHold is { } next && next > _edge.NextProbe ? next : _edge.NextProbe;

    private bool IsCutSet => _options.Cut is not null || _plannedCut >= 0;

    private double BatchSeconds => _batchRows * _pace.SecondsTo(_cut);

    /// <summary>False while the device pauses for a probe: one that always computes cannot time an answer.</summary>
    public override bool Ready => _heldUntil is null;

    public override bool AwaitingReplies => _waiting.Count > 0;

    public string StateFormat => "infer-across/2";

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

    /// <summary>Also before a batch: a saturated device is not woken in between.</summary>
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

    private void Answer(Batch input)
    {
        var mark = _memory.Mark();
        var (rows, cut) = (_rows.Count, CutNow());
        if (_exits.Length < rows) { _exits = new int[rows]; }
        var exits = _exits.AsSpan(0, rows);
        var probabilities = _memory.Rent(rows * _model.Plan.Outputs);
        var values = _memory.Rent(rows * _model.Boundaries[cut].Size);
        var executed = _model.AnswerPart(_newest.Values, 0, cut, _rows.Unlabelled.Features, rows, _leaving, probabilities, exits, values,
            _memory);
        _picked.Clear();
        for (var r = 0; r < rows; r++)
        {
            if (exits[r] < 0) { _picked.Add(r); }
        }

        values = values[..(_picked.Count * _model.Boundaries[cut].Size)];
        var lastExit = ExitBefore(cut);
        foreach (var r in _picked) { exits[r] = lastExit; }
        if (_edge.IsGone) { _context.Record("gone", rows); }
        var isAsked = MayAsk(cut);
        Charge(0, cut, executed);
        if (!isAsked && _picked.Count > 0 && lastExit < 0)
        {
            var rest = RunPicked(cut, values, probabilities, exits);
            Charge(cut, Layers, rest);
            executed += rest;
        }

        _work.Begin(_context, executed, cut);
        if (isAsked) { Ask(input, cut, values, probabilities); }
        else { Give(new(0, _context.Now, AnswersOf(input, all: true, probabilities))); }
        _memory.Release(mark);
    }

    private void Ask(Batch input, int cut, ReadOnlySpan<float> values, ReadOnlySpan<float> probabilities)
    {
        var rest = _picked.Count * _model.MultiplyAdds(cut, Layers);
        ImmutableArray<float> sent = [.. values];
        var boundary = _edge.Rows(cut, _model.Plan.SchemaHash, _picked.Count) with { Values = sent };
        var isSplit = !_options.InOrder && _picked.Count < _rows.Count;
        var rows = new int[_picked.Count];
        for (var i = 0; i < rows.Length; i++) { rows[i] = isSplit ? i : _picked[i]; }
        var answers = AnswersOf(input, all: !isSplit, probabilities);
        if (isSplit) { Emit(AnswersOf(input, all: false, probabilities, sure: true)); }
        Add(new(_edge.Ask(boundary, _newest.Weights.Id, rest, input.Privacy), _context.Now + _options.Within, answers)
        {
            Rows = rows,
            Values = ExitBefore(cut) < 0 ? sent : [],
            Cut = cut,
        });
    }

    private bool MayAsk(int cut)
    {
        if (_edge.IsGone || _picked.Count == 0) { return false; }
        var reason = _edge.InFlight >= _options.MaxInFlight ? "busy" : IsTooLarge(cut, _picked.Count) ? "too-large" : null;
        if (reason is not null) { _context.Record(reason, _picked.Count); }
        return reason is null;
    }

    private bool IsTooLarge(int cut, double rows) => cut < Layers
        && EdgeLine.HeadBytes + (rows * _costs.ValuesAt(cut) * _options.BytesPerValue) > _options.MaxRequestBytes;

    private int CutNow() => _edge.IsGone && _options.MaxOf(_model) == Layers
        && _rows.Count * _pace.SecondsTo(Layers) < _options.Within.TotalSeconds / 2 ? Layers : _cut;

    private int ExitBefore(int cut)
    {
        var exit = _model.ExitCount - 1;
        while (exit >= 0 && _model.Exits[exit].After >= cut) { exit--; }
        return exit;
    }

    private long RunPicked(int cut, ReadOnlySpan<float> values, Span<float> probabilities, Span<int> exits)
    {
        var (classes, count) = (_model.Plan.Outputs, _picked.Count);
        var some = _memory.Rent(count * classes);
        var left = Left(count);
        var executed = RunRest(cut, values, some, left);
        for (var i = 0; i < count; i++)
        {
            some.Slice(i * classes, classes).CopyTo(probabilities[(_picked[i] * classes)..]);
            exits[_picked[i]] = left[i];
        }

        return executed;
    }

    private long RunRest(int cut, ReadOnlySpan<float> values, Span<float> probabilities, Span<int> exits)
    {
        var end = _memory.Rent(exits.Length * _model.Boundaries[Layers].Size);
        return _model.AnswerPart(_newest.Values, cut, Layers, values, exits.Length, _leaving, probabilities, exits, end, _memory);
    }

    /// <summary>Early exits count only the layers they ran.</summary>
    private void Charge(int first, int end, long executed)
    {
        var row = _costs.MultiplyAddsOf(first, end);
        _context.ChargeLayers(first, end, row == 0 ? 0 : (int)Math.Round((double)executed / row), backward: false, executed);
    }

    private Span<int> Left(int rows)
    {
        if (_left.Length < rows) { _left = new int[rows]; }
        return _left.AsSpan(0, rows);
    }

    private void FinishHere(WaitingAnswers one)
    {
        if (one.IsDecided || one.Values.IsEmpty) { return; }
        var mark = _memory.Mark();
        var probabilities = _memory.Rent(one.Rows.Length * _model.Plan.Outputs);
        var exits = Left(one.Rows.Length);
        var executed = RunRest(one.Cut, one.Values.AsSpan(), probabilities, exits);
        Charge(one.Cut, Layers, executed);
        Write(one.Answers, one.Rows, probabilities, exits, Here);
        _memory.Release(mark);
        one.Values = [];
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

    private static bool AreProbabilities(ReadOnlySpan<float> values, int classes)
    {
        for (var at = 0; at < values.Length; at += classes)
        {
            var sum = 0f;
            foreach (var value in values.Slice(at, classes))
            {
                if (!(value >= 0 && value <= 1.0001f)) { return false; }
                sum += value;
            }

            if (sum < 0.5f) { return false; }
        }

        return true;
    }

    /// <summary>Not before the edge is expected: otherwise a device too slow for the deadline never waits for it.</summary>
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
        var cut = Math.Clamp(_options.Rule.Choose(_costs, view, _options.MinLayers, _options.MaxOf(_model)), 0, Layers);
        MoveTo(IsTooLarge(cut, _batchRows) ? _options.MaxOf(_model) : cut);
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

    private Batch AnswersOf(Batch input, bool all, ReadOnlySpan<float> probabilities, bool sure = false)
    {
        if (!ReferenceEquals(_input, input.Schema)) { (_input, _schema) = (input.Schema, _block.Output(input.Schema)); }
        var (classes, place, picked) = (_model.Plan.Outputs, 0, 0);
        var batch = _context.Pool.Rent(_schema!, all ? _rows.Count : sure ? _rows.Count - _picked.Count : _picked.Count);
        Span<int> at = stackalloc int[1];
        Span<int> exit = stackalloc int[1];
        for (var r = 0; r < _rows.Count; r++)
        {
            var isPicked = picked < _picked.Count && _picked[picked] == r;
            picked += isPicked ? 1 : 0;
            if (!all && isPicked == sure) { continue; }
            Carry(input, batch, Schema.TimeColumn, r, place);
            Carry(input, batch, Schema.LabelColumn, r, place);
            batch[InferBlock.VersionColumn].Writable<long>()[place] = _newest.Weights.Version;
            (at[0], exit[0]) = (place++, _exits[r]);
            Write(batch, at, probabilities.Slice(r * classes, classes), exit, Here);
        }

        return batch;
    }

    private void Carry(Batch from, Batch to, string name, int row, int place)
    {
        if (from.TryColumn(name, out var source) && to.TryColumn(name, out var target)) { _rows.Carry(source, row, target, place); }
    }

    private void Write(Batch answers, ReadOnlySpan<int> rows, ReadOnlySpan<float> probabilities, ReadOnlySpan<int> exits, int place)
    {
        var classes = _model.Plan.Outputs;
        var answer = answers[InferBlock.ClassColumn].Writable<int>();
        var confidence = answers[InferBlock.ConfidenceColumn].Writable<float>();
        var exit = answers[InferBlock.ExitColumn].Writable<int>();
        var places = answers[InferAcrossBlock.PlaceColumn].Writable<int>();
        for (var i = 0; i < rows.Length; i++)
        {
            var row = probabilities.Slice(i * classes, classes);
            var best = ModelPlan.ClassOf(row);
            (answer[rows[i]], confidence[rows[i]], exit[rows[i]], places[rows[i]]) = (best, row[best], exits[i], place);
        }
    }
}
