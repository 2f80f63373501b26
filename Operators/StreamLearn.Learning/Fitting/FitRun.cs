using System.Globalization;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>Each epoch has its own random streams, so an interrupted one can be repeated.</summary>
internal sealed class FitRun : IStateful
{
    private const int RowsAtOnce = 256;     // rows per validation pass

    private readonly IModel _model;
    private readonly RecordedRows _rows;
    private readonly FitOptions _options;
    private readonly Workspace _memory;
    private readonly int[] _learned;
    private readonly int[] _held;
    private readonly ChannelMoments _moments;
    private readonly float[] _deviations;
    private readonly float[] _classWeights;
    private readonly TrainingState _state;
    private readonly float[] _best;
    private readonly Memory<float> _gradients;
    private readonly float[] _features;
    private readonly int[] _labels;
    private readonly float[] _targets;
    private readonly float[] _weights;
    private readonly float[] _scratch;
    private readonly List<FitEpoch> _epochs = [];
    private long _number;       // number of the step

    internal FitRun(IModel model, RecordedRows rows, FitOptions options, Workspace memory)
    {
        (_model, _rows, _options, _memory) = (model, rows, options, memory);
        (_learned, _held) = FitSplit.Of(rows, options);
        var plan = model.Plan;
        var moments = new RunningMoments(plan.Input);
        foreach (var row in _learned) { moments.Add(Row(row)); }
        _moments = moments.Take()!;
        _deviations = [.. Enumerable.Range(0, plan.Input.Channels).Select(c => (float)Math.Sqrt(_moments.Variance(c)))];
        _best = [.. model.Initial.Values];
        plan.SetScale(_moments, _best);
        _state = new(plan, options.Optimizer.StateValues, _best);
        _state.Keep();
        _gradients = plan.Zeros();
        (_features, _scratch) = (new float[Math.Max(options.BatchRows, RowsAtOnce) * plan.Input.Size], new float[plan.Input.Size]);
        var most = Math.Max(options.BatchRows, RowsAtOnce);
        (_labels, _targets, _weights) = (new int[most], new float[most], new float[most]);
        _classWeights = options.BalanceClasses && plan.Target == TargetKind.Label ? Balanced(plan.Classes) : [];
    }

    internal bool IsOver => End is not null;

    public string StateFormat => "fit/1";

    private FitEnd? End => _held.Length > 0 && _epochs is [.., { Validation.Loss: var loss }] && loss < _options.MinLoss ? FitEnd.Minimum
        : IsPatienceOver ? FitEnd.Patience
        : _epochs.Count == _options.Epochs ? FitEnd.Epochs
        : Steps >= _options.MaxSteps ? FitEnd.Steps
        : _epochs.Count > 0 && _options.Stop.IsCancellationRequested ? FitEnd.Stopped
        : null;

    private bool IsPatienceOver => _held.Length > 0 && _epochs.Count > 0 && _epochs.Count - _epochs[^1].BestEpoch is var waited
        && waited >= _options.Patience && waited * StepsOfEpoch >= _options.PatienceSteps;

    private long StepsOfEpoch => (_learned.Length + _options.BatchRows - 1) / _options.BatchRows;

    private long Steps => _epochs.Count * StepsOfEpoch;

    public void State(ref StateStream s)
    {
        var expected = Fingerprint();
        if (s.Value(expected) is var got && got != expected)
        {
            throw new StateException($"it is of another fit: expected {expected}, got {got}");
        }

        _state.State(ref s);
        s.Values<float>(_best);
        s.Value(ref _number);
        var count = s.Value(_epochs.Count, 0, int.MaxValue);
        for (var epoch = 1; epoch <= count; epoch++)
        {
            var known = s.IsReading ? null : _epochs[epoch - 1];
            var (loss, best, held) = (s.Value(known?.Loss ?? 0), s.Value(known?.BestEpoch ?? 0, 0, epoch), known?.Validation);
            if (s.Value(held is not null)) { Evaluation.State(ref s, ref held!); }
            if (s.IsReading) { _epochs.Add(new(epoch, _options.Epochs, loss, held, best)); }
        }
    }

    internal FitEpoch Next(CancellationToken cancellationToken)
    {
        var number = _epochs.Count + 1;
        var loss = Learn(number, cancellationToken);
        var held = _held.Length == 0 ? null : Evaluate(_held, _state.Weights);
        var best = _epochs.Count == 0 ? 0 : _epochs[^1].BestEpoch;
        if (held is null || best == 0 || held.Loss < _epochs[best - 1].Validation!.Loss)
        {
            best = number;
            _state.Weights.CopyTo(_best);
        }

        _epochs.Add(new(number, _options.Epochs, loss, held, best));
        return _epochs[^1];
    }

    internal FitResult Result()
    {
        var held = _held.Length == 0 ? null : Evaluate(_held, _best);
        return new()
        {
            Weights = new()
            {
                Version = 1,
                SchemaHash = _model.Plan.SchemaHash,
                Values = ImmutableArray.Create(_best),
                Scale = _moments,
            },
            Epochs = [.. _epochs],
            BestEpoch = _epochs[^1].BestEpoch,
            Steps = Steps,
            End = End ?? FitEnd.Stopped,
            Validation = held,
            Groups = [.. _held.GroupBy(_rows.GroupOf).OrderBy(static g => g.Key)
                .Select(g => (_rows.NameOf(g.Key), Evaluate([.. g], _best)))],
            ClassNames = [.. Enumerable.Range(0, _model.Plan.Classes).Select(_options.NameOf)],
        };
    }

    private double Learn(int epoch, CancellationToken cancellationToken)
    {
        var order = Shuffled(epoch);
        var random = new RandomStream(_options.Seed, $"augment {epoch}");
        var (loss, seen) = (0.0, 0L);
        for (var from = 0; from < order.Length; from += _options.BatchRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = order.AsSpan(from, Math.Min(_options.BatchRows, order.Length - from));
            var sample = Gather(rows, random);
            var step = _model.Step(
                _state.Weights, sample, _options.Optimizer, _state.Optimizer, _state.Counts.Steps + 1, _gradients.Span, _memory);
            if (float.IsFinite(step))
            {
                _state.Applied(rows.Length, step);
                (loss, seen) = (loss + (step * (double)rows.Length), seen + rows.Length);
            }
            else { _state.Failed(); }
        }

        _state.Mend();
        return seen == 0 ? 0 : loss / seen;
    }

    private Evaluation Evaluate(int[] rows, ReadOnlySpan<float> weights)
    {
        var board = new Scoreboard(_model);
        for (var from = 0; from < rows.Length; from += RowsAtOnce)
        {
            board.Score(weights, Gather(rows.AsSpan(from, Math.Min(RowsAtOnce, rows.Length - from)), null), _memory);
        }

        return board.Take("", 1);
    }

    private Sample Gather(ReadOnlySpan<int> rows, RandomStream? augment)
    {
        var size = _model.Plan.Input.Size;
        for (var i = 0; i < rows.Length; i++)
        {
            var row = _features.AsSpan(i * size, size);
            Row(rows[i]).CopyTo(row);
            _labels[i] = _rows.Labels.IsEmpty ? 0 : _rows.Labels.Span[rows[i]];
            _targets[i] = _rows.Targets.IsEmpty ? 0 : _rows.Targets.Span[rows[i]];
            _weights[i] = _classWeights.Length == 0 ? 1 : _classWeights[_labels[i]];
            if (augment is null) { continue; }
            foreach (var change in _options.Augment) { change.Apply(row, _model.Plan.Input, _deviations, augment, _scratch); }
        }

        return new(_features.AsSpan(0, rows.Length * size), _labels.AsSpan(0, rows.Length))
        {
            Number = augment is null ? 0 : ++_number,
            Targets = _rows.Targets.IsEmpty ? default : _targets.AsSpan(0, rows.Length),
            RowWeights = augment is null || _classWeights.Length == 0 ? default : _weights.AsSpan(0, rows.Length),
        };
    }

    private int[] Shuffled(int epoch)
    {
        var (order, random) = (_learned.ToArray(), new RandomStream(_options.Seed, $"order {epoch}"));
        FitSplit.Shuffle(order, random);
        return order;
    }

    private float[] Balanced(int classes)
    {
        var counts = new int[classes];
        foreach (var row in _learned) { counts[_rows.Labels.Span[row]]++; }
        var present = counts.Count(static c => c > 0);
        return [.. counts.Select(c => c == 0 ? 0 : (float)_learned.Length / (present * c))];
    }

    private ReadOnlySpan<float> Row(int row) => _rows.Features.Span.Slice(row * _model.Plan.Input.Size, _model.Plan.Input.Size);

    private string Fingerprint()
    {
        var sum = Crc32C.Of(MemoryMarshal.AsBytes(_rows.Features.Span));
        sum = Crc32C.Of(sum, MemoryMarshal.AsBytes(_rows.Labels.Span));
        sum = Crc32C.Of(sum, MemoryMarshal.AsBytes(_rows.Targets.Span));
        return string.Create(CultureInfo.InvariantCulture, $"{_model.Structure}, {_rows.Count} rows {sum:x8}, {_options.Optimizer}, ")
            + string.Create(CultureInfo.InvariantCulture, $"batch {_options.BatchRows}, seed {_options.Seed}, {_held.Length} held back, ")
            + $"{(_options.BalanceClasses ? "balanced, " : "")}{string.Join(", ", _options.Augment)}";
    }
}
