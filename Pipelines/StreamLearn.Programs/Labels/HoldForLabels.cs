namespace StreamLearn.Programs;

internal static class HoldForLabelsExtensions
{
    /// <summary>Answers each window on arrival and holds it until a label covers it. Then it scores the answer and emits the window with
    /// its class.</summary>
    /// <remarks>Shape: a window of the model's samples, <c>time</c> and channels in; channels and <c>label</c> out, scores with their
    /// version on the side. State: newest version, label spans, emitted windows; windows are in files. Cost: one forward pass per window, a
    /// scan of all windows per label. Drops: <c>label-never-came</c> (too many bytes, or too long), <c>mixed-labels</c>,
    /// <c>held-already</c> (repeated after a restart), <c>not-held</c> (disk failure), <c>damaged</c>, <c>non-finite</c>,
    /// <c>window-length</c>, <c>schema</c>. Counts <c>labels</c>, <c>labels-unknown-class</c>, <c>labels-empty-span</c>,
    /// <c>labels-of-others</c>, <c>labels-forgotten</c> (too many spans), <c>label-again</c> (relabeled after learning: ignored); shows
    /// <c>windows-held</c> and <c>held-bytes</c>.</remarks>
    internal static Fork<Batch, Evaluation> HoldForLabels(
        this Flow<Batch> flow, IModel model, Flow<Weights> models, Flow<LabelSpan> labels, LaterLabels later) => flow
        .Via("hold-for-labels", new HoldForLabelsOptions(model, later),
            static (HoldForLabelsOptions options, OperatorContext context, IOutput<Batch> output, IOutput<Evaluation> scores) =>
                new HoldForLabels(options, context, output, scores))
        .ControlledBy(models).ControlledBy(labels);
}

internal sealed record HoldForLabelsOptions(IModel Model, LaterLabels Later) : IBlockOptions
{
    internal const int WindowsPerCall = 8;

    internal const int MaxSpans = 4096;

    private const int EntryBytes = 64;

    public IReadOnlyList<MessageCodec> MessageCodecs => [LearningCodecs.SavedWeights];

    public int MaxOutputsPerCall => WindowsPerCall + 1;

    public string State => "newest version, spans of labels, which windows wait";

    public long StateBytes(Schema? input) => (2 * Model.Plan.ParameterBytes) + (24L * MaxSpans)
        + (EntryBytes * Later.MaxBytes / HeldWindow.BytesOf(Model.Plan.Input.Samples, Model.Plan.Input.Channels, Model.Plan.Classes));

    public Schema Output(Schema input)
    {
        Model.Plan.Require(input);
        input.Require(Schema.TimeColumn, ColumnType.Int64);
        return new([.. input.Fields.Where(static f => f.Type == ColumnType.Float32), Field.Label()]);
    }

    public int? MaxRows(int? input) => Model.Plan.Input.Samples;

    public override string ToString() => Later.ToString();
}

internal sealed class HoldForLabels : Operator<Batch>, IStateful, IControlledBy<Weights>, IControlledBy<LabelSpan>, IDisposable
{
    private readonly HoldForLabelsOptions _options;
    private readonly OperatorContext _context;
    private readonly IOutput<Batch> _output;
    private readonly IOutput<Evaluation> _scores;
    private readonly ModelPlan _plan;
    private readonly LabelTimeline _labels = new(HoldForLabelsOptions.MaxSpans);
    private readonly WindowStore _store;
    private readonly AnswersGiven _answers;
    private readonly ArrivalScore _score;
    private readonly float[] _values;
    private Schema? _in;
    private Schema? _out;
    private long _looked;           // windows with smaller numbers were checked since the last label

    internal HoldForLabels(HoldForLabelsOptions options, OperatorContext context, IOutput<Batch> output, IOutput<Evaluation> scores)
    {
        (_options, _context, _output, _scores, _plan) = (options, context, output, scores, options.Model.Plan);
        (_answers, _score, _out) = (new(options.Model, context), new(_plan.Classes), context.Columns);
        _values = new float[_plan.Input.Size];
        _store = new(options.Later.Open(), options.Later.MaxBytes);
        context.WakeAt(context.Now);        // wakes up for messages that are already queued
    }

    /// <summary>At the end of its input, the block waits for held windows.</summary>
    public override bool AwaitingReplies => _store.Waiting > 0;

    public string StateFormat => "hold-for-labels/2";

    public void State(ref StateStream s)
    {
        _answers.State(ref s);
        _labels.State(ref s, _plan.Classes);
        s.Value(ref _out);
        _store.State(ref s);
        if (s.IsReading)
        {
            _looked = 0;
            if (_store.Gone > 0)
            {
                _options.Later.OnGone(FormattableString.Invariant(
                    $"{_context.Pipeline}: {_store.Gone} windows that waited for labels are missing on disk or damaged"));
            }
        }
        else { Saved(); }
    }

    public override void Process(Batch input)
    {
        if (!Fits(input.Schema)) { _context.Drop(input, "schema"); }
        else if (input.Rows != _plan.Input.Samples) { _context.Drop(input, "window-length"); }
        else if (!Gather(input)) { _context.Drop(input, "non-finite"); }
        else if (Held(input) is { } reason) { _context.Drop(input, reason); }
        else { input.Dispose(); }
        LetGo();
    }

    public void Control(Weights message) => _answers.Take(message);

    public void Control(LabelSpan message)
    {
        _context.Record("labels");
        var label = _options.Later.Classes.IndexOf(message.Class);
        if (message.Device != _context.Pipeline && message.Device != LabelSpan.Everybody)
        {
            _context.Record("labels-of-others");        // all devices of a fleet receive all labels
        }
        else if (label < 0)
        {
            Refuse("labels-unknown-class", $"{_context.Pipeline}: the class of a label is not in the configuration: expected one of "
                + $"{string.Join(", ", _options.Later.Classes)}, got '{message.Class}'");
        }
        else if (message.To <= message.From)
        {
            Refuse("labels-empty-span", $"{_context.Pipeline}: a label ends before it begins: {message}");
        }
        else { Take(Nanoseconds(message.From), Nanoseconds(message.To), label); }
        LetGo();
    }

    public override void WakeUp() => LetGo();

    public override void Complete() => NeverCame(_store.Clear());

    public void Dispose() => _store.Dispose();

    private static long Nanoseconds(DateTimeOffset time)
    {
        const long Most = long.MaxValue / 100;
        return Math.Clamp((time - DateTimeOffset.UnixEpoch).Ticks, -Most, Most) * 100;
    }

    private void Take(long from, long to, int label)
    {
        if (!_labels.Add(from, to, label, out var forgot)) { return; }
        if (forgot) { _context.Record("labels-forgotten"); }
        var (again, first) = (0, _looked);
        for (var i = 0; i < _store.Count; i++)
        {
            var window = _store[i];
            if (window.Last < from || window.First >= to) { continue; }
            if (window.Waits) { first = Math.Min(first, window.Number); }
            else if (window.First >= from && window.Last < to) { again++; }
        }

        _looked = first;
        if (again > 0) { _context.Record("label-again", again); }
    }

    private void Refuse(string counter, string sentence)
    {
        _context.Record(counter);
        _options.Later.OnRefused(counter, sentence);
    }

    private bool Fits(Schema schema)
    {
        if (ReferenceEquals(schema, _in)) { return true; }
        try
        {
            _out = _options.Output(schema) is var output && output.Equals(_out) ? _out : output;
        }
        catch (SchemaException)
        {
            return false;
        }

        _in = schema;
        return true;
    }

    private bool Gather(Batch window)
    {
        var at = 0;
        for (var c = 0; c < window.Channels.Count; c++)
        {
            var channel = window.Channels[c];
            channel.Values<float>().CopyTo(_values.AsSpan(at));
            at += window.Rows;
            if (channel.CountMissing() > 0) { return false; }
        }

        foreach (var value in _values)
        {
            if (!float.IsFinite(value)) { return false; }
        }

        return true;
    }

    private string? Held(Batch window)
    {
        var times = window[Schema.TimeColumn].Values<long>();
        var (first, last) = (times[0] - (_options.Later.Span.Ticks * TimeSpan.NanosecondsPerTick), times[^1]);
        if (_store.Knows(first, last)) { return "held-already"; }
        if (_labels.ClassOf(first, last, out var isMixed) is { } label)
        {
            var probabilities = _answers.To(_values);
            _score.Add(label, probabilities, _answers.Version);
            Emit(label, rows: window.Rows);
            return null;
        }

        if (isMixed) { return "mixed-labels"; }
        var isHeld = _store.TryAdd(
            (first, last), _context.Now, _answers.Version, window.Rows, _answers.To(_values), _values, out var gone);
        NeverCame(gone);
        return isHeld ? null : "not-held";
    }

    /// <summary>Emits labeled windows, oldest first, up to the limit of a call; drops expired ones.</summary>
    private void LetGo()
    {
        GiveUp();
        var index = _out is null ? _store.Count : _store.IndexOf(_looked);
        for (var left = HoldForLabelsOptions.WindowsPerCall - 1; index < _store.Count && left > 0; index++)
        {
            var window = _store[index];
            if (!window.Waits) { continue; }
            if (_labels.ClassOf(window.First, window.Last, out var isMixed) is { } label)
            {
                LetGo(index, label);
                left--;
            }
            else if (isMixed) { Leave(index, "mixed-labels"); }
        }

        if (_out is not null) { _looked = index < _store.Count ? _store[index].Number : _store.Next; }
        if (index < _store.Count && _out is not null) { _context.WakeAt(_context.Now); }
        if (_score.Take(_context.Pipeline) is { } score) { _scores.Emit(score); }
        _context.Gauge("windows-held", _store.Waiting);
        _context.Gauge("held-bytes", _store.SizeBytes);
    }

    private void GiveUp()
    {
        for (var index = 0; index < _store.Count && _store.Waiting > 0; index++)
        {
            var window = _store[index];
            if (!window.Waits) { continue; }
            var waited = new TimeSpan(Math.Max(0, _context.Now.UtcTicks - window.Arrived));     // the clock may have been set back
            if (waited < _options.Later.MaxWait)
            {
                _context.WakeAt(_context.Now + (_options.Later.MaxWait - waited));
                return;
            }

            Leave(index, "label-never-came");
        }
    }

    private void Leave(int index, string reason)
    {
        _store.Take(index);
        _context.DropRows(_plan.Input.Samples, reason);
    }

    private void NeverCame(int windows)
    {
        if (windows > 0) { _context.DropRows((long)windows * _plan.Input.Samples, "label-never-came"); }
    }

    private void LetGo(int index, int label)
    {
        var record = Read(index);
        var window = new HeldWindow(record);
        if (record.IsEmpty || window.Rows != _plan.Input.Samples || window.Channels != _plan.Input.Channels)
        {
            Leave(index, record.IsEmpty ? "damaged" : "schema");
            return;
        }

        _store.Take(index);
        for (var channel = 0; channel < window.Channels; channel++) { window.CopyTo(_values.AsSpan(channel * window.Rows), channel); }
        Span<float> probabilities = new float[window.Classes == _plan.Classes ? window.Classes : 0];
        for (var c = 0; c < probabilities.Length; c++) { probabilities[c] = window.ProbabilityOf(c) ?? 0; }
        _score.Add(label, probabilities, window.Version);
        Emit(label, window.Rows);
    }

    private ReadOnlySpan<byte> Read(int index)
    {
        try
        {
            return _store.Read(index);
        }
        catch (Exception e) when (WindowStore.IsOfDisk(e))
        {
            return [];
        }
    }

    private void Emit(int label, int rows)
    {
        var labelled = _context.Pool.Rent(_out!, rows);
        for (var c = 0; c < _plan.Input.Channels; c++)
        {
            _values.AsSpan(c * rows, rows).CopyTo(labelled.Channels[c].Writable<float>());
        }

        var column = labelled[Schema.LabelColumn];
        column.Writable<int>().Fill(label);
        for (var row = 0; row < rows; row++) { column.SetValid(row, true); }
        _output.Emit(labelled);
    }

    private void Saved()
    {
        try
        {
            _store.Saved();
        }
        catch (Exception e) when (WindowStore.IsOfDisk(e))
        {
            _context.Record("store-faults");
        }
    }
}
