using System.Globalization;

namespace StreamLearn.Learning;

/// <summary>Adds blocks that learn.</summary>
public static partial class LearningFlowExtensions
{
    /// <summary>Answers every row at the first exit that is sure of it. Later layers are not computed.</summary>
    /// <remarks> Shape: rows of float32 columns in the model's order in, one answer per window of the model's samples; <c>time</c> (of the
    /// last sample) if present, <c>class</c> int32, <c>confidence</c> float32, <c>exit</c> int32, <c>version</c> int64 and the classes'
    /// probabilities if requested, and <c>label</c> (of all samples) if present out; unsure rows, unchanged, on the side. Units: confidence
    /// is the class's probability at the rule's temperature, 0 to 1. State: the newest model version and exit plan, the budget. Cost: the
    /// multiply-adds up to each row's exit. Emits: at most one batch of answers and one of unsure rows per batch. Control:
    /// <see cref="Weights"/>; by <c>ControlledBy</c> also <see cref="ExitPlan"/> and <see cref="InferenceBudget"/>. Answers do not depend
    /// on batch boundaries. Drops: <c>non-finite</c>, <c>window-length</c>, <c>schema</c>. Counts: <c>exit-0</c>, <c>exit-1</c>, …,
    /// <c>rows-unsure</c>; with a budget shows <c>exit-choice</c> and <c>multiply-adds-per-row</c>. With <see cref="AdaptiveExits"/> counts
    /// <c>rows-compared</c> and <c>exit-alarms</c>, and shows <c>exit-choice</c>, <c>exit-loss</c> and <c>exit-share-compared</c>. Source:
    /// Teerapittayanon, McDanel, Kung (2016), BranchyNet. </remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="models">New versions; the newest is used.</param>
    /// <param name="options">Exits, budget and minimum confidence.</param>
    /// <exception cref="ArgumentException">An option is out of range or does not fit the network.</exception>
    public static Fork<Batch, Batch> Infer(this Flow<Batch> flow, IStagedModel model, Flow<Weights> models, InferOptions options)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(options);
        options.Check(model);
        return flow.Via("infer", new InferExitsBlock(model, options),
            static (InferExitsBlock block, OperatorContext context, IOutput<Batch> answers, IOutput<Batch> unsure) =>
                new InferExits(block, context, answers, unsure)).ControlledBy(models);
    }

    /// <summary>Answers every row with a fixed model, such as from a file, at the first exit that is sure of it.</summary>
    /// <remarks>Works otherwise as with versions.</remarks>
    /// <param name="flow">The rows.</param>
    /// <param name="model">The model.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="options">Exits, budget and minimum confidence.</param>
    /// <exception cref="ArgumentException">The weights do not fit the model, or an option is out of range or does not fit it.</exception>
    public static Fork<Batch, Batch> Infer(this Flow<Batch> flow, IStagedModel model, Weights weights, InferOptions options)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(options);
        RequireValues(model, weights);
        options.Check(model);
        return flow.Via("infer", new InferExitsBlock(model, options) { Start = weights },
            static (InferExitsBlock block, OperatorContext context, IOutput<Batch> answers, IOutput<Batch> unsure) =>
                new InferExits(block, context, answers, unsure));
    }
}

internal sealed class InferExits(InferExitsBlock block, OperatorContext context, IOutput<Batch> answers, IOutput<Batch> unsure)
    : Operator<Batch>, IStateful, IControlledBy<Weights>, IControlledBy<ExitPlan>, IControlledBy<InferenceBudget>
{
    private readonly IStagedModel _model = block.Model;
    private readonly NewestModel _newest = new(block.Model, context, block.Start);
    private readonly FeatureRows _rows = new(block.Model.Plan, context, labelled: false);
    private readonly ExitChoice _choice = new(block.Model, block.Options);
    private readonly string[] _counters =
        [.. Enumerable.Range(0, block.Model.ExitCount).Select(e => string.Create(CultureInfo.InvariantCulture, $"exit-{e}"))];

    private readonly long[] _left = new long[block.Model.ExitCount];
    private readonly Workspace _memory = new();
    private readonly List<int> _sure = [];
    private readonly List<int> _unsure = [];
    private int[] _exits = [];
    private Schema? _input;
    private Schema? _answers;
    private int _firstProbability;

    public string StateFormat => block.Options.Adaptive is null ? "infer-exits/2" : "infer-exits-adaptive/2";

    public void State(ref StateStream s)
    {
        _newest.State(ref s);
        _choice.State(ref s);
    }

    public override void Process(Batch input)
    {
        if (!_rows.Read(input))
        {
            context.Drop(input, "schema");
            return;
        }

        if (_rows.Count > 0) { Answer(input); }
        input.Dispose();
    }

    public void Control(Weights message)
    {
        if (_newest.Take(message)) { _choice.Steering?.Suspect(); }
    }

    public void Control(ExitPlan message)
    {
        if (!_choice.Take(message)) { context.Drop(message, "schema"); }
    }

    public void Control(InferenceBudget message) => _choice.Take(message);

    private void Answer(Batch input)
    {
        var mark = _memory.Mark();
        var probabilities = _memory.Rent(_rows.Count * _model.Plan.Outputs);
        if (_exits.Length < _rows.Count) { _exits = new int[_rows.Count]; }
        if (_choice.Steering is { } steering) { Steer(steering, input, probabilities); }
        else { Compute(probabilities); }
        Sort(probabilities);
        if (_sure.Count > 0) { answers.Emit(AnswersOf(input, probabilities)); }
        if (_unsure.Count > 0) { unsure.Emit(RowsOf(input)); }
        _memory.Release(mark);
    }

    private void Compute(Span<float> probabilities)
    {
        var (width, classes, executed) = (_model.Plan.Input.Size, _model.Plan.Outputs, 0L);
        var weights = _newest.Values;
        for (var first = 0; first < _rows.Count;)
        {
            var rows = Math.Min(_rows.Count - first, _choice.RowsToDecision);
            var exits = _exits.AsSpan(first, rows);
            executed += _model.Answer(weights, new(_rows.Unlabelled.Features.Slice(first * width, rows * width), rows), _choice.Rule,
                probabilities.Slice(first * classes, rows * classes), exits, _memory);
            foreach (var exit in exits)
            {
                _left[exit]++;
                _choice.Add(_model.MultiplyAddsTo[exit]);
            }

            first += rows;
        }

        Record(executed);
        if (_choice.Measured is not { } measured) { return; }
        context.Gauge("exit-choice", _choice.Index);
        context.Gauge("multiply-adds-per-row", measured);
    }

    private void Steer(ExitSteering steering, Batch input, Span<float> probabilities)
    {
        var (classes, last, executed, all, alarms) = (_model.Plan.Outputs, _model.ExitCount - 1, 0L, 0L, steering.Alarms);
        for (var first = 0; first < _rows.Count;)
        {
            var (rows, areCompared) = steering.Next(context.Random, _rows.Count - first);
            var exits = _exits.AsSpan(first, rows);
            var answered = probabilities.Slice(first * classes, rows * classes);
            if (areCompared)
            {
                exits.Fill(last);
                Compare(steering, input, first, rows, answered);
                (executed, all) = (executed + (rows * _model.MultiplyAddsTo[last]), all + rows);
            }
            else
            {
                executed += _model.Answer(_newest.Values, _rows.Some(first, rows), steering.Rule, answered, exits, _memory);
                steering.Pass(exits);
            }

            foreach (var exit in exits) { _left[exit]++; }
            first += rows;
        }

        Record(executed);
        if (all > 0) { context.Record("rows-compared", all); }
        if (steering.Alarms > alarms) { context.Record("exit-alarms", steering.Alarms - alarms); }
        context.Gauge("exit-choice", steering.Index);
        context.Gauge("exit-loss", steering.Loss);
        context.Gauge("exit-share-compared", steering.Share);
    }

    private void Compare(ExitSteering steering, Batch input, int first, int rows, Span<float> probabilities)
    {
        var (classes, mark, rule) = (_model.Plan.Outputs, _memory.Mark(), steering.Rule);
        var logits = _memory.Rent(_model.ExitCount * rows * classes);
        _model.Logits(_newest.Values, _rows.Some(first, rows), logits, _memory);
        for (var r = 0; r < rows; r++)
        {
            var row = probabilities.Slice(r * classes, classes);
            rule.Probabilities(logits.Slice((((_model.ExitCount - 1) * rows) + r) * classes, classes), row);
            steering.Compare(logits, rows, r, LabelOf(input, first + r), row);
        }

        _memory.Release(mark);
    }

    private int LabelOf(Batch input, int row)
    {
        if (!input.TryColumn(Schema.LabelColumn, out var column) || !RowLabels.IsLabel(column.Field)) { return -1; }
        var labels = column.Values<int>();
        var samples = _model.Plan.Input.Samples;
        var first = _rows.Source(row) + 1 - samples;
        return RowLabels.Agree(column, labels, first, samples) && (uint)labels[first] < (uint)_model.Plan.Classes ? labels[first] : -1;
    }

    private void Record(long executed)
    {
        context.Charge(executed);
        for (var exit = 0; exit < _left.Length; exit++)
        {
            if (_left[exit] > 0) { context.Record(_counters[exit], _left[exit]); }
            _left[exit] = 0;
        }
    }

    private void Sort(ReadOnlySpan<float> probabilities)
    {
        _sure.Clear();
        _unsure.Clear();
        var classes = _model.Plan.Outputs;
        for (var r = 0; r < _rows.Count; r++)
        {
            var row = probabilities.Slice(r * classes, classes);
            var isSure = _exits[r] < _model.ExitCount - 1 || row[ModelPlan.ClassOf(row)] >= block.Options.UnsureBelow;
            (isSure ? _sure : _unsure).Add(r);
        }

        if (_unsure.Count > 0) { context.Record("rows-unsure", _unsure.Count); }
    }

    private Batch AnswersOf(Batch input, ReadOnlySpan<float> probabilities)
    {
        if (!ReferenceEquals(_input, input.Schema))
        {
            (_input, _answers) = (input.Schema, block.Output(input.Schema));
            _firstProbability = InferExitsBlock.FirstProbability(_answers);
        }

        var batch = context.Pool.Rent(_answers!, _sure.Count);
        Carry(input, batch, Schema.TimeColumn);
        Carry(input, batch, Schema.LabelColumn);
        var classes = _model.Plan.Outputs;
        var answer = batch[InferBlock.ClassColumn].Writable<int>();
        var confidence = batch[InferBlock.ConfidenceColumn].Writable<float>();
        var exit = batch[InferBlock.ExitColumn].Writable<int>();
        if (block.Options.Versions) { batch[InferBlock.VersionColumn].Writable<long>().Fill(_newest.Weights.Version); }
        for (var i = 0; i < _sure.Count; i++)
        {
            var row = probabilities.Slice(_sure[i] * classes, classes);
            answer[i] = ModelPlan.ClassOf(row);
            confidence[i] = row[answer[i]];
            exit[i] = _exits[_sure[i]];
            for (var c = 0; _firstProbability >= 0 && c < classes; c++)
            {
                batch.Columns[_firstProbability + c].Writable<float>()[i] = row[c];
            }
        }

        return batch;
    }

    private void Carry(Batch from, Batch to, string name)
    {
        if (!from.TryColumn(name, out var source) || !to.TryColumn(name, out var target)) { return; }
        for (var i = 0; i < _sure.Count; i++) { _rows.Carry(source, _sure[i], target, i); }
    }

    private Batch RowsOf(Batch input)
    {
        var samples = _model.Plan.Input.Samples;
        var batch = context.Pool.Rent(input.Schema, _unsure.Count * samples);
        for (var c = 0; c < batch.Columns.Count; c++)
        {
            for (var i = 0; i < _unsure.Count; i++)
            {
                batch.Columns[c].CopyFrom(i * samples, input.Columns[c], _rows.Source(_unsure[i]) + 1 - samples, samples);
            }
        }

        return batch;
    }
}
